#pragma once

#include <cstddef>
#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/text/entities/context.h"
#include "libs/text/entities/entity.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// Parts of a day and the hours they take: [from, to).
enum class DayPart { kDawn, kEarly, kMorning, kNoon, kAfternoon, kEvening, kNight };
struct DayPartHours {
  int from;
  int to;
};
DayPartHours HoursOf(DayPart part);

// A stretch of days, or an instant, or a day of which something is left open.
struct DateExpr {
  enum class Kind {
    kFixed,       // [begin, end)
    kInterval,    // absolute instants [from, to): "two hours ago", "the last 3 days"
    kWeekday,     // some Friday
    kMonthDay,    // some 22nd of November
    kDayOfMonth,  // the 15th of some month
    kMonth,       // some November
  };
  Kind kind = Kind::kFixed;
  absl::CivilDay begin;
  absl::CivilDay end;
  absl::Time from;
  absl::Time to;
  Grain grain = Grain::kDay;
  bool range = false;
  int weekday = 0;  // 0 = Monday
  int month = 0;
  int day = 0;
  bool numeric = false;         // written in digits only: a clock behind it has 24 hours
  std::optional<DayPart> part;  // "今晚", "tonight"
  size_t next = 0;
  double confidence = 1.0;
};

struct DayRange {
  absl::CivilDay begin;
  absl::CivilDay end;
};

// The days of `date`'s k-th candidate: k = 0 lies in the week, month or year of `base`, 1 in the
// next one. Nothing where there is no such day (the 30th of February). Pure.
std::optional<DayRange> CandidateOf(const DateExpr& date, absl::CivilDay base, int k);

// The Monday of the day's ISO week.
absl::CivilDay MondayOf(absl::CivilDay day);
bool IsDay(int64_t year, int month, int day);
absl::CivilDay Today(const EntityContext& context);
// `months` later, the day cut to the month's last.
absl::CivilDay AddMonths(absl::CivilDay day, int64_t months);

DateExpr FixedDate(absl::CivilDay begin, absl::CivilDay end, Grain grain, size_t next);
DateExpr FixedDay(absl::CivilDay day, size_t next);

// The date that starts at token `i`; each looks at a bounded number of tokens. Pure.
std::optional<DateExpr> ParseDate(const Tokens& tokens, size_t i, const EntityContext& context);
// The languages and forms it is made of.
std::optional<DateExpr> ParseChineseDate(const Tokens& tokens, size_t i,
                                         const EntityContext& context);
std::optional<DateExpr> ParseEnglishDate(const Tokens& tokens, size_t i,
                                         const EntityContext& context);
std::optional<DateExpr> ParseNumericDate(const Tokens& tokens, size_t i,
                                         const EntityContext& context);
// Counted from now: "3天前", "in two weeks", "最近三天", "within 24 hours".
std::optional<DateExpr> ParseRelativeDate(const Tokens& tokens, size_t i,
                                          const EntityContext& context);
// 0 = Monday, by name or short name; "next" behind it. Short names that are words ("sat") count
// only with `anywhere`.
std::optional<int> EnglishWeekday(std::string_view word, bool anywhere);
// 1 to 12; -1.
int EnglishMonth(std::string_view word);

}  // namespace frontdesk::text
