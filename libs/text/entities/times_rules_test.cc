#include <array>
#include <string>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "libs/text/entities/found_for_test.h"

namespace frontdesk::text {
namespace {

constexpr std::array<std::string_view, 7> kChineseDays = {"一", "二", "三", "四", "五", "六", "日"};
constexpr std::array<std::string_view, 7> kEnglishDays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

// 0 = Monday, counted from a Monday that is known: 5 January 1970.
int WeekdayOf(absl::CivilDay day) {
  const int64_t since = day - absl::CivilDay(1970, 1, 5);
  return static_cast<int>(((since % 7) + 7) % 7);
}

EntityContext At(absl::CivilSecond now, const std::string& zone) {
  EntityContext context;
  context.zone = ZoneForTest(zone);
  context.now = absl::FromCivil(now, context.zone);
  return context;
}

std::string DayText(absl::CivilDay day, const EntityContext& context) {
  return FormatTime({.begin = absl::FromCivil(absl::CivilSecond(day), context.zone)}, context.zone);
}

std::string ValueOf(const EntityFinder& finder, std::string_view text,
                    const EntityContext& context) {
  absl::StatusOr<std::vector<Entity>> found = finder.Find(text, context);
  REQUIRE(found.ok());
  if (found->size() != 1 || found->front().text != text) return "not one: " + std::string(text);
  return found->front().value;
}

const EntityFinder& Finder() {
  static const EntityFinder* const finder =
      new EntityFinder(FinderForTest(Only({EntityType::kTime, EntityType::kDuration})));
  return *finder;
}

TEST_CASE("weekdays are counted from any day of the year") {
  for (int n = 0; n < 400; n += 3) {
    const absl::CivilDay today = absl::CivilDay(2026, 11, 18) + n;
    const EntityContext context = At(absl::CivilSecond(today) + 36'000, "Asia/Shanghai");
    const absl::CivilDay monday = today - WeekdayOf(today);
    for (int d = 0; d < 7; ++d) {
      absl::CivilDay next = today + 1;
      while (WeekdayOf(next) != d) ++next;
      absl::CivilDay last = today - 1;
      while (WeekdayOf(last) != d) --last;
      const std::string zh(kChineseDays[static_cast<size_t>(d)]);
      const std::string en(kEnglishDays[static_cast<size_t>(d)]);
      CHECK(ValueOf(Finder(), "周" + zh, context) == DayText(next, context));
      CHECK(ValueOf(Finder(), en, context) == DayText(next, context));
      CHECK(ValueOf(Finder(), "last " + en, context) == DayText(last, context));
      CHECK(ValueOf(Finder(), "下周" + zh, context) == DayText(monday + 7 + d, context));
      CHECK(ValueOf(Finder(), "next " + en, context) == DayText(monday + 7 + d, context));
      CHECK(ValueOf(Finder(), "上星期" + zh, context) == DayText(monday - 7 + d, context));
      CHECK(ValueOf(Finder(), "这周" + zh, context) == DayText(monday + d, context));
    }
  }
}

TEST_CASE("every day of a year is read in every way of writing it") {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const EntityContext context = ContextForTest();
  for (absl::CivilDay day(2028, 1, 1); day < absl::CivilDay(2029, 1, 1); day += 1) {
    const std::string want = DayText(day, context);
    const auto year = day.year();
    const int month = day.month();
    const int number = day.day();
    const std::string_view name = kMonths[static_cast<size_t>(month - 1)];
    for (const std::string& text :
         {fmt::format("{}年{}月{}日", year, month, number),
          fmt::format("{}-{:02}-{:02}", year, month, number),
          fmt::format("{}/{}/{}", year, month, number),
          fmt::format("{}{:02}{:02}", year, month, number),
          fmt::format("{} {}, {}", name, number, year), fmt::format("{} {} {}", number, name, year),
          fmt::format("{}.{}.{}", number, month, year),
          fmt::format("{} {} {}", name.substr(0, 3), number, year)}) {
      CHECK(ValueOf(Finder(), text, context) == want);
    }
  }
}

TEST_CASE("every minute of a day is read in both languages") {
  const EntityContext context = At(absl::CivilSecond(2026, 11, 18, 0, 0, 0), "Asia/Shanghai");
  for (int minute = 0; minute < 24 * 60; minute += 7) {
    const int hour = minute / 60;
    const absl::Time begin =
        absl::FromCivil(absl::CivilSecond(2026, 11, 19, hour, minute % 60, 0), context.zone);
    const std::string want =
        FormatTime({.begin = begin, .end = begin, .grain = Grain::kMinute}, context.zone);
    const int twelve = hour % 12 == 0 ? 12 : hour % 12;
    const std::string_view half = hour < 12 ? "am" : "pm";
    CHECK(ValueOf(Finder(), fmt::format("2026-11-19 {:02}:{:02}", hour, minute % 60), context) ==
          want);
    CHECK(
        ValueOf(Finder(), fmt::format("明天{}点{}分", hour, minute % 60), context).substr(14, 3) ==
        want.substr(14, 3));
    CHECK(ValueOf(Finder(), fmt::format("tomorrow at {}:{:02} {}", twelve, minute % 60, half),
                  context) == want);
    if (hour >= 13 || hour == 0) {
      CHECK(ValueOf(Finder(), fmt::format("明天{}点{}分", hour, minute % 60), context) == want);
    }
  }
}

TEST_CASE("what is left open lies in the future, or in the past if that is said") {
  EntityContext context = ContextForTest();
  CHECK(FoundIn(Finder(), "11月3日", context) == "2027-11-03/day");
  CHECK(FoundIn(Finder(), "周五", context) == "2026-11-20/day");
  CHECK(FoundIn(Finder(), "at 8am", context) == "2026-11-19T08:00:00/hour");
  context.lean_past = true;
  CHECK(FoundIn(Finder(), "11月3日", context) == "2026-11-03/day");
  CHECK(FoundIn(Finder(), "周五", context) == "2026-11-13/day");
  CHECK(FoundIn(Finder(), "周三", context) == "2026-11-11/day");
  CHECK(FoundIn(Finder(), "at 8am", context) == "2026-11-18T08:00:00/hour");
  CHECK(FoundIn(Finder(), "at 5pm", context) == "2026-11-17T17:00:00/hour");
  CHECK(FoundIn(Finder(), "15号", context) == "2026-11-15/day");
  CHECK(FoundIn(Finder(), "December", context) == "2025-12-01/month");
}

TEST_CASE("a weekday's clock may still be today's") {
  CHECK(FoundIn(Finder(), "周三下午三点", ContextForTest()) == "2026-11-18T15:00:00/hour");
  CHECK(FoundIn(Finder(), "周三上午九点", ContextForTest()) == "2026-11-25T09:00:00/hour");
  CHECK(FoundIn(Finder(), "Wednesday at 10am", ContextForTest()) == "2026-11-25T10:00:00/hour");
}

TEST_CASE("the locale decides whether day or month is first") {
  EntityContext context = ContextForTest();
  CHECK(FoundIn(Finder(), "03/04/2027", context) == "2027-03-04/day");
  CHECK(FoundIn(Finder(), "25/04/2027", context) == "2027-04-25/day");
  context.day_first = true;
  CHECK(FoundIn(Finder(), "03/04/2027", context) == "2027-04-03/day");
  CHECK(FoundIn(Finder(), "04/25/2027", context) == "2027-04-25/day");
  CHECK(FoundIn(Finder(), "03.04.27", context) == "2027-04-03/day");
}

TEST_CASE("guesses are told by their confidence") {
  const EntityContext context = ContextForTest();
  const auto confidence = [&](std::string_view text) {
    absl::StatusOr<std::vector<Entity>> found = Finder().Find(text, context);
    REQUIRE(found.ok());
    REQUIRE(found->size() == 1);
    return found->front().confidence;
  };
  CHECK(confidence("明天下午三点") == 1.0);
  CHECK(confidence("明天三点") < 1.0);
  CHECK(confidence("2026-11-22") == 1.0);
  CHECK(confidence("03/04/2026") < 1.0);
  CHECK(confidence("周五") < 1.0);
  CHECK(confidence("at 5") < confidence("at 5pm"));
  CHECK(confidence("半个月") < 1.0);
}

TEST_CASE("days are those of the zone, and its clock's jumps do no harm") {
  // 23:30 in New York is the next day in Shanghai.
  EntityContext context = At(absl::CivilSecond(2026, 11, 18, 23, 30, 0), "America/New_York");
  CHECK(ValueOf(Finder(), "tomorrow", context) == "2026-11-19T00:00:00-05:00/day");
  context.zone = ZoneForTest("Asia/Shanghai");
  CHECK(ValueOf(Finder(), "tomorrow", context) == "2026-11-20T00:00:00+08:00/day");
  // 2:30 does not exist on 8 March 2026 and 1:30 is there twice on 1 November.
  context = At(absl::CivilSecond(2026, 3, 7, 12, 0, 0), "America/New_York");
  CHECK(ValueOf(Finder(), "tomorrow at 2:30 am", context) == "2026-03-08T03:00:00-04:00/minute");
  CHECK(ValueOf(Finder(), "tomorrow", context) == "2026-03-08T00:00:00-05:00/day");
  CHECK(ValueOf(Finder(), "24小时后", context) == "2026-03-08T13:00:00-04:00/minute");
  CHECK(ValueOf(Finder(), "in one day", context) == "2026-03-08T00:00:00-05:00/day");
  context = At(absl::CivilSecond(2026, 10, 31, 12, 0, 0), "America/New_York");
  CHECK(ValueOf(Finder(), "tomorrow at 1:30 am", context) == "2026-11-01T01:30:00-04:00/minute");
}

TEST_CASE("months are cut to their last day, leap days are waited for") {
  const EntityContext context = At(absl::CivilSecond(2027, 1, 31, 9, 0, 0), "Asia/Shanghai");
  CHECK(FoundIn(Finder(), "一个月后", context) == "2027-02-28/day");
  CHECK(FoundIn(Finder(), "in 13 months", context) == "2028-02-29/day");
  CHECK(FoundIn(Finder(), "2月29日", context) == "2028-02-29/day");
  CHECK(FoundIn(Finder(), "31号", context) == "2027-01-31/day");
  CHECK(FoundIn(Finder(), "30号", context) == "2027-03-30/day");
  CHECK(FoundIn(Finder(), "下个月30号", context) == "");
}

TEST_CASE("typed values say the same as their text") {
  const EntityContext context = ContextForTest();
  const auto found = Finder().Find("明天下午三点到五点, 3-5个工作日, 周五之前", context);
  REQUIRE(found.ok());
  REQUIRE(found->size() == 3);
  const auto& range = std::get<TimeValue>((*found)[0].detail);
  CHECK(range.range);
  CHECK(range.end - range.begin == absl::Hours(2));
  CHECK(range.grain == Grain::kHour);
  const auto& days = std::get<DurationValue>((*found)[1].detail);
  CHECK(days.working_days);
  CHECK(days.least.rest == absl::Hours(72));
  CHECK(days.most.rest == absl::Hours(120));
  const auto& open = std::get<TimeValue>((*found)[2].detail);
  CHECK(open.begin == absl::InfinitePast());
  CHECK(absl::ToCivilDay(open.end, context.zone) == absl::CivilDay(2026, 11, 20));
}

TEST_CASE("times in sentences") {
  static constexpr FoundRow kRows[] = {
      {"请问下周三下午三点可以上门安装吗", "[下周三下午三点] 2026-11-25T15:00:00/hour"},
      {"我昨天买的，两小时后就想退",
       "[昨天] 2026-11-17/day | [两小时后] 2026-11-18T12:00:00/minute"},
      {"Could you call me the day after tomorrow at half past two?",
       "[the day after tomorrow at half past two] 2026-11-20T14:30:00/minute"},
      {"I ordered it on Nov 3, 2026 and it's still not here after two weeks",
       "[on Nov 3, 2026] 2026-11-03/day | [two weeks] P14D"},
      {"明天有空，后天没空", "[明天] 2026-11-19/day | [后天] 2026-11-20/day"},
      {"meeting 明天 at 3pm 可以吗", "[明天 at 3pm] 2026-11-19T15:00:00/hour"},
      {"早8点到晚8点都行", "[早8点到晚8点] 2026-11-19T08:00:00..2026-11-19T20:00:00/hour"},
      {"下午三四点吧", "[下午三四点] 2026-11-18T15:00:00/hour"},
      {"月底前要用", "[月底前] ..2026-12-01/day"},
      {"周一到周五9:00-18:00",
       "[周一到周五] 2026-11-23..2026-11-28/day | [9:00-18:00] "
       "2026-11-19T09:00:00..2026-11-19T18:00:00/minute"},
      {"on Monday 23 November between 10 and 12", "2026-11-23T10:00:00..2026-11-23T12:00:00/hour"},
      {"以后天气好了再说", ""},
      {"买一送一，一定要快一点", ""},
      {"I may march on, sun or rain", ""},
      {"ip 10.11.12.13 version 1.2.3", ""},
      {"ratio 16:9, score 3:2", ""},
      {"下周\n三下午", "[下周] 2026-11-23/week | [下午] 2026-11-18T12:00:00/day_part"},
  };
  const EntityContext context = ContextForTest();
  for (const FoundRow& row : kRows) {
    INFO(row.text);
    CHECK(FoundIn(Finder(), row.text, context) == row.found);
  }
}

}  // namespace
}  // namespace frontdesk::text
