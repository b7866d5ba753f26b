#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/billing/domain/records.h"

// Months and days of billing. All in UTC, whatever the tenant's zone: one zone, no day that is
// counted twice or not at all.
namespace frontdesk::billing {

// A UTC calendar month.
struct Period {
  absl::Time start;
  absl::Time end;  // first moment after

  friend bool operator==(const Period&, const Period&) = default;
};

Period PeriodOf(absl::Time time);
// 202611 for November 2026.
uint32_t PeriodNumber(const Period& period);
// Days since 1970-01-01; 0 for what is before.
uint32_t DayNumber(absl::Time time);

// INVALID_ARGUMENT naming `field` unless it lies in the years 1970 to 9999.
absl::StatusOr<absl::Time> ParseTime(const google::protobuf::Timestamp& time,
                                     std::string_view field);
// INVALID_ARGUMENT naming `field` unless it is the first moment of a month.
absl::StatusOr<Period> ParsePeriod(const google::protobuf::Timestamp& start,
                                   std::string_view field);
// Whole days, `end` after `start`, at most 366; INVALID_ARGUMENT naming start_time or end_time.
struct Days {
  uint32_t first = 0;
  uint32_t end = 0;  // first day after
};
absl::StatusOr<Days> ParseDays(const google::protobuf::Timestamp& start,
                               const google::protobuf::Timestamp& end);

// A subscription covers use from its start on.
bool Covers(const v1::Subscription& subscription, absl::Time use_time);
// The month with which use is billed: its own, or the earliest without an invoice. An invoice never
// changes, and no use is lost.
Period RatingPeriod(const v1::Subscription& subscription, absl::Time use_time);

// FAILED_PRECONDITION (PERIOD_NOT_BILLABLE) for a month before the next to be invoiced.
absl::Status CheckPreviewable(const v1::Subscription& subscription, const Period& period);
// FAILED_PRECONDITION (PERIOD_NOT_BILLABLE) unless it is the next one and over.
absl::Status CheckIssuable(const v1::Subscription& subscription, const Period& period,
                           absl::Time now);

}  // namespace frontdesk::billing
