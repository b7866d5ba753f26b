#include "libs/text/entities/clocks.h"

#include <utility>

#include "libs/text/entities/numbers.h"

namespace frontdesk::text {
namespace {

// "am", "p.m." behind a clock: 0 or 12, and the token behind.
std::optional<std::pair<int, size_t>> ParseMeridiem(const Tokens& tokens, size_t i) {
  for (const auto& [phrase, base] : {std::pair<std::string_view, int>{"a.m.", 0},
                                     {"p.m.", 12},
                                     {"a.m", 0},
                                     {"p.m", 12},
                                     {"am", 0},
                                     {"pm", 12}}) {
    if (size_t n = tokens.Match(i, phrase); n > 0) return std::pair(base, i + n);
  }
  return std::nullopt;
}

bool ApplyMeridiem(const Tokens& tokens, ClockExpr& clock) {
  const auto meridiem = ParseMeridiem(tokens, clock.next);
  if (!meridiem.has_value()) return false;
  if (clock.hour > 12) {
    clock.next = meridiem->second;  // "15:00 pm"
    clock.open = false;
    return true;
  }
  if (clock.hour == 0 && meridiem->first == 12) return false;
  clock.hour = clock.hour % 12 + meridiem->first;
  clock.open = false;
  clock.bare = false;
  clock.next = meridiem->second;
  return true;
}

void ParseOffset(const Tokens& tokens, ClockExpr& clock) {
  if (!tokens.Glued(clock.next)) return;
  if (tokens.Is(clock.next, "z")) {
    clock.offset = absl::ZeroDuration();
    ++clock.next;
    return;
  }
  const bool plus = tokens.Is(clock.next, "+");
  if (!plus && !tokens.Is(clock.next, "-")) return;
  const std::optional<int> hours = ParseSmallInt(tokens, clock.next + 1, 2);
  const std::optional<int> minutes = ParseSmallInt(tokens, clock.next + 3, 2);
  if (!hours.has_value() || !minutes.has_value() || !tokens.Is(clock.next + 2, ":") ||
      !tokens.Glued(clock.next + 3) || *hours > 14 || *minutes > 59 ||
      tokens.Text(clock.next + 1).size() != 2) {
    return;
  }
  // "9:00-10:00" is a range; an offset has its seconds before it.
  if (clock.grain != Grain::kSecond) return;
  const absl::Duration offset = absl::Hours(*hours) + absl::Minutes(*minutes);
  clock.offset = plus ? offset : -offset;
  clock.next += 4;
}

// "14:30", "2:30:15 pm".
std::optional<ClockExpr> ParseDigital(const Tokens& tokens, size_t i) {
  if (!tokens.Is(i + 1, ":") || !tokens.Glued(i + 1) || !tokens.Glued(i + 2)) return std::nullopt;
  if (tokens.Glued(i) && tokens.Is(i - 1, ":")) return std::nullopt;
  const std::optional<int> hour = ParseSmallInt(tokens, i, 2);
  const std::optional<int> minute = ParseSmallInt(tokens, i + 2, 2);
  if (!hour.has_value() || !minute.has_value() || *hour > 24 || *minute > 59 ||
      tokens.Text(i + 2).size() != 2 || (*hour == 24 && *minute != 0)) {
    return std::nullopt;
  }
  ClockExpr clock;
  clock.hour = *hour;
  clock.minute = *minute;
  clock.grain = Grain::kMinute;
  clock.next = i + 3;
  clock.open = *hour >= 1 && *hour <= 12 && tokens.Text(i).size() == 1;
  clock.open = clock.open || (*hour >= 10 && *hour <= 12);
  if (tokens.Is(i + 3, ":") && tokens.Glued(i + 3) && tokens.Glued(i + 4)) {
    const std::optional<int> second = ParseSmallInt(tokens, i + 4, 2);
    if (!second.has_value() || *second > 59) return std::nullopt;
    clock.second = *second;
    clock.grain = Grain::kSecond;
    clock.open = false;
    clock.next = i + 5;
    if (tokens.Is(i + 5, ".") && tokens.Glued(i + 5) && tokens.Glued(i + 6) &&
        tokens.IsKind(i + 6, TokenKind::kDigits)) {
      clock.next = i + 7;
    }
  }
  if (tokens.Glued(clock.next) && tokens.Is(clock.next, ":")) return std::nullopt;
  if (!ApplyMeridiem(tokens, clock)) ParseOffset(tokens, clock);
  return clock;
}

// A number from 0 to `most` in digits or words of either language.
std::optional<std::pair<int, size_t>> SmallNumber(const Tokens& tokens, size_t i, int most) {
  if (tokens.IsKind(i, TokenKind::kDigits)) {
    const std::optional<int> value = ParseSmallInt(tokens, i, 2);
    if (!value.has_value() || *value > most) return std::nullopt;
    return std::pair(*value, i + 1);
  }
  if (tokens.Is(i, "半")) return std::nullopt;
  // "零五分": the zero is the ten.
  const size_t from =
      (tokens.Is(i, "零") || tokens.Is(i, "〇")) && HanDigit(tokens.Text(i + 1)) > 0 ? i + 1 : i;
  std::optional<Number> number = ParseNumber(tokens, from);
  if (!number.has_value() || number->article || !number->whole()) return std::nullopt;
  if (number->units() > most) return std::nullopt;
  return std::pair(static_cast<int>(number->units()), number->next);
}

// What stands behind "三点": minutes.
void ParseChineseMinutes(const Tokens& tokens, ClockExpr& clock, bool need_sign) {
  const size_t at = clock.next;
  clock.grain = Grain::kMinute;
  if (tokens.Is(at, "半")) {
    clock.minute = 30;
    clock.next = at + 1;
  } else if (tokens.Match(at, "一刻") > 0) {
    clock.minute = 15;
    clock.next = at + 2;
  } else if (tokens.Match(at, "三刻") > 0) {
    clock.minute = 45;
    clock.next = at + 2;
  } else if (tokens.Is(at, "整")) {
    clock.next = at + 1;
  } else if (tokens.Is(at, "钟")) {
    clock.grain = Grain::kHour;
    clock.next = at + 1;
    if (tokens.Is(at + 1, "整")) ++clock.next;
  } else {
    const auto minute = SmallNumber(tokens, at, 59);
    const bool sign = minute.has_value() && tokens.Is(minute->second, "分") &&
                      !tokens.Is(minute->second + 1, "钟");
    const bool two =
        minute.has_value() && (tokens.Text(at).size() == 2 || minute->second - at >= 2);
    const bool unit =
        minute.has_value() && (tokens.Is(minute->second, "个") || tokens.Is(minute->second, "元") ||
                               tokens.Is(minute->second, "块"));
    if (!minute.has_value() || !tokens.Glued(at) || (!sign && (need_sign || !two || unit))) {
      clock.grain = Grain::kHour;
      return;
    }
    clock.minute = minute->first;
    clock.next = minute->second + (sign ? 1 : 0);
    const auto second = SmallNumber(tokens, clock.next, 59);
    if (sign && second.has_value() && tokens.Is(second->second, "秒")) {
      clock.second = second->first;
      clock.grain = Grain::kSecond;
      clock.next = second->second + 1;
    }
  }
}

// "三点意见" has no clock.
bool IsPointOfSomething(const Tokens& tokens, size_t i) {
  return tokens
             .MatchAny(i, {"意见", "建议", "要求", "原因", "理由", "疑问", "问题", "说明", "积分",
                           "注意", "内容", "左右手"})
             .count > 0;
}

std::optional<ClockExpr> ParseChineseClock(const Tokens& tokens, size_t i) {
  if (tokens.Is(i, "差")) {
    const auto minute = SmallNumber(tokens, i + 1, 59);
    const size_t quarter = tokens.Match(i + 1, "一刻");
    size_t next = 0;
    int minutes = 15;
    if (quarter > 0) {
      next = i + 3;
    } else if (minute.has_value() && tokens.Is(minute->second, "分")) {
      next = minute->second + 1;
      minutes = minute->first;
    } else {
      return std::nullopt;
    }
    const auto hour = SmallNumber(tokens, next, 24);
    if (!hour.has_value() || hour->first < 1 || !tokens.Is(hour->second, "点")) return std::nullopt;
    ClockExpr clock;
    clock.hour = hour->first - 1;
    clock.minute = 60 - minutes;
    clock.grain = Grain::kMinute;
    clock.open = clock.hour >= 1 && clock.hour <= 12;
    if (clock.hour == 0) clock.hour = 12, clock.open = true;
    clock.next = hour->second + 1 + (tokens.Is(hour->second + 1, "钟") ? 1 : 0);
    return clock;
  }
  auto hour = SmallNumber(tokens, i, 24);
  // "下午三四点": the first of two, as a guess.
  const auto pair = ParseHanPair(tokens, i);
  if (pair.has_value()) hour = std::pair(pair->first, i + 2);
  if (!hour.has_value()) return std::nullopt;
  const bool point = tokens.Is(hour->second, "点");
  const bool formal = tokens.Is(hour->second, "时");
  if (!point && !formal) return std::nullopt;
  if (point && (IsPointOfSomething(tokens, hour->second + 1))) return std::nullopt;
  ClockExpr clock;
  clock.hour = hour->first;
  clock.next = hour->second + 1;
  clock.open = clock.hour >= 1 && clock.hour <= 12;
  ParseChineseMinutes(tokens, clock, formal);
  if (formal) clock.open = false;
  // "一点" is "a bit" more often than an hour.
  if (pair.has_value()) clock.bare = true;
  if (point && hour->first == 1 && clock.next == hour->second + 1) clock.bare = true;
  return clock;
}

// "half past two", "quarter to six", "ten past five".
std::optional<ClockExpr> ParseSpoken(const Tokens& tokens, size_t i) {
  size_t next = i;
  int minutes = -1;
  if (tokens.Is(next, "a") && tokens.Is(next + 1, "quarter")) ++next;
  if (tokens.Is(next, "half")) {
    minutes = 30;
    ++next;
  } else if (tokens.Is(next, "quarter")) {
    minutes = 15;
    ++next;
  } else if (auto number = SmallNumber(tokens, next, 59); number.has_value()) {
    minutes = number->first;
    next = number->second;
    if (tokens.Is(next, "minutes") || tokens.Is(next, "mins")) ++next;
  }
  const bool past = tokens.Is(next, "past") || (tokens.Is(next, "after") && minutes == 15);
  const bool to = tokens.Is(next, "to") || tokens.Is(next, "till");
  if (minutes < 1 || (!past && !to)) return std::nullopt;
  if (to && (minutes == 30 || (minutes % 5 != 0 && tokens.Is(next, "to")))) return std::nullopt;
  const auto hour = SmallNumber(tokens, next + 1, 24);
  ClockExpr clock;
  if (hour.has_value() && hour->first >= 1) {
    // "5 to 10" is a range, "five to ten dollars" one of money: to is the hour's only in words.
    if (to && tokens.IsKind(next - 1, TokenKind::kDigits)) return std::nullopt;
    clock.hour = hour->first;
    clock.next = hour->second;
    clock.open = clock.hour <= 12;
  } else if (tokens.Is(next + 1, "noon") || tokens.Is(next + 1, "midnight")) {
    clock.hour = tokens.Is(next + 1, "noon") ? 12 : 24;
    clock.next = next + 2;
  } else {
    return std::nullopt;
  }
  clock.minute = minutes;
  clock.grain = Grain::kMinute;
  if (tokens.Is(clock.next, "o'clock")) ++clock.next;
  ApplyMeridiem(tokens, clock);
  if (to) {
    clock.minute = 60 - minutes;
    clock.hour = clock.hour == 0 ? 23 : clock.hour - 1;
    if (clock.hour == 0 && clock.open) clock.hour = 12;
    // "five to ten" alone may be a range of numbers.
    const bool quarter = tokens.Is(i, "quarter") || tokens.Is(i, "a");
    if (clock.open && !quarter) clock.bare = true;
  }
  return clock;
}

std::optional<ClockExpr> ParseEnglishClock(const Tokens& tokens, size_t i) {
  if (auto spoken = ParseSpoken(tokens, i); spoken.has_value()) return spoken;
  ClockExpr clock;
  if (tokens.Is(i, "noon") || tokens.Is(i, "midday") || tokens.Is(i, "midnight")) {
    clock.hour = tokens.Is(i, "midnight") ? 24 : 12;
    clock.next = i + 1;
    return clock;
  }
  const auto hour = SmallNumber(tokens, i, 24);
  if (!hour.has_value()) return std::nullopt;
  clock.hour = hour->first;
  clock.next = hour->second;
  clock.open = clock.hour >= 1 && clock.hour <= 12;
  if (tokens.Is(clock.next, "o'clock") || tokens.Match(clock.next, "o clock") > 0) {
    clock.next += tokens.Is(clock.next, "o'clock") ? 1 : 2;
    ApplyMeridiem(tokens, clock);
    return clock;
  }
  // "three thirty pm", "2.30pm"
  const size_t at =
      tokens.Is(clock.next, ".") && tokens.Glued(clock.next) ? clock.next + 1 : clock.next;
  const bool words = tokens.IsKind(i, TokenKind::kWord);
  if (const auto minute = SmallNumber(tokens, at, 59);
      minute.has_value() && minute->first >= 10 && (words || at > clock.next)) {
    ClockExpr with = clock;
    with.minute = minute->first;
    with.grain = Grain::kMinute;
    with.next = minute->second;
    if (ApplyMeridiem(tokens, with)) return with;
  }
  if (ApplyMeridiem(tokens, clock)) {
    // "I am 5 am I" can't be told; "5 am" with a space needs an hour and a clean end.
    return clock;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ClockExpr> ParseClock(const Tokens& tokens, size_t i) {
  switch (tokens[i].kind) {
    case TokenKind::kDigits: {
      if (!tokens.StartsClean(i) && !(tokens.Is(i - 1, "t") && tokens.Glued(i)))
        return std::nullopt;
      std::optional<ClockExpr> clock = ParseDigital(tokens, i);
      if (!clock.has_value()) clock = ParseChineseClock(tokens, i);
      if (!clock.has_value()) clock = ParseEnglishClock(tokens, i);
      if (!clock.has_value() || !tokens.EndsClean(clock->next)) return std::nullopt;
      return clock;
    }
    case TokenKind::kHan:
      return ParseChineseClock(tokens, i);
    case TokenKind::kWord:
      return tokens.StartsClean(i) ? ParseEnglishClock(tokens, i) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<ClockExpr> ParseBareHour(const Tokens& tokens, size_t i) {
  if (!tokens.StartsClean(i) || tokens.IsKind(i, TokenKind::kHan)) return std::nullopt;
  const auto hour = SmallNumber(tokens, i, 24);
  if (!hour.has_value() || !tokens.EndsClean(hour->second)) return std::nullopt;
  const size_t next = hour->second;
  if (tokens.Glued(next) &&
      (tokens.Is(next, ".") || tokens.Is(next, ",") || tokens.Is(next, ":")) &&
      tokens.Glued(next + 1) && tokens.IsKind(next + 1, TokenKind::kDigits)) {
    return std::nullopt;
  }
  if (tokens.Is(next, "%") || tokens.Is(next, "/")) return std::nullopt;
  ClockExpr clock;
  clock.hour = hour->first;
  clock.open = clock.hour >= 1 && clock.hour <= 12;
  clock.bare = true;
  clock.next = next;
  return clock;
}

std::optional<DayPartExpr> ParseDayPart(const Tokens& tokens, size_t i) {
  struct Entry {
    std::string_view phrase;
    DayPart part;
  };
  static constexpr Entry kParts[] = {
      {"凌晨", DayPart::kDawn},
      {"清晨", DayPart::kEarly},
      {"早晨", DayPart::kEarly},
      {"早上", DayPart::kEarly},
      {"清早", DayPart::kEarly},
      {"一大早", DayPart::kEarly},
      {"上午", DayPart::kMorning},
      {"早间", DayPart::kEarly},
      {"中午", DayPart::kNoon},
      {"正午", DayPart::kNoon},
      {"午间", DayPart::kNoon},
      {"下午", DayPart::kAfternoon},
      {"午后", DayPart::kAfternoon},
      {"傍晚", DayPart::kEvening},
      {"晚上", DayPart::kEvening},
      {"晚间", DayPart::kEvening},
      {"夜里", DayPart::kNight},
      {"夜间", DayPart::kNight},
      {"深夜", DayPart::kNight},
      {"半夜", DayPart::kNight},
      {"in the morning", DayPart::kMorning},
      {"in the afternoon", DayPart::kAfternoon},
      {"in the evening", DayPart::kEvening},
      {"at night", DayPart::kNight},
      {"at lunchtime", DayPart::kNoon},
      {"morning", DayPart::kMorning},
      {"afternoon", DayPart::kAfternoon},
      {"evening", DayPart::kEvening},
      {"night", DayPart::kNight},
  };
  DayPartExpr best{DayPart::kMorning, 0};
  for (const Entry& entry : kParts) {
    const size_t n = tokens.Match(i, entry.phrase);
    if (n > 0 && i + n > best.next) best = {entry.part, i + n};
  }
  // "早8点", "晚八点半"
  if (best.next == 0 && StartsNumber(tokens, i + 1) && tokens.Glued(i + 1)) {
    if (tokens.Is(i, "早")) best = {DayPart::kEarly, i + 1};
    if (tokens.Is(i, "晚")) best = {DayPart::kEvening, i + 1};
  }
  if (best.next == 0 || tokens.Is(best.next, "好")) return std::nullopt;
  return best;
}

HourOfDay ResolveHour(const ClockExpr& clock, std::optional<DayPart> part) {
  const int hour = clock.hour;
  if (!clock.open) return {hour, false};
  if (!part.has_value()) {
    return {hour <= 6 ? hour + 12 : hour, true};
  }
  switch (*part) {
    case DayPart::kDawn:
      return {hour == 12 ? 0 : hour, false};
    case DayPart::kEarly:
    case DayPart::kMorning:
      return {hour, false};
    case DayPart::kNoon:
      return {hour <= 3 ? hour + 12 : hour, false};
    case DayPart::kAfternoon:
      return {hour == 12 ? 12 : hour + 12, false};
    case DayPart::kEvening:
    case DayPart::kNight:
      if (hour == 12) return {24, false};
      return hour <= 4 ? HourOfDay{hour + 24, true} : HourOfDay{hour + 12, false};
  }
  return {hour, true};
}

}  // namespace frontdesk::text
