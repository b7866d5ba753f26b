#include "libs/text/entities/dates.h"

#include <utility>

#include "libs/text/entities/durations.h"
#include "libs/text/entities/numbers.h"

namespace frontdesk::text {
namespace {

bool IsSeparator(std::string_view text) { return text == "-" || text == "/" || text == "."; }

int ShortYear(int year) { return year < 70 ? 2000 + year : 1900 + year; }

// "20261122"
std::optional<DateExpr> ParseCompact(const Tokens& tokens, size_t i) {
  const std::optional<int> value = ParseSmallInt(tokens, i, 8);
  if (tokens.Text(i).size() != 8 || !value.has_value() || !tokens.EndsClean(i + 1)) {
    return std::nullopt;
  }
  const int year = *value / 10'000;
  const int month = *value / 100 % 100;
  const int day = *value % 100;
  if (year < 1990 || year > 2059 || !IsDay(year, month, day)) return std::nullopt;
  DateExpr date = FixedDay(absl::CivilDay(year, month, day), i + 1);
  date.numeric = true;
  date.confidence = 0.7;
  return date;
}

struct DayAndMonth {
  int day;
  int month;
  bool guessed;
};

std::optional<DayAndMonth> Order(int first, int second, bool day_first) {
  if (first < 1 || second < 1) return std::nullopt;
  if (first > 12 && second > 12) return std::nullopt;
  if (first > 12) return DayAndMonth{first, second, false};
  if (second > 12) return DayAndMonth{second, first, false};
  if (day_first) return DayAndMonth{first, second, first != second};
  return DayAndMonth{second, first, first != second};
}

std::optional<DateExpr> YearFirst(const Tokens& tokens, size_t i, std::string_view separator,
                                  int year, int month) {
  if (year < 1900 || year > 2199) return std::nullopt;
  const bool has_day = tokens.Is(i + 3, separator) && tokens.Glued(i + 3) && tokens.Glued(i + 4);
  const std::optional<int> day = has_day ? ParseSmallInt(tokens, i + 4, 2) : std::nullopt;
  if (day.has_value()) {
    if (!IsDay(year, month, *day)) return std::nullopt;
    DateExpr date = FixedDay(absl::CivilDay(year, month, *day), i + 5);
    date.numeric = true;
    return date;
  }
  if (separator == "." || month < 1 || month > 12 || tokens.Text(i + 2).size() != 2) {
    return std::nullopt;
  }
  const absl::CivilMonth begin(year, month);
  DateExpr date = FixedDate(absl::CivilDay(begin), absl::CivilDay(begin + 1), Grain::kMonth, i + 3);
  date.confidence = 0.8;
  return date;
}

// "11/22/2026", "22.11.26", "11/22".
std::optional<DateExpr> YearLast(const Tokens& tokens, size_t i, std::string_view separator,
                                 int first, int second, bool day_first) {
  const std::optional<DayAndMonth> order =
      Order(first, second, separator == "." ? true : day_first);
  if (!order.has_value()) return std::nullopt;
  const bool third = tokens.Is(i + 3, separator) && tokens.Glued(i + 3) && tokens.Glued(i + 4);
  const std::optional<int> year = third ? ParseSmallInt(tokens, i + 4, 4) : std::nullopt;
  if (year.has_value()) {
    const size_t size = tokens.Text(i + 4).size();
    if (size != 4 && size != 2) return std::nullopt;
    const int full = size == 2 ? ShortYear(*year) : *year;
    if (full < 1900 || full > 2199 || !IsDay(full, order->month, order->day)) return std::nullopt;
    DateExpr date = FixedDay(absl::CivilDay(full, order->month, order->day), i + 5);
    date.numeric = true;
    date.confidence = order->guessed ? 0.8 : 1.0;
    return date;
  }
  if (separator != "/" || tokens.Match(i, "24/7") > 0 || !IsDay(2024, order->month, order->day)) {
    return std::nullopt;
  }
  DateExpr date;
  date.kind = DateExpr::Kind::kMonthDay;
  date.month = order->month;
  date.day = order->day;
  date.numeric = true;
  date.next = i + 3;
  date.confidence = order->guessed ? 0.5 : 0.7;
  return date;
}

// [now - length, now) or [now, now + length).
DateExpr Around(const EntityContext& context, const Length& length, bool past, Grain grain) {
  const absl::CivilSecond now = absl::ToCivilSecond(context.now, context.zone);
  const int64_t months = past ? -length.months : length.months;
  absl::Time other = context.now;
  if (months != 0) {
    const absl::CivilDay day = AddMonths(absl::CivilDay(now), months);
    other = absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), now.hour(),
                                              now.minute(), now.second()),
                            context.zone);
  }
  // Days keep the clock over a zone's jumps, hours don't.
  const int64_t days = grain >= Grain::kDay ? length.rest / absl::Hours(24) : 0;
  if (days != 0) {
    const absl::CivilSecond at = absl::ToCivilSecond(other, context.zone);
    const absl::CivilDay day = absl::CivilDay(at) + (past ? -days : days);
    other = absl::FromCivil(
        absl::CivilSecond(day.year(), day.month(), day.day(), at.hour(), at.minute(), at.second()),
        context.zone);
  }
  const absl::Duration rest = length.rest - absl::Hours(24) * days;
  other = past ? other - rest : other + rest;
  DateExpr date;
  date.kind = DateExpr::Kind::kInterval;
  date.from = past ? other : context.now;
  date.to = past ? context.now : other;
  date.grain = grain;
  date.range = true;
  return date;
}

