#include "services/billing/plan_handlers.h"

#include <string>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/period.h"
#include "services/billing/names.h"
#include "services/billing/timers.h"

namespace frontdesk::billing {
namespace {

absl::Status AlreadyExists(std::string_view type, std::string_view name) {
  return WithResource(WithMetadata(Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                                         std::string(type) + " already exists"),
                                   "name", name),
                      type, name);
}

absl::StatusOr<bool> HasBacklog(const db::Context& ctx, const db::Reader& reader) {
  bool found = false;
  FD_RETURN_IF_ERROR(reader.Scan(kBacklog.Key(ctx.tenant), "", [&](auto, auto) {
    found = true;
    return false;
  }));
  return found;
}

}  // namespace

absl::Status CreatePlan(std::string_view id, const v1::Plan& draft, const db::Context& ctx,
                        db::Txn& txn, v1::Plan* result) {
  const std::string plan_id = id.empty() ? ctx.NewId() : std::string(id);
  const std::string key = kPlans.Key(ctx.tenant, plan_id);
  records::PlanRecord record;
  v1::Plan& plan = *record.mutable_plan();
  plan = draft;
  plan.set_name(NameOf(ctx.tenant, collection::kPlans, plan_id));
  ToProto(ctx.now, plan.mutable_create_time());
  FD_ASSIGN_OR_RETURN(const auto existing, kPlans.Find(txn, key));
  if (existing.has_value()) return AlreadyExists("plan", plan.name());
  kPlans.Put(txn, key, record);
  *result = std::move(plan);
  return absl::OkStatus();
}

absl::Status CreateSubscription(std::string_view id, const v1::Subscription& draft,
                                const db::Context& ctx, db::Txn& txn, v1::Subscription* result) {
  const std::string key = kSubscriptions.Key(ctx.tenant);
  FD_ASSIGN_OR_RETURN(const auto existing, kSubscriptions.Find(txn, key));
  if (existing.has_value()) {
    return AlreadyExists("subscription", existing->subscription().name());
  }
  FD_ASSIGN_OR_RETURN(const std::string plan_id,
                      ParseName(ctx.tenant, draft.plan(), collection::kPlans, "subscription.plan"));
  FD_ASSIGN_OR_RETURN(auto plan, kPlans.Load(txn, kPlans.Key(ctx.tenant, plan_id), draft.plan()));
  records::SubscriptionRecord record;
  *record.mutable_plan() = std::move(*plan.mutable_plan());
  v1::Subscription& subscription = *record.mutable_subscription();
  subscription = draft;
  subscription.set_name(
      NameOf(ctx.tenant, collection::kSubscriptions, id.empty() ? ctx.NewId() : std::string(id)));
  const absl::Time start = draft.has_start_time() ? FromProto(draft.start_time()) : ctx.now;
  ToProto(start, subscription.mutable_start_time());
  ToProto(PeriodOf(start).start, subscription.mutable_next_invoice_start_time());
  ToProto(ctx.now, subscription.mutable_create_time());
  FD_ASSIGN_OR_RETURN(const bool has_backlog, HasBacklog(ctx, txn));
  if (has_backlog) {
    record.set_backlog_generation(1);
    txn.SetTimer(BacklogTimer(ctx.tenant, ctx.now, 1));
  }
  kSubscriptions.Put(txn, key, record);
  *result = subscription;
  return absl::OkStatus();
}

}  // namespace frontdesk::billing
