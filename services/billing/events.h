#pragma once

#include <vector>

#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/billing/domain/records.h"
#include "services/billing/keys.h"

// What others hear: topic frontdesk.billing.v1, key "{tenant}/{subject}".
namespace frontdesk::billing {

inline constexpr size_t kMaxUsagesPerEvent = 100;

// 1 to kMaxUsagesPerEvent usages.
db::OutgoingEvent UsageRecordedEvent(const db::Context& ctx, const std::vector<v1::Usage>& usages);
// `usage` is of a resolved conversation and rated under `plan`.
db::OutgoingEvent OutcomeBilledEvent(const db::Context& ctx, const v1::Usage& usage,
                                     const v1::Plan& plan);
db::OutgoingEvent InvoiceIssuedEvent(const db::Context& ctx, const v1::Invoice& invoice);

}  // namespace frontdesk::billing
