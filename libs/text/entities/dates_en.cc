#include <utility>

#include "libs/text/entities/date_forms.h"
#include "libs/text/entities/dates.h"
#include "libs/text/entities/numbers.h"

namespace frontdesk::text {
namespace {

struct Name {
  std::string_view word;
  int value;
};

constexpr Name kWeekdays[] = {
    {"monday", 0},    {"mon", 0},      {"tuesday", 1},  {"tue", 1},    {"tues", 1},
    {"wednesday", 2}, {"thursday", 3}, {"thu", 3},      {"thur", 3},   {"thurs", 3},
    {"friday", 4},    {"fri", 4},      {"saturday", 5}, {"sunday", 6},
};
// Words of their own, too.
constexpr Name kDoubtfulWeekdays[] = {{"wed", 2}, {"sat", 5}, {"sun", 6}};

constexpr Name kMonths[] = {
    {"january", 1},   {"jan", 1},   {"february", 2},  {"feb", 2},      {"march", 3},
    {"mar", 3},       {"april", 4}, {"apr", 4},       {"may", 5},      {"june", 6},
    {"jun", 6},       {"july", 7},  {"jul", 7},       {"august", 8},   {"aug", 8},
    {"september", 9}, {"sep", 9},   {"sept", 9},      {"october", 10}, {"oct", 10},
    {"november", 11}, {"nov", 11},  {"december", 12}, {"dec", 12},
};

const RelativeDay kRelativeDays[] = {
    {"the day after tomorrow", 2, {}},
    {"day after tomorrow", 2, {}},
    {"the day before yesterday", -2, {}},
    {"day before yesterday", -2, {}},
    {"today", 0, {}},
    {"tomorrow", 1, {}},
    {"tommorow", 1, {}},
    {"tommorrow", 1, {}},
    {"tomorow", 1, {}},
    {"tmrw", 1, {}},
    {"tmr", 1, {}},
    {"yesterday", -1, {}},
    {"tonight", 0, DayPart::kNight},
    {"tonite", 0, DayPart::kNight},
    {"last night", -1, DayPart::kNight},
    {"this morning", 0, DayPart::kMorning},
    {"this afternoon", 0, DayPart::kAfternoon},
    {"this evening", 0, DayPart::kEvening},
};

enum class Prefix { kNone, kThis, kNext, kLast, kAfterNext };
struct PrefixFound {
  Prefix prefix = Prefix::kNone;
  size_t count = 0;
  bool certain = false;  // only a date can follow: "next", "on"
};

PrefixFound ParsePrefix(const Tokens& tokens, size_t i) {
  struct Entry {
    std::string_view phrase;
    Prefix prefix;
  };
  static constexpr Entry kPrefixes[] = {
      {"this coming", Prefix::kNone},
      {"this past", Prefix::kLast},
      {"this", Prefix::kThis},
      {"coming", Prefix::kNone},
      {"the coming", Prefix::kNone},
      {"next", Prefix::kNext},
      {"the next", Prefix::kNext},
      {"last", Prefix::kLast},
      {"past", Prefix::kLast},
      {"previous", Prefix::kLast},
      {"on", Prefix::kNone},
      {"every", Prefix::kNone},
      {"the week after next", Prefix::kAfterNext},
  };
  PrefixFound found;
  for (const Entry& entry : kPrefixes) {
    const size_t n = tokens.Match(i, entry.phrase);
    if (n > found.count) found = {entry.prefix, n, true};
  }
  return found;
}

int WeekShift(Prefix prefix) {
  switch (prefix) {
    case Prefix::kNone:
    case Prefix::kThis:
      return 0;
    case Prefix::kNext:
      return 1;
    case Prefix::kLast:
      return -1;
    case Prefix::kAfterNext:
      return 2;
  }
  return 0;
}

// "next week", "of last week" behind a weekday.
std::optional<std::pair<int, size_t>> ParseWeekBehind(const Tokens& tokens, size_t i) {
  if (tokens.Is(i, "of")) ++i;
  if (size_t n = tokens.MatchAny(i, {"the week after next", "week after next"}).count; n > 0) {
    return std::pair(2, i + n);
  }
  const PrefixFound prefix = ParsePrefix(tokens, i);
  if (prefix.count == 0 || tokens.Is(i, "on") || tokens.Is(i, "every")) return std::nullopt;
  if (!tokens.Is(i + prefix.count, "week")) return std::nullopt;
  return std::pair(WeekShift(prefix.prefix), i + prefix.count + 1);
}

std::optional<DateExpr> ParseWeekday(const Tokens& tokens, size_t i, const EntityContext& context) {
  const PrefixFound prefix = ParsePrefix(tokens, i);
  size_t at = i + prefix.count;
  // "next week Friday", "this week's Monday"
  std::optional<int> shift;
  if (prefix.count > 0 && (tokens.Is(at, "week") || tokens.Is(at, "week's"))) {
    shift = WeekShift(prefix.prefix);
    at += tokens.Is(at + 1, "on") ? 2 : 1;
  }
  if (!tokens.IsKind(at, TokenKind::kWord)) return std::nullopt;
  std::optional<int> weekday = EnglishWeekday(tokens.Text(at), prefix.certain);
  const bool short_name = !weekday.has_value();
  if (short_name) weekday = EnglishWeekday(tokens.Text(at), true);
  if (!weekday.has_value()) return std::nullopt;
  size_t next = at + 1;
  const bool clock_behind = tokens.IsKind(next, TokenKind::kDigits) || tokens.Is(next, "at");
  if (short_name && !clock_behind) return std::nullopt;
  if (tokens.Is(next, ".") && tokens.Text(at).size() <= 5) ++next;
  const absl::CivilDay today = Today(context);
  if (!shift.has_value() && (prefix.count == 0 || prefix.prefix == Prefix::kNone)) {
    if (auto week = ParseWeekBehind(tokens, next); week.has_value()) {
      return FixedDay(MondayOf(today) + 7 * week->first + *weekday, week->second);
    }
    return OpenWeekday(*weekday, tokens.Is(i, "every"), next);
  }
  absl::CivilDay day = MondayOf(today) + *weekday;
  double confidence = 1.0;
  if (shift.has_value()) {
    day += 7 * *shift;
  } else if (prefix.prefix == Prefix::kLast) {
    if (day >= today) day -= 7;
  } else {
    day += 7 * WeekShift(prefix.prefix);
    confidence = prefix.prefix == Prefix::kNext ? 0.8 : 0.9;
  }
  DateExpr date = FixedDay(day, next);
  date.confidence = confidence;
  return date;
}

// "next week", "last month", "this weekend", "the end of next month".
std::optional<DateExpr> ParsePeriod(const Tokens& tokens, size_t i, const EntityContext& context) {
  const size_t end_of =
      tokens.MatchAny(i, {"the end of the", "end of the", "the end of", "end of"}).count;
  const size_t at = i + end_of;
  PrefixFound prefix = ParsePrefix(tokens, at);
  if (tokens.Is(at, "on") || tokens.Is(at, "every")) prefix.count = 0;
  if (prefix.prefix == Prefix::kAfterNext) prefix.count = 0;
  const size_t noun = at + prefix.count;
  const absl::CivilDay today = Today(context);
  const absl::CivilDay monday = MondayOf(today);
  const int shift = WeekShift(prefix.prefix);
  if (tokens.Is(noun, "weekend") || (tokens.Is(noun, "the") && tokens.Is(noun + 1, "weekend"))) {
    const absl::CivilDay from = monday + 7 * shift + 5;
    DateExpr date = FixedDate(from, from + 2, Grain::kDay, noun + (tokens.Is(noun, "the") ? 2 : 1));
    date.range = true;
    return date;
  }
  if (size_t n = tokens.MatchAny(i, {"the week after next", "week after next"}).count; n > 0) {
    return FixedDate(monday + 14, monday + 21, Grain::kWeek, i + n);
  }
  if (prefix.count == 0 && end_of == 0) return std::nullopt;
  DateExpr date;
  if (tokens.Is(noun, "week")) {
    date = FixedDate(monday + 7 * shift, monday + 7 * shift + 7, Grain::kWeek, noun + 1);
  } else if (tokens.Is(noun, "month")) {
    date = WholeMonth(absl::CivilMonth(today) + shift, noun + 1);
  } else if (tokens.Is(noun, "year")) {
    date = WholeYear(absl::CivilYear(today) + shift, noun + 1);
  } else {
    return std::nullopt;
  }
  if (end_of > 0) {
    const Grain grain = date.grain;
    if (grain == Grain::kWeek) date.begin = date.end - 3;
    if (grain == Grain::kMonth) date.begin += 20;
    if (grain == Grain::kYear) date.begin = date.end - 31;
    date.grain = grain == Grain::kYear ? Grain::kMonth : Grain::kDay;
    date.range = true;
    date.confidence = 0.6;
  }
  return date;
}

struct DayNumber {
  int day = 0;
  size_t next = 0;
  bool ordinal = false;
};

std::optional<DayNumber> ParseDayNumber(const Tokens& tokens, size_t i) {
  if (auto ordinal = ParseOrdinal(tokens, i); ordinal.has_value()) {
    if (tokens.IsKind(i, TokenKind::kHan)) return std::nullopt;
    if (ordinal->units() < 1 || ordinal->units() > 31) return std::nullopt;
    return DayNumber{static_cast<int>(ordinal->units()), ordinal->next, true};
  }
  const std::optional<int> day = ParseSmallInt(tokens, i, 2);
  if (!day.has_value() || *day < 1 || *day > 31) return std::nullopt;
  return DayNumber{*day, i + 1, false};
}

// ", 2026", "2026" behind a day and month.
std::optional<std::pair<int, size_t>> ParseYearBehind(const Tokens& tokens, size_t i) {
  if (tokens.Is(i, ",") || tokens.Is(i, "of")) ++i;
  const std::optional<int> year = ParseSmallInt(tokens, i, 4);
  if (!year.has_value() || *year < 1900 || *year > 2199 || tokens.Text(i).size() != 4) {
    return std::nullopt;
  }
  if (!tokens.EndsClean(i + 1) || tokens.Is(i + 1, ":")) return std::nullopt;
  return std::pair(*year, i + 1);
}

std::optional<DateExpr> WithYear(const Tokens& tokens, int month, int day, size_t next) {
  if (auto year = ParseYearBehind(tokens, next); year.has_value()) {
    if (!IsDay(year->first, month, day)) return std::nullopt;
    return FixedDay(absl::CivilDay(year->first, month, day), year->second);
  }
  if (!IsDay(2024, month, day)) return std::nullopt;
  return OpenMonthDay(month, day, next);
}

size_t SkipDot(const Tokens& tokens, size_t name) {
  const bool dot =
      tokens.Is(name + 1, ".") && tokens.Glued(name + 1) && tokens.Text(name).size() <= 4;
  return name + (dot ? 2 : 1);
}

// "Nov 3rd, 2026", "November the third", "Nov 2026", "in November", "last May".
std::optional<DateExpr> ParseMonthFirst(const Tokens& tokens, size_t i,
                                        const EntityContext& context) {
  const PrefixFound prefix = ParsePrefix(tokens, i);
  const size_t name = i + prefix.count;
  const int month = EnglishMonth(tokens.Text(name));
  if (month < 0) return std::nullopt;
  const size_t next = SkipDot(tokens, name);
  const bool plain = prefix.count == 0 || tokens.Is(i, "on");
  if (plain) {
    const size_t at = tokens.Is(next, "the") ? next + 1 : next;
    const std::optional<DayNumber> day = ParseDayNumber(tokens, at);
    const bool clock = day.has_value() && !day->ordinal && tokens.Is(day->next, ":");
    if (day.has_value() && !clock && tokens.EndsClean(day->next)) {
      return WithYear(tokens, month, day->day, day->next);
    }
    if (auto year = ParseYearBehind(tokens, next); year.has_value()) {
      return WholeMonth(absl::CivilMonth(year->first, month), year->second);
    }
  }
  // "may", "march", "mar" and "dec" alone are other words more often.
  const bool announced = tokens.Is(i - 1, "in") || tokens.Is(i - 1, "since") ||
                         tokens.Is(i - 1, "until") || tokens.Is(i - 1, "of") ||
                         tokens.Is(i - 1, "by") || (prefix.count > 0 && !tokens.Is(i, "on"));
  const std::string_view word = tokens.Text(name);
  const bool doubtful = word.size() <= 4 || word == "march" || word == "august";
  if (doubtful && word != "june" && word != "july" && !announced) return std::nullopt;
  if (prefix.prefix == Prefix::kLast || prefix.prefix == Prefix::kThis) {
    const absl::CivilMonth now(Today(context));
    absl::CivilMonth first(now.year(), month);
    if (prefix.prefix == Prefix::kLast && first >= now)
      first = absl::CivilMonth(now.year() - 1, month);
    return WholeMonth(first, next);
  }
  return OpenMonth(month, next);
}

// "3 Nov 2026", "the 3rd of November", "the 15th of next month", "on the 15th".
std::optional<DateExpr> ParseDayFirst(const Tokens& tokens, size_t i,
                                      const EntityContext& context) {
  size_t at = i;
  if (tokens.Is(at, "on")) ++at;
  const bool the = tokens.Is(at, "the");
  if (the) ++at;
  if (!tokens.StartsClean(at)) return std::nullopt;
  const std::optional<DayNumber> day = ParseDayNumber(tokens, at);
  if (!day.has_value()) return std::nullopt;
  size_t next = day->next;
  if (tokens.Is(next, "of")) ++next;
  if (const int month = EnglishMonth(tokens.Text(next));
      month > 0 && (tokens.Text(next) != "may" || day->ordinal || next == day->next)) {
    return WithYear(tokens, month, day->day, SkipDot(tokens, next));
  }
  if (next > day->next && day->ordinal) {
    const PrefixFound prefix = ParsePrefix(tokens, next);
    const bool the_month = tokens.Match(next, "the month") > 0;
    if (the_month || (prefix.count > 0 && tokens.Is(next + prefix.count, "month"))) {
      const absl::CivilMonth month =
          absl::CivilMonth(Today(context)) + (the_month ? 0 : WeekShift(prefix.prefix));
      return DayOf(month, day->day, next + (the_month ? 2 : prefix.count + 1));
    }
  }
  const bool announced = tokens.Is(i, "on") || tokens.Is(i - 1, "by") ||
                         tokens.Is(i - 1, "until") || tokens.Is(i - 1, "before") ||
                         tokens.Is(i - 1, "after") || tokens.Is(i - 1, "since") ||
                         tokens.Is(i - 1, "from") || tokens.Is(i - 1, "to");
  if (!day->ordinal || !the || !announced) return std::nullopt;
  const TokenKind behind = tokens[day->next].kind;
  const bool noun_behind = behind == TokenKind::kWord && !tokens.Is(day->next, "at") &&
                           !tokens.Is(day->next, "to") && !tokens.Is(day->next, "and");
  if (noun_behind) return std::nullopt;
  return OpenDayOfMonth(day->day, day->next);
}

std::optional<DateExpr> ParseNamedDay(const Tokens& tokens, size_t i) {
  static constexpr NamedDay kNamed[] = {
      {"christmas eve", 12, 24}, {"christmas day", 12, 25},  {"christmas", 12, 25},
      {"xmas", 12, 25},          {"new year's eve", 12, 31}, {"new year's day", 1, 1},
      {"halloween", 10, 31},     {"valentine's day", 2, 14},
  };
  for (const NamedDay& named : kNamed) {
    const size_t n = tokens.Match(i, named.phrase);
    if (n > 0) return WithYear(tokens, named.month, named.day, i + n);
  }
  return std::nullopt;
}

// "in 2027"
std::optional<DateExpr> ParseAnnouncedYear(const Tokens& tokens, size_t i) {
  const bool announced = tokens.Is(i - 1, "in") || tokens.Is(i - 1, "since") ||
                         tokens.Is(i - 1, "until") || tokens.Is(i - 1, "during");
  const std::optional<int> year = ParseSmallInt(tokens, i, 4);
  if (!announced || !year.has_value() || *year < 1900 || *year > 2199 ||
      tokens.Text(i).size() != 4 || !tokens.EndsClean(i + 1)) {
    return std::nullopt;
  }
  DateExpr date = WholeYear(absl::CivilYear(*year), i + 1);
  date.confidence = 0.7;
  return date;
}

}  // namespace

std::optional<int> EnglishWeekday(std::string_view word, bool anywhere) {
  if (word.ends_with("'s")) word.remove_suffix(2);
  if (word.size() > 6 && word.ends_with("days")) word.remove_suffix(1);
  for (const Name& name : kWeekdays) {
    if (name.word == word) return name.value;
  }
  if (!anywhere) return std::nullopt;
  for (const Name& name : kDoubtfulWeekdays) {
    if (name.word == word) return name.value;
  }
  return std::nullopt;
}

int EnglishMonth(std::string_view word) {
  for (const Name& name : kMonths) {
    if (name.word == word) return name.value;
  }
  return -1;
}

std::optional<DateExpr> ParseEnglishDate(const Tokens& tokens, size_t i,
                                         const EntityContext& context) {
  if (tokens.IsKind(i, TokenKind::kHan)) return std::nullopt;
  std::optional<DateExpr> date;
  if (tokens.IsKind(i, TokenKind::kWord)) {
    date = RelativeDayAt(tokens, i, kRelativeDays, context);
    if (!date.has_value()) date = ParseWeekday(tokens, i, context);
    if (!date.has_value()) date = ParsePeriod(tokens, i, context);
    if (!date.has_value()) date = ParseMonthFirst(tokens, i, context);
    if (!date.has_value()) date = ParseNamedDay(tokens, i);
  }
  if (!date.has_value()) date = ParseDayFirst(tokens, i, context);
  if (!date.has_value()) date = ParseAnnouncedYear(tokens, i);
  return date;
}

}  // namespace frontdesk::text
