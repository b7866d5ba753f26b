#include "services/billing/request_checks.h"

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/base/ulid.h"
#include "services/billing/domain/ledger.h"
#include "services/billing/domain/plan.h"
#include "services/billing/domain/usage.h"
#include "services/billing/names.h"

namespace frontdesk::billing {
namespace {

constexpr size_t kMaxSourceBytes = 64;

absl::Status CheckWishedId(std::string_view id, std::string_view field) {
  return id.empty() ? absl::OkStatus() : ValidateId(id, field);
}

}  // namespace

absl::Status CheckCreatePlan(std::string_view tenant, const v1::CreatePlanRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(tenant, request.parent()));
  FD_RETURN_IF_ERROR(CheckWishedId(request.plan_id(), "plan_id"));
  return CheckPlan(request.plan());
}

absl::Status CheckCreateSubscription(std::string_view tenant,
                                     const v1::CreateSubscriptionRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(tenant, request.parent()));
  FD_RETURN_IF_ERROR(CheckWishedId(request.subscription_id(), "subscription_id"));
  const v1::Subscription& subscription = request.subscription();
  FD_RETURN_IF_ERROR(
      ParseName(tenant, subscription.plan(), collection::kPlans, "subscription.plan").status());
  if (!subscription.account().empty()) {
    FD_RETURN_IF_ERROR(
        ParseName(tenant, subscription.account(), collection::kAccounts, "subscription.account")
            .status());
  }
  if (!subscription.has_start_time()) return absl::OkStatus();
  return ParseTime(subscription.start_time(), "subscription.start_time").status();
}

absl::Status CheckRecordUsage(std::string_view tenant, const v1::RecordUsageRequest& request,
                              absl::Time now) {
  FD_RETURN_IF_ERROR(CheckParent(tenant, request.parent()));
  if (request.usages().empty() || request.usages_size() > kMaxUsagesPerRequest) {
    return InvalidField("usages", fmt::format("must have 1 to {} entries", kMaxUsagesPerRequest));
  }
  for (int i = 0; i < request.usages_size(); ++i) {
    FD_RETURN_IF_ERROR(CheckReported(tenant, request.usages(i), now, fmt::format("usages[{}]", i)));
  }
  return absl::OkStatus();
}

absl::Status CheckListUsages(std::string_view tenant, const v1::ListUsagesRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(tenant, request.parent()));
  if (request.source().size() <= kMaxSourceBytes) return absl::OkStatus();
  return InvalidField("source", "must have at most 64 characters");
}

absl::Status CheckListLedgerEntries(std::string_view tenant,
                                    const v1::ListLedgerEntriesRequest& request) {
  FD_RETURN_IF_ERROR(CheckParent(tenant, request.parent()));
  if (!request.ledger_account().empty() && !IsLedgerAccount(request.ledger_account())) {
    return InvalidField("ledger_account", "must be a ledger account such as \"receivable\"");
  }
  if (request.group_id().empty() || IsUlid(request.group_id())) return absl::OkStatus();
  return InvalidField("group_id", "must be a lower-case ULID");
}

absl::StatusOr<Period> PreviewedPeriod(std::string_view tenant,
                                       const v1::PreviewInvoiceRequest& request, absl::Time now) {
  FD_RETURN_IF_ERROR(
      ParseName(tenant, request.subscription(), collection::kSubscriptions, "subscription")
          .status());
  if (!request.has_period_start_time()) return PeriodOf(now);
  return ParsePeriod(request.period_start_time(), "period_start_time");
}

absl::StatusOr<Period> IssuedPeriod(std::string_view tenant,
                                    const v1::IssueInvoiceRequest& request) {
  FD_RETURN_IF_ERROR(
      ParseName(tenant, request.subscription(), collection::kSubscriptions, "subscription")
          .status());
  if (!request.has_period_start_time()) return InvalidField("period_start_time", "is required");
  return ParsePeriod(request.period_start_time(), "period_start_time");
}

}  // namespace frontdesk::billing
