#include "services/billing/tenants.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "absl/time/civil_time.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/process/tenants_load.h"
#include "services/billing/domain/convert.h"
#include "services/billing/domain/plan.h"
#include "services/billing/keys.h"
#include "services/billing/names.h"
#include "services/billing/plan_handlers.h"

namespace frontdesk::billing {
namespace {

absl::Status Differs(std::string_view what, std::string_view id) {
  return WithMetadata(
      Error(absl::StatusCode::kFailedPrecondition, "INVALID_CONFIG",
            fmt::format("{} '{}' is not what the tenants file says and can't be changed: money was "
                        "or may be charged under it; give the new one another id",
                        what, id)),
      "key", fmt::format("{}.{}", what, id));
}

void AddPrice(v1::Meter meter, int64_t micros, int64_t included, v1::Plan& plan) {
  v1::MeterPrice& price = *plan.add_meter_prices();
  price.set_meter(meter);
  ToProto(Money{plan.base_fee().currency_code(), micros}, price.mutable_unit_price());
  price.set_included_units(included);
}

v1::Plan PlanOf(const rpc::PlanEntry& entry) {
  v1::Plan plan;
  plan.set_display_name(entry.display_name);
  ToProto(Money{entry.currency, entry.base_fee_micros}, plan.mutable_base_fee());
  AddPrice(v1::METER_MESSAGES, entry.message_micros, entry.included_messages, plan);
  AddPrice(v1::METER_BOT_RESOLUTIONS, entry.bot_resolution_micros, entry.included_bot_resolutions,
           plan);
  return plan;
}

v1::Subscription SubscriptionOf(std::string_view tenant, const rpc::SubscriptionEntry& entry) {
  v1::Subscription subscription;
  subscription.set_plan(NameOf(tenant, collection::kPlans, entry.plan));
  if (!entry.account.empty()) {
    subscription.set_account(NameOf(tenant, collection::kAccounts, entry.account));
  }
  absl::CivilDay day;
  if (!entry.start_date.empty() && absl::ParseCivilTime(entry.start_date, &day)) {
    ToProto(absl::FromCivil(day, absl::UTCTimeZone()), subscription.mutable_start_time());
  }
  return subscription;
}

absl::Status LoadPlan(const rpc::PlanEntry& entry, const db::Context& ctx, db::Txn& txn) {
  const v1::Plan plan = PlanOf(entry);
  FD_RETURN_IF_ERROR(CheckPlan(plan));
  FD_ASSIGN_OR_RETURN(const auto existing, kPlans.Find(txn, kPlans.Key(ctx.tenant, entry.id)));
  if (!existing.has_value()) {
    v1::Plan made;
    return CreatePlan(entry.id, plan, ctx, txn, &made);
  }
  return SamePlan(existing->plan(), plan) ? absl::OkStatus() : Differs("plan", entry.id);
}

absl::Status LoadSubscriptionEntry(const rpc::SubscriptionEntry& entry, const db::Context& ctx,
                                   db::Txn& txn) {
  const v1::Subscription wanted = SubscriptionOf(ctx.tenant, entry);
  FD_ASSIGN_OR_RETURN(const auto existing,
                      kSubscriptions.Find(txn, kSubscriptions.Key(ctx.tenant)));
  if (!existing.has_value()) {
    v1::Subscription made;
    return CreateSubscription(entry.id, wanted, ctx, txn, &made);
  }
  const v1::Subscription& has = existing->subscription();
  const bool same =
      IdOf(has.name()) == entry.id && has.plan() == wanted.plan() &&
      has.account() == wanted.account() &&
      (!wanted.has_start_time() || FromProto(has.start_time()) == FromProto(wanted.start_time()));
  return same ? absl::OkStatus() : Differs("subscription", entry.id);
}

absl::Status LoadTenant(const rpc::TenantEntry& tenant, const db::Context& ctx, db::Txn& txn) {
  for (const rpc::PlanEntry& plan : tenant.plans) FD_RETURN_IF_ERROR(LoadPlan(plan, ctx, txn));
  for (const rpc::SubscriptionEntry& subscription : tenant.subscriptions) {
    FD_RETURN_IF_ERROR(LoadSubscriptionEntry(subscription, ctx, txn));
  }
  return absl::OkStatus();
}

}  // namespace

void LoadBilling(const rpc::TenantsFile& tenants, bus::ShardSet& shards,
                 absl::AnyInvocable<void(absl::Status)> done) {
  const auto load = process::TenantsLoad::Begin(shards, std::move(done));
  for (const rpc::TenantEntry& tenant : tenants.tenants) {
    if (tenant.plans.empty() && tenant.subscriptions.empty()) continue;
    load->Submit(tenant.id, "LoadBilling",
                 [tenant](const db::Context& ctx, db::Txn& txn, db::Reply&) {
                   return LoadTenant(tenant, ctx, txn);
                 });
  }
}

}  // namespace frontdesk::billing
