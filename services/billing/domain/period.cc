#include "services/billing/domain/period.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/billing/domain/convert.h"

namespace frontdesk::billing {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
constexpr uint32_t kMaxDays = 366;
constexpr int64_t kEndOfYears = 253'402'300'800;  // 10000-01-01

absl::Time MidnightOf(absl::CivilMonth month) {
  return absl::FromCivil(absl::CivilDay(month), absl::UTCTimeZone());
}

absl::Status NotBillable(std::string_view why, const Period& period) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "PERIOD_NOT_BILLABLE", why),
                      "period", std::to_string(PeriodNumber(period)));
}

absl::StatusOr<uint32_t> ParseMidnight(const google::protobuf::Timestamp& time,
                                       std::string_view field) {
  FD_RETURN_IF_ERROR(ParseTime(time, field).status());
  if (time.nanos() == 0 && time.seconds() % kSecondsPerDay == 0) {
    return static_cast<uint32_t>(time.seconds() / kSecondsPerDay);
  }
  return InvalidField(field, "must be midnight UTC");
}

}  // namespace

Period PeriodOf(absl::Time time) {
  const absl::CivilMonth month = absl::ToCivilMonth(time, absl::UTCTimeZone());
  return {MidnightOf(month), MidnightOf(month + 1)};
}

uint32_t PeriodNumber(const Period& period) {
  const absl::CivilMonth month = absl::ToCivilMonth(period.start, absl::UTCTimeZone());
  return static_cast<uint32_t>(month.year() * 100 + month.month());
}

uint32_t DayNumber(absl::Time time) {
  return static_cast<uint32_t>(std::max<int64_t>(absl::ToUnixSeconds(time), 0) / kSecondsPerDay);
}

absl::StatusOr<absl::Time> ParseTime(const google::protobuf::Timestamp& time,
                                     std::string_view field) {
  if (time.seconds() < 0 || time.seconds() >= kEndOfYears || time.nanos() < 0 ||
      time.nanos() >= 1'000'000'000) {
    return InvalidField(field, "must be a time in the years 1970 to 9999");
  }
  return FromProto(time);
}

absl::StatusOr<Period> ParsePeriod(const google::protobuf::Timestamp& start,
                                   std::string_view field) {
  FD_ASSIGN_OR_RETURN(const absl::Time time, ParseTime(start, field));
  const Period period = PeriodOf(time);
  if (period.start == time) return period;
  return InvalidField(field, "must be the first moment of a month in UTC");
}

absl::StatusOr<Days> ParseDays(const google::protobuf::Timestamp& start,
                               const google::protobuf::Timestamp& end) {
  FD_ASSIGN_OR_RETURN(const uint32_t first, ParseMidnight(start, "start_time"));
  FD_ASSIGN_OR_RETURN(const uint32_t last, ParseMidnight(end, "end_time"));
  if (last <= first || last - first > kMaxDays) {
    return InvalidField("end_time", "must be 1 to 366 days after start_time");
  }
  return Days{first, last};
}

bool Covers(const v1::Subscription& subscription, absl::Time use_time) {
  return use_time >= FromProto(subscription.start_time());
}

Period RatingPeriod(const v1::Subscription& subscription, absl::Time use_time) {
  return PeriodOf(std::max(use_time, FromProto(subscription.next_invoice_start_time())));
}

absl::Status CheckPreviewable(const v1::Subscription& subscription, const Period& period) {
  if (period.start < PeriodOf(FromProto(subscription.start_time())).start) {
    return NotBillable("the subscription had not begun in this month", period);
  }
  if (period.start < FromProto(subscription.next_invoice_start_time())) {
    return NotBillable("the month has its invoice", period);
  }
  return absl::OkStatus();
}

absl::Status CheckIssuable(const v1::Subscription& subscription, const Period& period,
                           absl::Time now) {
  FD_RETURN_IF_ERROR(CheckPreviewable(subscription, period));
  if (period.start > FromProto(subscription.next_invoice_start_time())) {
    return NotBillable("the month before it has no invoice yet", period);
  }
  if (now < period.end) return NotBillable("the month is not over", period);
  return absl::OkStatus();
}

}  // namespace frontdesk::billing
