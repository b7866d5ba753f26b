#include "libs/text/entities/moments.h"

#include <algorithm>
#include <utility>

namespace frontdesk::text {
namespace {

constexpr int kPeriodsTried = 12;

bool IsOpen(const DateExpr& date) {
  return date.kind != DateExpr::Kind::kFixed && date.kind != DateExpr::Kind::kInterval;
}

// What may stand between date, part and clock.
size_t Connector(const Tokens& tokens, size_t i) {
  if (tokens.Is(i, "(") || tokens.Is(i, ",") || tokens.Is(i, "的")) return 1;
  if (size_t n = tokens
                     .MatchAny(i, {"on the", "in the", "at around", "at about", "around", "about",
                                   "at", "on", "in", "of", "the", "@", "大概", "大约", "差不多"})
                     .count;
      n > 0) {
    return n;
  }
  return 0;
}

// A weekday and a day of the month say the same: "Monday, Nov 23", "11月23日（周一）".
bool Joins(const DateExpr& a, const DateExpr& b) {
  const bool weekday = (a.kind == DateExpr::Kind::kWeekday) != (b.kind == DateExpr::Kind::kWeekday);
  const DateExpr& other = a.kind == DateExpr::Kind::kWeekday ? b : a;
  return weekday && other.kind != DateExpr::Kind::kInterval && other.grain == Grain::kDay &&
         !other.range;
}

bool TakeDate(const Tokens& tokens, size_t at, const EntityContext& context, Moment& moment) {
  std::optional<DateExpr> date = ParseDate(tokens, at, context);
  if (!date.has_value()) return false;
  if (moment.date.has_value()) {
    if (!Joins(*moment.date, *date)) return false;
    const size_t next = date->next;
    if (moment.date->kind == DateExpr::Kind::kWeekday) moment.date = date;
    moment.next = next;
    return true;
  }
  // "7 days" and clocks do not meet: an interval stands alone.
  if (date->kind == DateExpr::Kind::kInterval && !moment.empty()) return false;
  if (date->part.has_value() && moment.part.has_value()) return false;
  if (date->part.has_value()) moment.part = date->part;
  moment.next = date->next;
  moment.date = std::move(date);
  return true;
}

bool TakesClock(const Moment& moment) {
  if (moment.clock.has_value()) return false;
  if (!moment.date.has_value()) return true;
  return moment.date->kind != DateExpr::Kind::kInterval && moment.date->grain == Grain::kDay &&
         !moment.date->range;
}

bool StartsBareHour(const Tokens& tokens, size_t hour_next) {
  // What may follow a lone hour: the end, a mark, or words that go on about time.
  const TokenKind kind = tokens[hour_next].kind;
  if (kind == TokenKind::kBreak) return true;
  if (kind == TokenKind::kMark) {
    return !tokens.Is(hour_next, "$") && !tokens.Is(hour_next, "-") && !tokens.Is(hour_next, "~");
  }
  if (kind != TokenKind::kWord) return false;
  return tokens
             .MatchAny(
                 hour_next,
                 {"on",     "in the",   "today",   "tomorrow", "tonight", "and",       "or",
                  "but",    "please",   "if",      "for",      "is",      "would",     "works",
                  "next",   "this",     "to",      "until",    "till",    "sharp",     "then",
                  "so",     "with",     "because", "monday",   "tuesday", "wednesday", "thursday",
                  "friday", "saturday", "sunday"})
             .count > 0;
}

bool TakeClock(const Tokens& tokens, size_t at, bool announced, Moment& moment) {
  if (!TakesClock(moment)) return false;
  std::optional<ClockExpr> clock = ParseClock(tokens, at);
  const bool beside = announced || moment.part.has_value() || moment.date.has_value();
  if (clock.has_value() && clock->bare && !beside) clock.reset();
  if (!clock.has_value() && announced) {
    clock = ParseBareHour(tokens, at);
    if (clock.has_value() && !StartsBareHour(tokens, clock->next)) clock.reset();
  }
  if (!clock.has_value()) return false;
  moment.next = clock->next;
  moment.clock = std::move(clock);
  return true;
}

bool TakePart(const Tokens& tokens, size_t at, bool first, Moment& moment) {
  if (moment.part.has_value()) return false;
  if (moment.date.has_value() && !TakesClock(OfDate(*moment.date))) return false;
  const std::optional<DayPartExpr> part = ParseDayPart(tokens, at);
  if (!part.has_value()) return false;
  // "Good morning" and "the night" are no times; "in the morning" is, and any behind a date or clock.
  const bool lone = first && tokens.IsKind(at, TokenKind::kWord) && part->next - at == 1;
  if (lone) return false;
  moment.part = part->part;
  moment.next = part->next;
  return true;
}

bool Take(const Tokens& tokens, size_t at, bool announced, const EntityContext& context,
          Moment& moment) {
  const bool first = moment.empty();
  // The longer of clock and date: "3点" and "3天后" start alike.
  Moment with_clock = moment;
  Moment with_date = moment;
  const bool clock = TakeClock(tokens, at, announced, with_clock);
  const bool date = TakeDate(tokens, at, context, with_date);
  if (clock && (!date || with_clock.next >= with_date.next)) {
    moment = std::move(with_clock);
    return true;
  }
  if (date) {
    moment = std::move(with_date);
    return true;
  }
  return TakePart(tokens, at, first, moment);
}

void SkipClosing(const Tokens& tokens, size_t opened_at, Moment& moment) {
  if (tokens.Is(opened_at, "(") && tokens.Is(moment.next, ")")) ++moment.next;
}

TimeValue Interval(absl::Time begin, absl::Time end, Grain grain, bool range) {
  return TimeValue{.begin = begin, .end = end, .grain = grain, .range = range};
}

absl::Time At(absl::CivilDay day, int hour, int minute, int second, absl::TimeZone zone) {
  return absl::FromCivil(
      absl::CivilSecond(day.year(), day.month(), day.day(), hour, minute, second), zone);
}

absl::Duration LengthOf(Grain grain) {
  if (grain == Grain::kSecond) return absl::Seconds(1);
  return grain == Grain::kMinute ? absl::Minutes(1) : absl::Hours(1);
}

// The moment on a chosen stretch of days.
ResolvedMoment OnDays(const Moment& moment, const EntityContext& context, const DayRange& days) {
  ResolvedMoment out;
  out.day = days.begin;
  if (moment.clock.has_value()) {
    ClockExpr clock = *moment.clock;
    if (moment.date.has_value() && moment.date->numeric && !moment.part.has_value()) {
      clock.open = false;
    }
    const HourOfDay hour = ResolveHour(clock, moment.part);
    absl::Time begin = At(days.begin, hour.hour, clock.minute, clock.second, context.zone);
    if (clock.offset.has_value()) {
      begin = At(days.begin, clock.hour, clock.minute, clock.second, absl::UTCTimeZone()) -
              *clock.offset;
    }
    out.value = Interval(begin, begin + LengthOf(clock.grain), clock.grain, false);
    if (hour.guessed) out.confidence = clock.hour <= 6 ? 0.7 : 0.8;
    if (clock.bare && !moment.part.has_value()) out.confidence = 0.6;
    return out;
  }
  if (moment.part.has_value()) {
    const DayPartHours hours = HoursOf(*moment.part);
    out.value = Interval(At(days.begin, hours.from, 0, 0, context.zone),
                         At(days.begin, hours.to, 0, 0, context.zone), Grain::kDayPart, false);
    return out;
  }
  const bool range = moment.date.has_value() && moment.date->range;
  const Grain grain = moment.date.has_value() ? moment.date->grain : Grain::kDay;
  out.value = Interval(At(days.begin, 0, 0, 0, context.zone), At(days.end, 0, 0, 0, context.zone),
                       grain, range);
  return out;
}

bool IsWanted(const Moment& moment, const ResolvedMoment& found, const EntityContext& context,
              std::optional<absl::CivilDay> anchor) {
  if (anchor.has_value()) return found.day >= *anchor;
  const bool clock = moment.clock.has_value();
  const bool weekday = moment.date.has_value() && moment.date->kind == DateExpr::Kind::kWeekday;
  const absl::CivilDay today = Today(context);
  if (context.lean_past) {
    if (clock) return found.value.begin < context.now;
    return weekday ? found.day < today : found.value.begin <= context.now;
  }
  if (clock) return found.value.begin > context.now;
  if (weekday && !moment.part.has_value()) return found.day > today;
  return found.value.end > context.now;
}

std::optional<ResolvedMoment> ResolveOpen(const Moment& moment, const DateExpr& date,
                                          const EntityContext& context,
                                          std::optional<absl::CivilDay> anchor) {
  const bool past = context.lean_past && !anchor.has_value();
  const absl::CivilDay base = anchor.value_or(Today(context));
  for (int step = -1; step < kPeriodsTried; ++step) {
    const std::optional<DayRange> days = CandidateOf(date, base, past ? -step : step);
    if (!days.has_value()) continue;
    ResolvedMoment found = OnDays(moment, context, *days);
    if (IsWanted(moment, found, context, anchor)) return found;
  }
  return std::nullopt;
}

// A clock or part of the day alone: of the first day that has it.
std::optional<ResolvedMoment> ResolveUndated(const Moment& moment, const EntityContext& context,
                                             std::optional<absl::CivilDay> anchor) {
  if (anchor.has_value()) return OnDays(moment, context, {*anchor, *anchor + 1});
  for (int step = -1; step < kPeriodsTried; ++step) {
    const absl::CivilDay day = Today(context) + (context.lean_past ? -step : step);
    ResolvedMoment found = OnDays(moment, context, {day, day + 1});
    if (!IsWanted(moment, found, context, anchor)) continue;
    found.confidence = std::min(found.confidence, 0.9);
    return found;
  }
  return std::nullopt;
}

// "9 in the morning", "eight at night".
std::optional<Moment> ParseHourOfPart(const Tokens& tokens, size_t i) {
  const std::optional<ClockExpr> hour = ParseBareHour(tokens, i);
  if (!hour.has_value() || !hour->open) return std::nullopt;
  if (!tokens.Is(hour->next, "in") && !tokens.Is(hour->next, "at")) return std::nullopt;
  const std::optional<DayPartExpr> part = ParseDayPart(tokens, hour->next);
  if (!part.has_value()) return std::nullopt;
  Moment moment = OfClock(*hour);
  moment.part = part->part;
  moment.next = part->next;
  return moment;
}

}  // namespace

Moment OfClock(const ClockExpr& clock) {
  Moment moment;
  moment.clock = clock;
  moment.next = clock.next;
  return moment;
}

Moment OfDate(const DateExpr& date) {
  Moment moment;
  moment.date = date;
  moment.next = date.next;
  return moment;
}

std::optional<Moment> ParseMoment(const Tokens& tokens, size_t i, const EntityContext& context) {
  Moment moment;
  size_t at = i;
  if (size_t n = tokens.MatchAny(i, {"at about", "at around", "at", "by about", "around"}).count;
      n > 0) {
    if (!TakeClock(tokens, i + n, true, moment)) {
      if (!Take(tokens, i, false, context, moment)) return std::nullopt;
    }
  } else if (auto hour = ParseHourOfPart(tokens, at); hour.has_value()) {
    moment = *hour;
  } else if (!Take(tokens, at, false, context, moment)) {
    return std::nullopt;
  }
  for (int part = 0; part < 4; ++part) {
    at = moment.next;
    // In numeric dates, ISO 8601: "2026-11-22T14:30".
    const bool iso = moment.date.has_value() && moment.date->numeric && tokens.Is(at, "t") &&
                     tokens.Glued(at) && tokens.Glued(at + 1);
    if (iso && TakeClock(tokens, at + 1, false, moment)) continue;
    if (Take(tokens, at, false, context, moment)) continue;
    const size_t n = Connector(tokens, at);
    if (n == 0) break;
    const bool announced = tokens.Is(at, "at") || tokens.Is(at, "@");
    if (!Take(tokens, at + n, announced, context, moment)) break;
    SkipClosing(tokens, at, moment);
  }
  return moment;
}

std::optional<ResolvedMoment> ResolveMoment(const Moment& moment, const EntityContext& context,
                                            std::optional<absl::CivilDay> anchor) {
  if (!moment.date.has_value()) return ResolveUndated(moment, context, anchor);
  const DateExpr& date = *moment.date;
  std::optional<ResolvedMoment> found;
  if (date.kind == DateExpr::Kind::kInterval) {
    found = ResolvedMoment{.value = Interval(date.from, date.to, date.grain, date.range),
                           .day = absl::ToCivilDay(date.from, context.zone)};
  } else if (IsOpen(date)) {
    found = ResolveOpen(moment, date, context, anchor);
  } else {
    found = OnDays(moment, context, {date.begin, date.end});
  }
  if (found.has_value()) found->confidence = std::min(found->confidence, date.confidence);
  return found;
}

}  // namespace frontdesk::text
