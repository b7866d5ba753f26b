#include "libs/text/entities/durations.h"

#include <algorithm>
#include <utility>

#include "libs/text/entities/numbers.h"

namespace frontdesk::text {
namespace {

constexpr int64_t kCountMicrosMax = 100'000 * kMicros;

struct Unit {
  std::string_view phrase;
  Grain grain;
  int64_t months;
  int64_t seconds;
  bool working = false;
  bool glued_only = false;  // "2h", never "2 h"
};

constexpr int64_t kDay = 86'400;

constexpr Unit kHanUnits[] = {
    {"秒钟", Grain::kSecond, 0, 1},
    {"秒", Grain::kSecond, 0, 1},
    {"分钟", Grain::kMinute, 0, 60},
    {"个小时", Grain::kHour, 0, 3'600},
    {"小时", Grain::kHour, 0, 3'600},
    {"个钟头", Grain::kHour, 0, 3'600},
    {"钟头", Grain::kHour, 0, 3'600},
    {"个工作日", Grain::kDay, 0, kDay, true},
    {"工作日", Grain::kDay, 0, kDay, true},
    {"个工作天", Grain::kDay, 0, kDay, true},
    {"个自然日", Grain::kDay, 0, kDay},
    {"自然日", Grain::kDay, 0, kDay},
    {"天", Grain::kDay, 0, kDay},
    {"个星期", Grain::kWeek, 0, 7 * kDay},
    {"星期", Grain::kWeek, 0, 7 * kDay},
    {"个礼拜", Grain::kWeek, 0, 7 * kDay},
    {"礼拜", Grain::kWeek, 0, 7 * kDay},
    {"周", Grain::kWeek, 0, 7 * kDay},
    {"个月", Grain::kMonth, 1, 0},
    {"个季度", Grain::kMonth, 3, 0},
    {"年", Grain::kYear, 12, 0},
};

constexpr Unit kEnglishUnits[] = {
    {"second", Grain::kSecond, 0, 1},
    {"seconds", Grain::kSecond, 0, 1},
    {"secs", Grain::kSecond, 0, 1},
    {"sec", Grain::kSecond, 0, 1},
    {"minute", Grain::kMinute, 0, 60},
    {"minutes", Grain::kMinute, 0, 60},
    {"min", Grain::kMinute, 0, 60},
    {"mins", Grain::kMinute, 0, 60},
    {"hour", Grain::kHour, 0, 3'600},
    {"hours", Grain::kHour, 0, 3'600},
    {"hr", Grain::kHour, 0, 3'600},
    {"hrs", Grain::kHour, 0, 3'600},
    {"h", Grain::kHour, 0, 3'600, false, true},
    {"business day", Grain::kDay, 0, kDay, true},
    {"business days", Grain::kDay, 0, kDay, true},
    {"working day", Grain::kDay, 0, kDay, true},
    {"working days", Grain::kDay, 0, kDay, true},
    {"day", Grain::kDay, 0, kDay},
    {"days", Grain::kDay, 0, kDay},
    {"night", Grain::kDay, 0, kDay},
    {"nights", Grain::kDay, 0, kDay},
    {"week", Grain::kWeek, 0, 7 * kDay},
    {"weeks", Grain::kWeek, 0, 7 * kDay},
    {"wk", Grain::kWeek, 0, 7 * kDay},
    {"wks", Grain::kWeek, 0, 7 * kDay},
    {"fortnight", Grain::kWeek, 0, 14 * kDay},
    {"fortnights", Grain::kWeek, 0, 14 * kDay},
    {"month", Grain::kMonth, 1, 0},
    {"months", Grain::kMonth, 1, 0},
    {"year", Grain::kYear, 12, 0},
    {"years", Grain::kYear, 12, 0},
    {"yr", Grain::kYear, 12, 0},
    {"yrs", Grain::kYear, 12, 0},
};

// "一个半月", "半个月": the 个 stands before.
constexpr Unit kHalfMonths = {"月", Grain::kMonth, 1, 0};

struct UnitFound {
  const Unit* unit = nullptr;
  size_t count = 0;
};

template <size_t N>
UnitFound Longest(const Unit (&units)[N], const Tokens& tokens, size_t i) {
  UnitFound best;
  for (const Unit& unit : units) {
    const size_t count = tokens.Match(i, unit.phrase);
    if (count > best.count && (!unit.glued_only || tokens.Glued(i))) best = {&unit, count};
  }
  return best;
}

UnitFound ParseUnit(const Tokens& tokens, size_t i) {
  if (tokens.IsKind(i, TokenKind::kHan)) return Longest(kHanUnits, tokens, i);
  if (tokens.Is(i, "-")) ++i;  // "3-day"
  if (!tokens.IsKind(i, TokenKind::kWord)) return {};
  UnitFound found = Longest(kEnglishUnits, tokens, i);
  if (found.unit != nullptr && tokens.Is(i - 1, "-")) ++found.count;
  return found;
}

// `micros` of the unit; whole seconds and months only.
std::optional<Length> Times(const Unit& unit, int64_t micros) {
  if (micros < 0 || micros > kCountMicrosMax) return std::nullopt;
  Length length;
  if (unit.months > 0) {
    const int64_t months = unit.months * micros;
    if (months % kMicros == 0) {
      length.months = months / kMicros;
    } else {
      length.months = months / kMicros;
      length.rest = absl::Hours(24) * ((months % kMicros) * 30 / kMicros);
    }
    return length;
  }
  length.rest =
      absl::Seconds(static_cast<int64_t>(static_cast<__int128>(unit.seconds) * micros / kMicros));
  return length;
}

struct Count {
  int64_t least = 0;
  int64_t most = 0;
  size_t next = 0;
};

bool IsTo(const Tokens& tokens, size_t i) {
  return tokens.Is(i, "-") || tokens.Is(i, "~") || tokens.Is(i, "到") || tokens.Is(i, "至") ||
         tokens.Is(i, "to") || tokens.Is(i, "or");
}

std::optional<Count> ParseCount(const Tokens& tokens, size_t i) {
  if (auto pair = ParseHanPair(tokens, i); pair.has_value()) {
    return Count{pair->first * kMicros, pair->second * kMicros, i + 2};
  }
  if (tokens.IsKind(i, TokenKind::kDigits) && !tokens.StartsClean(i)) return std::nullopt;
  const std::optional<Number> number = ParseNumber(tokens, i);
  if (!number.has_value() || number->micros > kCountMicrosMax) return std::nullopt;
  Count count{number->micros, number->micros, number->next};
  if (number->article || !IsTo(tokens, count.next)) return count;
  const std::optional<Number> most = ParseNumber(tokens, count.next + 1);
  if (most.has_value() && !most->article && most->micros > count.least) {
    count.most = most->micros;
    count.next = most->next;
  }
  return count;
}

// "半" before the unit ("两个半小时") or behind it ("一天半", "an hour and a half").
size_t HalfBehind(const Tokens& tokens, size_t i) {
  if (tokens.Is(i, "半") && tokens.Glued(i) && !tokens.Is(i + 1, "价")) return 1;
  return tokens.Match(i, "and a half");
}

std::optional<DurationExpr> OneUnit(const Tokens& tokens, size_t i) {
  if (size_t n = tokens.MatchAny(i, {"一刻钟", "quarter of an hour", "a quarter of an hour"}).count;
      n > 0) {
    const Length quarter{.rest = absl::Minutes(15)};
    return DurationExpr{{quarter, quarter, Grain::kMinute}, i + n};
  }
  if (size_t n = tokens.Match(i, "三刻钟"); n > 0) {
    const Length quarters{.rest = absl::Minutes(45)};
    return DurationExpr{{quarters, quarters, Grain::kMinute}, i + n};
  }
  if (size_t n = tokens
                     .MatchAny(i, {"half an hour", "half hour", "half a day", "half a year",
                                   "half a month"})
                     .count;
      n > 0) {
    const UnitFound unit = ParseUnit(tokens, i + n - 1);
    const std::optional<Length> length = Times(*unit.unit, kMicros / 2);
    return DurationExpr{{*length, *length, unit.unit->grain}, i + n};
  }
  std::optional<Count> count = ParseCount(tokens, i);
  if (!count.has_value()) return std::nullopt;
  size_t at = count->next;
  int64_t half = 0;
  if (size_t n = tokens.Match(at, "and a half"); n > 0) {
    half = kMicros / 2;
    at += n;
  }
  if (tokens.Is(at, "多") || tokens.Is(at, "来")) ++at;
  UnitFound unit = ParseUnit(tokens, at);
  if (unit.unit == nullptr && tokens.Match(at, "个半") > 0) {
    half = kMicros / 2;
    at += 2;
    unit = tokens.Is(at, "月") ? UnitFound{&kHalfMonths, 1} : ParseUnit(tokens, at);
  }
  if (unit.unit == nullptr) return std::nullopt;
  // "2026年" is a year.
  if (unit.unit->grain == Grain::kYear && tokens.Is(at, "年") && count->least >= 1'000 * kMicros) {
    return std::nullopt;
  }
  size_t next = at + unit.count;
  double confidence = 1.0;
  if (half == 0) {
    if (size_t n = HalfBehind(tokens, next); n > 0 && !unit.unit->working) {
      half = kMicros / 2;
      next += n;
    }
  }
  if (unit.unit->months > 0 && ((count->least + half) * unit.unit->months) % kMicros != 0) {
    confidence = 0.8;
  }
  const std::optional<Length> least = Times(*unit.unit, count->least + half);
  const std::optional<Length> most = Times(*unit.unit, count->most + half);
  if (!least.has_value() || !most.has_value()) return std::nullopt;
  return DurationExpr{{*least, *most, unit.unit->grain, unit.unit->working}, next, confidence};
}

}  // namespace

std::optional<DurationExpr> ParseDuration(const Tokens& tokens, size_t i) {
  std::optional<DurationExpr> whole = OneUnit(tokens, i);
  if (!whole.has_value() || whole->value.working_days) return whole;
  for (int part = 0; part < 3; ++part) {
    size_t at = whole->next;
    if (tokens.Is(at, "零") || tokens.Is(at, "又") || tokens.Is(at, "and") || tokens.Is(at, ",")) {
      ++at;
    }
    std::optional<DurationExpr> more = OneUnit(tokens, at);
    if (!more.has_value()) {
      // "1小时30分"
      const std::optional<Number> minutes = ParseNumber(tokens, at);
      if (whole->value.grain != Grain::kHour || !minutes.has_value() || !minutes->whole() ||
          minutes->units() >= 60 || !tokens.Is(minutes->next, "分")) {
        break;
      }
      const Length length{.rest = absl::Minutes(minutes->units())};
      more = DurationExpr{{length, length, Grain::kMinute}, minutes->next + 1};
    }
    const bool range = more->value.least != more->value.most ||
                       whole->value.least != whole->value.most || more->value.working_days;
    if (range || more->value.grain >= whole->value.grain) break;
    whole->value.least.months += more->value.least.months;
    whole->value.least.rest += more->value.least.rest;
    whole->value.most = whole->value.least;
    whole->value.grain = more->value.grain;
    whole->next = more->next;
    whole->confidence = std::min(whole->confidence, more->confidence);
  }
  return whole;
}

void FindDurations(const Tokens& tokens, std::vector<Entity>& out) {
  size_t i = 0;
  while (i < tokens.size()) {
    const TokenKind kind = tokens[i].kind;
    std::optional<DurationExpr> found;
    const bool third_day = tokens.Glued(i) && tokens.Is(i - 1, "第");
    const bool quarter = kind == TokenKind::kWord && tokens.Is(i, "quarter");
    if ((StartsNumber(tokens, i) || quarter) && !third_day) found = ParseDuration(tokens, i);
    if (!found.has_value() || !tokens.EndsClean(found->next)) {
      ++i;
      continue;
    }
    Entity entity;
    entity.type = EntityType::kDuration;
    entity.begin = tokens[i].begin;
    entity.end = tokens[found->next - 1].end;
    entity.confidence = found->confidence;
    entity.value = FormatDuration(found->value);
    entity.detail = found->value;
    out.push_back(std::move(entity));
    i = found->next;
  }
}

}  // namespace frontdesk::text
