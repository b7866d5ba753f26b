#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/store/command.h"
#include "libs/store/reader.h"
#include "libs/store/txn.h"
#include "services/billing/domain/period.h"
#include "services/billing/domain/records.h"
#include "services/billing/keys.h"
#include "services/billing/metrics.h"

// The invoice of a month: previewed by reads, issued on the committer.
namespace frontdesk::billing {

// The tenant's subscription if `name` is its name, else NOT_FOUND.
absl::StatusOr<records::SubscriptionRecord> LoadSubscription(const db::Reader& reader,
                                                             std::string_view tenant,
                                                             std::string_view name);

// FAILED_PRECONDITION (PERIOD_NOT_BILLABLE, with the invoice if there is one), NOT_FOUND.
absl::StatusOr<v1::Invoice> PreviewInvoice(const db::Reader& reader, std::string_view tenant,
                                           std::string_view subscription, const Period& period);

// The same month, once: FAILED_PRECONDITION (PERIOD_NOT_BILLABLE) unless it is over and the next
// to be invoiced; UNAVAILABLE while use from before the subscription is being rated.
absl::Status IssueInvoice(const Metrics& metrics, std::string_view subscription,
                          const Period& period, const db::Context& ctx, db::Txn& txn,
                          v1::Invoice* result);

}  // namespace frontdesk::billing
