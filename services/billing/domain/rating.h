#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/money.h"
#include "services/billing/domain/period.h"
#include "services/billing/domain/records.h"

// What use costs. Integers only: units × micros.
namespace frontdesk::billing {

// The price of a meter in a plan; nullptr: the meter is free.
const v1::MeterPrice* FindPrice(const v1::Plan& plan, v1::Meter meter);

// The price of `quantity` units that come after `before` others of the same month. The first units
// to arrive are the included ones; since all others have one price, the sum over a month depends
// neither on the order of arrival nor on how units were put together. OUT_OF_RANGE
// (AMOUNT_OVERFLOW).
absl::StatusOr<Money> Rate(const v1::Plan& plan, v1::Meter meter, int64_t before, int64_t quantity);

// Adds use to a month and gives what it costs. INTERNAL for a month that has its invoice.
absl::StatusOr<Money> Accrue(const v1::Plan& plan, v1::Meter meter, int64_t quantity,
                             records::PeriodRecord& period);

// The invoice of a month as its accruals stand: base fee, one line for each priced meter, total,
// and the postings that it makes. Without name, time and group. INTERNAL when a line is not what
// was accrued.
absl::StatusOr<v1::Invoice> DraftInvoice(const records::SubscriptionRecord& subscription,
                                         const Period& period,
                                         const records::PeriodRecord& accrued);

}  // namespace frontdesk::billing