absl::Duration GrainLength(Grain grain) {
  if (grain == Grain::kSecond) return absl::Seconds(1);
  return grain == Grain::kMinute || grain == Grain::kHour ? absl::Minutes(1) : absl::Hours(24);
}

// The day, or for hours and less the instant, that lies `length` away.
DateExpr Away(const EntityContext& context, const DurationValue& value, bool past) {
  DateExpr there = Around(context, value.least, past, value.grain);
  const absl::Time at = past ? there.from : there.to;
  const bool ranged = value.most != value.least;
  if (value.grain >= Grain::kDay && value.least.rest % absl::Hours(24) == absl::ZeroDuration()) {
    absl::CivilDay day = absl::ToCivilDay(at, context.zone);
    DateExpr date = FixedDay(day, 0);
    if (ranged) {
      const DateExpr most = Around(context, value.most, past, value.grain);
      const absl::CivilDay other = absl::ToCivilDay(past ? most.from : most.to, context.zone);
      date.begin = std::min(day, other);
      date.end = std::max(day, other) + 1;
      date.range = true;
    }
    if (value.working_days) date.confidence = 0.5;
    return date;
  }
  const Grain grain = value.grain == Grain::kSecond ? Grain::kSecond : Grain::kMinute;
  there.from = at;
  there.to = at + GrainLength(grain);
  if (ranged) {
    const DateExpr most = Around(context, value.most, past, value.grain);
    there.from = std::min(at, past ? most.from : most.to);
    there.to = std::max(at, past ? most.from : most.to);
  }
  there.grain = grain;
  there.range = ranged;
  return there;
}

std::optional<DateExpr> Behind(const Tokens& tokens, const DurationExpr& length,
                               const EntityContext& context) {
  const size_t at = length.next;
  if (size_t n = tokens.MatchAny(at, {"以内", "之内", "内"}).count; n > 0) {
    if (tokens.Is(at, "内") && !tokens.Match(at, "内存") && !tokens.Match(at, "内容")) n = 1;
    DateExpr date = Around(context, length.value.most, false, length.value.grain);
    if (length.value.working_days) date.confidence = 0.5;
    date.next = at + n;
    return date;
  }
  const size_t after =
      tokens.MatchAny(at, {"以后", "之后", "过后", "后", "from now", "later", "from today"}).count;
  const size_t before = tokens.MatchAny(at, {"以前", "之前", "前", "ago", "earlier"}).count;
  if (after == 0 && before == 0) return std::nullopt;
  const size_t next = at + (after > 0 ? after : before);
  const bool part_of_word = tokens.Is(next, "面") || tokens.Is(next, "台") || tokens.Is(next, "续");
  if (part_of_word && tokens.IsKind(at, TokenKind::kHan)) return std::nullopt;
  DateExpr date = Away(context, length.value, before > 0);
  date.next = next;
  return date;
}

}  // namespace

