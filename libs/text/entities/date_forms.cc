#include "libs/text/entities/date_forms.h"

namespace frontdesk::text {
namespace {

DateExpr Open(DateExpr::Kind kind, size_t next, double confidence) {
  DateExpr date;
  date.kind = kind;
  date.next = next;
  date.confidence = confidence;
  return date;
}

}  // namespace

std::optional<DateExpr> RelativeDayAt(const Tokens& tokens, size_t i,
                                      absl::Span<const RelativeDay> table,
                                      const EntityContext& context) {
  const RelativeDay* best = nullptr;
  size_t count = 0;
  for (const RelativeDay& day : table) {
    const size_t n = tokens.Match(i, day.phrase);
    if (n > count) best = &day, count = n;
  }
  if (best == nullptr) return std::nullopt;
  DateExpr date = FixedDay(Today(context) + best->days, i + count);
  date.part = best->part;
  return date;
}

DateExpr OpenWeekday(int weekday, bool every, size_t next) {
  DateExpr date = Open(DateExpr::Kind::kWeekday, next, every ? 0.5 : 0.9);
  date.weekday = weekday;
  return date;
}

DateExpr OpenMonthDay(int month, int day, size_t next) {
  DateExpr date = Open(DateExpr::Kind::kMonthDay, next, 0.8);
  date.month = month;
  date.day = day;
  return date;
}

DateExpr OpenDayOfMonth(int day, size_t next) {
  DateExpr date = Open(DateExpr::Kind::kDayOfMonth, next, 0.7);
  date.day = day;
  return date;
}

DateExpr OpenMonth(int month, size_t next) {
  DateExpr date = Open(DateExpr::Kind::kMonth, next, 0.8);
  date.month = month;
  date.grain = Grain::kMonth;
  return date;
}

DateExpr WholeMonth(absl::CivilMonth month, size_t next) {
  return FixedDate(absl::CivilDay(month), absl::CivilDay(month + 1), Grain::kMonth, next);
}

DateExpr WholeYear(absl::CivilYear year, size_t next) {
  return FixedDate(absl::CivilDay(year), absl::CivilDay(year + 1), Grain::kYear, next);
}

std::optional<DateExpr> DayOf(absl::CivilMonth month, int day, size_t next) {
  if (!IsDay(month.year(), month.month(), day)) return std::nullopt;
  return FixedDay(absl::CivilDay(month) + (day - 1), next);
}

}  // namespace frontdesk::text
