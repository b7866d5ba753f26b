#include "services/billing/domain/period.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <string>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "services/billing/domain/convert.h"

namespace frontdesk::billing {
namespace {

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, text, &time, &error));
  return time;
}

google::protobuf::Timestamp Stamp(const std::string& text) {
  google::protobuf::Timestamp stamp;
  ToProto(At(text), &stamp);
  return stamp;
}

v1::Subscription SubscriptionFrom(const std::string& start, const std::string& next_invoice) {
  v1::Subscription subscription;
  *subscription.mutable_start_time() = Stamp(start);
  *subscription.mutable_next_invoice_start_time() = Stamp(next_invoice);
  return subscription;
}

TEST_CASE("a moment belongs to one UTC month, whatever the offset it is written with") {
  struct Case {
    std::string time;
    uint32_t number;
    std::string start;
    std::string end;
  };
  const Case cases[] = {
      {"2026-11-22T05:00:00Z", 202611, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
      {"2026-11-01T00:00:00Z", 202611, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
      {"2026-11-30T23:59:59.999999Z", 202611, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
      {"2026-12-31T23:59:59Z", 202612, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
      {"2027-01-01T07:59:59+08:00", 202612, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
      {"2026-12-31T16:00:00-08:00", 202701, "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"},
      {"2028-02-29T12:00:00Z", 202802, "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
      {"2026-02-28T23:59:59Z", 202602, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
  };
  for (const Case& c : cases) {
    INFO(c.time);
    const Period period = PeriodOf(At(c.time));
    CHECK(PeriodNumber(period) == c.number);
    CHECK(period.start == At(c.start));
    CHECK(period.end == At(c.end));
  }
}

TEST_CASE("months follow one another without gap or overlap") {
  rc::check("every moment is in exactly its own month", [] {
    const int64_t seconds = *rc::gen::inRange<int64_t>(0, 253'402'300'800);
    const absl::Time time = absl::FromUnixSeconds(seconds);
    const Period period = PeriodOf(time);
    RC_ASSERT(period.start <= time);
    RC_ASSERT(time < period.end);
    RC_ASSERT(PeriodOf(period.end).start == period.end);
    RC_ASSERT(PeriodOf(period.end - absl::Microseconds(1)) == period);
  });
}

TEST_CASE("a period is asked for by the first moment of a month, in UTC") {
  CHECK(ParsePeriod(Stamp("2026-11-01T00:00:00Z"), "p").ok());
  for (const char* wrong : {"2026-11-02T00:00:00Z", "2026-11-01T00:00:01Z",
                            "2026-11-01T00:00:00.000001Z", "2026-11-01T00:00:00+08:00"}) {
    INFO(wrong);
    const auto period = ParsePeriod(Stamp(wrong), "p");
    REQUIRE_FALSE(period.ok());
    CHECK(DetailsOf(period.status()).fields.at(0).first == "p");
  }
  google::protobuf::Timestamp out_of_range;
  out_of_range.set_seconds(-1);
  CHECK_FALSE(ParsePeriod(out_of_range, "p").ok());
  out_of_range.set_seconds(253'402'300'800);
  CHECK_FALSE(ParsePeriod(out_of_range, "p").ok());
  out_of_range.set_seconds(0);
  out_of_range.set_nanos(1'000'000'000);
  CHECK_FALSE(ParsePeriod(out_of_range, "p").ok());
}

TEST_CASE("days are whole, in order, and at most 366") {
  const auto days = ParseDays(Stamp("2026-11-01T00:00:00Z"), Stamp("2026-12-01T00:00:00Z"));
  REQUIRE(days.ok());
  CHECK(days->end - days->first == 30);
  CHECK(days->first == DayNumber(At("2026-11-01T23:59:59Z")));
  struct Case {
    std::string start;
    std::string end;
    std::string field;
  };
  const Case cases[] = {
      {"2026-11-01T00:00:01Z", "2026-12-01T00:00:00Z", "start_time"},
      {"2026-11-01T00:00:00Z", "2026-12-01T12:00:00Z", "end_time"},
      {"2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "end_time"},
      {"2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", "end_time"},
      {"2026-01-01T00:00:00Z", "2027-01-03T00:00:00Z", "end_time"},
  };
  for (const Case& c : cases) {
    const auto refused = ParseDays(Stamp(c.start), Stamp(c.end));
    REQUIRE_FALSE(refused.ok());
    CHECK(DetailsOf(refused.status()).fields.at(0).first == c.field);
  }
}

TEST_CASE("use is billed with its month, or with the earliest that has no invoice") {
  const auto subscription = SubscriptionFrom("2026-09-15T00:00:00Z", "2026-11-01T00:00:00Z");
  CHECK_FALSE(Covers(subscription, At("2026-09-14T23:59:59Z")));
  CHECK(Covers(subscription, At("2026-09-15T00:00:00Z")));
  CHECK(PeriodNumber(RatingPeriod(subscription, At("2026-10-31T23:59:59Z"))) == 202611);
  CHECK(PeriodNumber(RatingPeriod(subscription, At("2026-11-30T00:00:00Z"))) == 202611);
  CHECK(PeriodNumber(RatingPeriod(subscription, At("2026-12-01T00:00:00Z"))) == 202612);
}

TEST_CASE("months are invoiced in order, once, and when they are over") {
  const auto subscription = SubscriptionFrom("2026-09-15T00:00:00Z", "2026-11-01T00:00:00Z");
  struct Case {
    std::string month;
    std::string now;
    bool preview;
    bool issue;
  };
  const Case cases[] = {
      {"2026-08-01T00:00:00Z", "2027-01-01T00:00:00Z", false, false},  // before its start
      {"2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z", false, false},  // has its invoice
      {"2026-11-01T00:00:00Z", "2026-11-30T23:59:59Z", true, false},   // not over
      {"2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", true, true},
      {"2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", true, false},  // November comes first
  };
  for (const Case& c : cases) {
    INFO(c.month << " at " << c.now);
    const Period period = PeriodOf(At(c.month));
    CHECK(CheckPreviewable(subscription, period).ok() == c.preview);
    const absl::Status issuable = CheckIssuable(subscription, period, At(c.now));
    CHECK(issuable.ok() == c.issue);
    if (!c.issue) CHECK(ReasonOf(issuable) == "PERIOD_NOT_BILLABLE");
  }
}

}  // namespace
}  // namespace frontdesk::billing
