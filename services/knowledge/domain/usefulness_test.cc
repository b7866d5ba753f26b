#include "services/knowledge/domain/usefulness.h"

#include <catch2/catch.hpp>

#include "services/knowledge/domain/calendar.h"

using namespace frontdesk::knowledge;

TEST_CASE("an article is as weak as its votes prove") {
  struct Case {
    int helpful, not_helpful, solved, not_solved;
    int low, high;  // basis points
  };
  const Case cases[] = {
      {0, 0, 0, 0, 0, 0},        {9, 0, 9, 0, 0, 0},           {0, 1, 0, 0, 3500, 4000},
      {0, 10, 0, 0, 8500, 8700}, {0, 5, 0, 5, 8500, 8700},     {10, 10, 0, 0, 3500, 3700},
      {0, 0, 99, 1, 1, 100},     {500, 500, 0, 0, 4700, 4900},
  };
  for (const Case& one : cases) {
    v1::Usefulness figures;
    figures.set_helpful_count(one.helpful);
    figures.set_not_helpful_count(one.not_helpful);
    figures.set_solved_count(one.solved);
    figures.set_not_solved_count(one.not_solved);
    INFO(figures.ShortDebugString());
    CHECK(WeaknessBps(figures) >= one.low);
    CHECK(WeaknessBps(figures) <= one.high);
  }
}

TEST_CASE("reasons are counted by kind, and go when nothing is left of them") {
  v1::Usefulness figures;
  CountReason(figures, v1::RATING_REASON_UNSPECIFIED, 1);
  CountReason(figures, v1::RATING_REASON_OTHER, 1);
  CountReason(figures, v1::RATING_REASON_WRONG, 2);
  REQUIRE(figures.reasons_size() == 2);
  CHECK(figures.reasons(0).reason() == v1::RATING_REASON_WRONG);
  CountReason(figures, v1::RATING_REASON_WRONG, -2);
  CountReason(figures, v1::RATING_REASON_OUTDATED, -1);
  REQUIRE(figures.reasons_size() == 1);
  v1::Usefulness total;
  AddUp(figures, total);
  AddUp(figures, total);
  CHECK(total.reasons(0).count() == 2);
}

TEST_CASE("days begin at midnight and weeks on Monday, UTC") {
  struct Case {
    const char* time;
    const char* week;
    bool sunday;
  };
  const Case cases[] = {
      {"2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", true},
      {"2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", false},
      {"2024-02-29T12:00:00Z", "2024-02-26T00:00:00Z", false},
      {"1970-01-05T00:00:00Z", "1970-01-05T00:00:00Z", false},
      {"1970-01-04T00:00:00Z", "1970-01-05T00:00:00Z", true},
  };
  for (const Case& one : cases) {
    INFO(one.time);
    absl::Time time, week;
    REQUIRE(absl::ParseTime(absl::RFC3339_full, one.time, &time, nullptr));
    REQUIRE(absl::ParseTime(absl::RFC3339_full, one.week, &week, nullptr));
    CHECK(StartOfWeek(WeekOf(time)) == week);
    CHECK(IsSunday(DayOf(time)) == one.sunday);
    CHECK(StartOfDay(DayOf(time)) <= time);
    CHECK(StartOfDay(DayOf(time) + 1) > time);
  }
  CHECK(DayOf(absl::UnixEpoch() - absl::Hours(50)) == 0);
}