DayPartHours HoursOf(DayPart part) {
  switch (part) {
    case DayPart::kDawn:
      return {0, 6};
    case DayPart::kEarly:
      return {6, 9};
    case DayPart::kMorning:
      return {6, 12};
    case DayPart::kNoon:
      return {11, 14};
    case DayPart::kAfternoon:
      return {12, 18};
    case DayPart::kEvening:
    case DayPart::kNight:
      return {18, 24};
  }
  return {0, 24};
}

absl::CivilDay MondayOf(absl::CivilDay day) {
  return day - static_cast<int>(absl::GetWeekday(day));  // absl's Monday is 0
}

bool IsDay(int64_t year, int month, int day) {
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  return absl::CivilDay(year, month, day).day() == day;
}

absl::CivilDay Today(const EntityContext& context) {
  return absl::ToCivilDay(context.now, context.zone);
}

absl::CivilDay AddMonths(absl::CivilDay day, int64_t months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (day.day() - 1), last);
}

DateExpr FixedDate(absl::CivilDay begin, absl::CivilDay end, Grain grain, size_t next) {
  DateExpr date;
  date.begin = begin;
  date.end = end;
  date.grain = grain;
  date.next = next;
  return date;
}

DateExpr FixedDay(absl::CivilDay day, size_t next) {
  return FixedDate(day, day + 1, Grain::kDay, next);
}

std::optional<DayRange> CandidateOf(const DateExpr& date, absl::CivilDay base, int k) {
  switch (date.kind) {
    case DateExpr::Kind::kFixed:
    case DateExpr::Kind::kInterval:
      break;
    case DateExpr::Kind::kWeekday: {
      const absl::CivilDay day = MondayOf(base) + date.weekday + 7 * k;
      return DayRange{day, day + 1};
    }
    case DateExpr::Kind::kMonthDay: {
      if (!IsDay(base.year() + k, date.month, date.day)) return std::nullopt;
      const absl::CivilDay day(base.year() + k, date.month, date.day);
      return DayRange{day, day + 1};
    }
    case DateExpr::Kind::kDayOfMonth: {
      const absl::CivilMonth month = absl::CivilMonth(base) + k;
      if (!IsDay(month.year(), month.month(), date.day)) return std::nullopt;
      const absl::CivilDay day = absl::CivilDay(month) + (date.day - 1);
      return DayRange{day, day + 1};
    }
    case DateExpr::Kind::kMonth: {
      const absl::CivilMonth month(base.year() + k, date.month);
      return DayRange{absl::CivilDay(month), absl::CivilDay(month + 1)};
    }
  }
  return DayRange{date.begin, date.end};
}

std::optional<DateExpr> ParseNumericDate(const Tokens& tokens, size_t i,
                                         const EntityContext& context) {
  if (!tokens.IsKind(i, TokenKind::kDigits) || !tokens.StartsClean(i)) return std::nullopt;
  // Not the middle of "1.2.3.4" or of a code.
  if (tokens.Glued(i) && IsSeparator(tokens.Text(i - 1)) &&
      (tokens.IsKind(i - 2, TokenKind::kDigits) || tokens.IsKind(i - 2, TokenKind::kWord))) {
    return std::nullopt;
  }
  if (auto compact = ParseCompact(tokens, i); compact.has_value()) return compact;
  const std::string_view separator = tokens.Text(i + 1);
  if (!IsSeparator(separator) || !tokens.Glued(i + 1) || !tokens.Glued(i + 2)) return std::nullopt;
  const std::optional<int> first = ParseSmallInt(tokens, i, 4);
  const std::optional<int> second = ParseSmallInt(tokens, i + 2, 2);
  if (!first.has_value() || !second.has_value()) return std::nullopt;
  std::optional<DateExpr> date;
  if (tokens.Text(i).size() == 4) {
    date = YearFirst(tokens, i, separator, *first, *second);
  } else if (tokens.Text(i).size() <= 2) {
    date = YearLast(tokens, i, separator, *first, *second, context.day_first);
  }
  if (!date.has_value()) return std::nullopt;
  const bool goes_on = tokens.Glued(date->next) && IsSeparator(tokens.Text(date->next)) &&
                       tokens.Glued(date->next + 1) &&
                       tokens.IsKind(date->next + 1, TokenKind::kDigits) &&
                       tokens.Is(date->next, separator);
  if (goes_on) return std::nullopt;
  return date;
}

