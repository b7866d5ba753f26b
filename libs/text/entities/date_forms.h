#pragma once

#include <optional>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "libs/text/entities/context.h"
#include "libs/text/entities/dates.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// The forms that a date takes in any language; internal to dates_*.cc. Pure.

// "tomorrow", "明晚".
struct RelativeDay {
  std::string_view phrase;
  int days;
  std::optional<DayPart> part;
};
// The longest phrase of the table that stands at token `i`.
std::optional<DateExpr> RelativeDayAt(const Tokens& tokens, size_t i,
                                      absl::Span<const RelativeDay> table,
                                      const EntityContext& context);

// "halloween", "国庆节".
struct NamedDay {
  std::string_view phrase;
  int month;
  int day;
};

// Days of which something is left open, each as sure as such a form is by itself.
DateExpr OpenWeekday(int weekday, bool every, size_t next);  // "Friday", "每周五"
DateExpr OpenMonthDay(int month, int day, size_t next);      // "Nov 3rd"
DateExpr OpenDayOfMonth(int day, size_t next);               // "on the 15th"
DateExpr OpenMonth(int month, size_t next);                  // "in November"

// All of a month or a year.
DateExpr WholeMonth(absl::CivilMonth month, size_t next);
DateExpr WholeYear(absl::CivilYear year, size_t next);

// That one of a month, where it has one.
std::optional<DateExpr> DayOf(absl::CivilMonth month, int day, size_t next);

}  // namespace frontdesk::text
