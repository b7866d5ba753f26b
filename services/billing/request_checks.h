#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/billing/v1/billing_service.pb.h"
#include "services/billing/domain/period.h"

// The shape of what callers send, before anything is submitted. Errors are INVALID_ARGUMENT naming
// the field.
namespace frontdesk::billing {

inline constexpr int kMaxUsagesPerRequest = 500;

absl::Status CheckCreatePlan(std::string_view tenant, const v1::CreatePlanRequest& request);
absl::Status CheckCreateSubscription(std::string_view tenant,
                                     const v1::CreateSubscriptionRequest& request);
absl::Status CheckRecordUsage(std::string_view tenant, const v1::RecordUsageRequest& request,
                              absl::Time now);
absl::Status CheckListUsages(std::string_view tenant, const v1::ListUsagesRequest& request);
absl::Status CheckListLedgerEntries(std::string_view tenant,
                                    const v1::ListLedgerEntriesRequest& request);
// The month asked for, or that of `now`.
absl::StatusOr<Period> PreviewedPeriod(std::string_view tenant,
                                       const v1::PreviewInvoiceRequest& request, absl::Time now);
absl::StatusOr<Period> IssuedPeriod(std::string_view tenant,
                                    const v1::IssueInvoiceRequest& request);

}  // namespace frontdesk::billing
