#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "frontdesk/billing/v1/billing_service.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/billing/domain/records.h"
#include "services/billing/keys.h"
#include "services/billing/metrics.h"

// Handlers about use. They run on the committer.
namespace frontdesk::billing {

// The request's shape is checked.
absl::Status RecordReportedUsage(const Metrics& metrics, const v1::RecordUsageRequest& request,
                                 const db::Context& ctx, db::Txn& txn,
                                 v1::RecordUsageResponse* response);

// Use that an event tells of. One that is known with another payload is counted and logged, and
// changes nothing: the event is no poison.
absl::Status RecordEventUsage(const Metrics& metrics, v1::Usage usage, const db::Context& ctx,
                              db::Txn& txn);

// Rates what waits for the tenant's subscription: one row of the backlog, then sets the timer for
// the next one. No effect for a timer of another generation.
absl::Status RateBacklog(const Metrics& metrics, const db::Context& ctx, db::Txn& txn);

// OK without a row in the backlog, or UNAVAILABLE (NOT_READY): it is being rated.
absl::Status CheckBacklogDone(const records::SubscriptionRecord& subscription);

}  // namespace frontdesk::billing