std::optional<DateExpr> ParseRelativeDate(const Tokens& tokens, size_t i,
                                          const EntityContext& context) {
  struct Lead {
    std::string_view phrase;
    enum Way { kIn, kWithin, kLast, kNext, kPass } way;
  };
  static constexpr Lead kLeads[] = {
      {"in the next", Lead::kNext},
      {"within the next", Lead::kNext},
      {"the next", Lead::kNext},
      {"next", Lead::kNext},
      {"in the last", Lead::kLast},
      {"in the past", Lead::kLast},
      {"over the last", Lead::kLast},
      {"for the last", Lead::kLast},
      {"for the past", Lead::kLast},
      {"over the past", Lead::kLast},
      {"the last", Lead::kLast},
      {"the past", Lead::kLast},
      {"last", Lead::kLast},
      {"past", Lead::kLast},
      {"within", Lead::kWithin},
      {"in", Lead::kIn},
      {"最近", Lead::kLast},
      {"过去", Lead::kLast},
      {"近", Lead::kLast},
      {"未来", Lead::kNext},
      {"接下来", Lead::kNext},
      {"今后", Lead::kNext},
      {"再过", Lead::kPass},
      {"过", Lead::kPass},
  };
  for (const Lead& lead : kLeads) {
    const size_t n = tokens.Match(i, lead.phrase);
    if (n == 0) continue;
    const bool interval = lead.way == Lead::kLast || lead.way == Lead::kNext;
    const std::optional<DurationExpr> length = ParseDuration(tokens, i + n);
    if (!length.has_value()) continue;
    if (interval && (tokens.Is(i + n, "a") || tokens.Is(i + n, "an"))) continue;
    DateExpr date;
    if (lead.way == Lead::kIn || lead.way == Lead::kPass) {
      date = Away(context, length->value, false);
    } else {
      date = Around(context, length->value.most, lead.way == Lead::kLast, length->value.grain);
      if (length->value.working_days) date.confidence = 0.5;
    }
    date.next = length->next;
    if (lead.way == Lead::kPass) {
      date.next += tokens.MatchAny(date.next, {"以后", "之后", "后"}).count;
    } else if (tokens.IsKind(i, TokenKind::kHan)) {
      date.next += tokens.MatchAny(date.next, {"之内", "以内", "内", "里"}).count;
    }
    date.confidence = std::min(date.confidence, length->confidence);
    return date;
  }
  const std::optional<DurationExpr> length = ParseDuration(tokens, i);
  if (!length.has_value()) return std::nullopt;
  std::optional<DateExpr> date = Behind(tokens, *length, context);
  if (date.has_value()) date->confidence = std::min(date->confidence, length->confidence);
  return date;
}

std::optional<DateExpr> ParseDate(const Tokens& tokens, size_t i, const EntityContext& context) {
  if (tokens.IsKind(i, TokenKind::kBreak) || tokens.IsKind(i, TokenKind::kMark)) {
    return std::nullopt;
  }
  if (tokens.IsKind(i, TokenKind::kWord) && !tokens.StartsClean(i)) return std::nullopt;
  std::optional<DateExpr> best = ParseRelativeDate(tokens, i, context);
  for (auto* parse : {&ParseNumericDate, &ParseChineseDate, &ParseEnglishDate}) {
    std::optional<DateExpr> date = (*parse)(tokens, i, context);
    if (date.has_value() && (!best.has_value() || date->next > best->next)) best = date;
  }
  return best;
}

}  // namespace frontdesk::text
