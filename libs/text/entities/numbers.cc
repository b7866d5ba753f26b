#include "libs/text/entities/numbers.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace frontdesk::text {
namespace {

using Wide = __int128;

struct WordValue {
  std::string_view word;
  int64_t value;
};

constexpr WordValue kEnglishSmall[] = {
    {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
    {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
    {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
    {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fourty", 40},   {"fifty", 50},
    {"sixty", 60},   {"seventy", 70}, {"eighty", 80},    {"ninety", 90},
};

constexpr WordValue kEnglishScales[] = {
    {"hundred", 100},
    {"thousand", 1'000},
    {"million", 1'000'000},
    {"billion", 1'000'000'000},
    {"trillion", 1'000'000'000'000},
};

constexpr WordValue kEnglishOrdinals[] = {
    {"first", 1},        {"second", 2},      {"third", 3},       {"fourth", 4},
    {"fifth", 5},        {"sixth", 6},       {"seventh", 7},     {"eighth", 8},
    {"ninth", 9},        {"tenth", 10},      {"eleventh", 11},   {"twelfth", 12},
    {"thirteenth", 13},  {"fourteenth", 14}, {"fifteenth", 15},  {"sixteenth", 16},
    {"seventeenth", 17}, {"eighteenth", 18}, {"nineteenth", 19}, {"twentieth", 20},
    {"thirtieth", 30},
};

template <size_t N>
int64_t Lookup(const WordValue (&table)[N], std::string_view word) {
  for (const WordValue& entry : table) {
    if (entry.word == word) return entry.value;
  }
  return -1;
}

int64_t HanScale(std::string_view text) {
  if (text == "十" || text == "拾") return 10;
  if (text == "百" || text == "佰") return 100;
  if (text == "千" || text == "仟") return 1'000;
  if (text == "万") return 10'000;
  if (text == "亿") return 100'000'000;
  return 0;
}

bool IsHanZero(std::string_view text) { return text == "零" || text == "〇"; }

std::optional<Number> Bounded(Wide micros, Number number) {
  if (micros > kNumberMicrosMax) return std::nullopt;
  number.micros = static_cast<int64_t>(micros);
  return number;
}

// "123", "1,299", "1,299.99": without scale.
struct Digits {
  Wide micros = 0;
  size_t next = 0;
  bool plain = true;
};

std::optional<Digits> ParseDigits(const Tokens& tokens, size_t i) {
  if (!tokens.IsKind(i, TokenKind::kDigits) || tokens.Text(i).size() > 15) return std::nullopt;
  Wide whole = 0;
  for (char c : tokens.Text(i)) whole = whole * 10 + (c - '0');
  size_t next = i + 1;
  Digits out;
  if (tokens.Text(i).size() <= 3) {
    while (tokens.Is(next, ",") && tokens.Glued(next) && tokens.Glued(next + 1) &&
           tokens.IsKind(next + 1, TokenKind::kDigits) && tokens.Text(next + 1).size() == 3 &&
           next - i < 9) {
      for (char c : tokens.Text(next + 1)) whole = whole * 10 + (c - '0');
      next += 2;
      out.plain = false;
    }
  }
  Wide micros = whole * kMicros;
  if (tokens.Is(next, ".") && tokens.Glued(next) && tokens.Glued(next + 1) &&
      tokens.IsKind(next + 1, TokenKind::kDigits)) {
    int64_t place = kMicros;
    for (char c : tokens.Text(next + 1)) {
      place /= 10;
      micros += place * (c - '0');
    }
    next += 2;
    out.plain = false;
  }
  out.micros = micros;
  out.next = next;
  return out;
}

// Digits before a Chinese scale: "3万", "3.5亿", "2千万", "1万5千", "3万5".
std::optional<Number> ScaleHan(const Tokens& tokens, Wide micros, size_t next) {
  Wide total = 0;
  int64_t last = 0;
  for (int part = 0; part < 4; ++part) {
    int64_t scale = 1;
    size_t after = next;
    while (after - next < 2 && HanScale(tokens.Text(after)) > 0) {
      scale *= HanScale(tokens.Text(after));
      ++after;
    }
    if (after == next) {
      if (part == 0) return std::nullopt;
      // "3万5": the digit counts tenths of the scale before.
      if (micros < 10 * kMicros) micros = micros * (last / 10);
      total += micros;
      break;
    }
    if (part > 0 && scale >= last) break;
    total += micros * scale;
    next = after;
    last = scale;
    if (total > kNumberMicrosMax || !tokens.Glued(next)) break;
    const std::optional<Digits> more = ParseDigits(tokens, next);
    if (!more.has_value()) break;
    const bool scaled = HanScale(tokens.Text(more->next)) > 0;
    if (!scaled && (more->micros >= 10 * kMicros || more->micros % kMicros != 0)) break;
    micros = more->micros;
    next = more->next;
  }
  return Bounded(total, {.next = next, .in_words = true, .scaled = true});
}

std::optional<Number> ParseDigitNumber(const Tokens& tokens, size_t i) {
  if (!tokens.StartsClean(i)) {
    // "RMB300" starts behind its word; the amount rules ask for the digits themselves.
    if (tokens.IsKind(i - 1, TokenKind::kDigits) || tokens.Is(i - 1, "_")) return std::nullopt;
  }
  const std::optional<Digits> digits = ParseDigits(tokens, i);
  if (!digits.has_value()) return std::nullopt;
  size_t next = digits->next;
  if (auto scaled = ScaleHan(tokens, digits->micros, next); scaled.has_value()) return scaled;
  const std::string_view word = tokens.Text(next);
  int64_t scale = tokens.IsKind(next, TokenKind::kWord) ? Lookup(kEnglishScales, word) : -1;
  if (scale < 0 && tokens.Glued(next) && (word == "k" || word == "w")) {
    scale = word == "k" ? 1'000 : 10'000;
  }
  if (scale < 0 && tokens.Glued(next) && word == "m") scale = 1'000'000;
  if (scale > 0) {
    return Bounded(digits->micros * scale, {.next = next + 1, .in_words = true, .scaled = true});
  }
  return Bounded(digits->micros, {.next = next, .plain = digits->plain});
}

// The run of Chinese numerals from `i` on, at most 24.
size_t HanRunEnd(const Tokens& tokens, size_t i) {
  size_t next = i;
  while (next - i < 24) {
    const std::string_view text = tokens.Text(next);
    if (HanDigit(text) < 0 && HanScale(text) == 0) break;
    ++next;
  }
  return next;
}

// A run without scales, read digit by digit.
std::optional<Number> ReadHanDigits(const Tokens& tokens, size_t i, size_t end) {
  bool zero = false;
  Wide value = 0;
  for (size_t k = i; k < end; ++k) {
    const std::string_view text = tokens.Text(k);
    zero = zero || IsHanZero(text);
    value = value * 10 + HanDigit(text);
    if (value * kMicros > kNumberMicrosMax) return std::nullopt;
  }
  if (end - i == 2 && !zero) return std::nullopt;
  return Bounded(value * kMicros, {.next = end, .in_words = true});
}

std::optional<Number> ReadHanScales(const Tokens& tokens, size_t i, size_t end) {
  Wide total = 0;    // of finished 万 and 亿
  Wide section = 0;  // below them
  Wide digit = 0;
  int64_t last_scale = 0;
  bool has_digit = false;
  bool after_zero = false;
  size_t k = i;
  for (; k < end; ++k) {
    const std::string_view text = tokens.Text(k);
    const int64_t scale = HanScale(text);
    if (scale == 0) {
      if (has_digit) break;  // "三百五六": stop at the second digit
      after_zero = after_zero || IsHanZero(text);
      has_digit = !IsHanZero(text);
      digit = HanDigit(text);
      continue;
    }
    if (scale >= 10'000) {
      // "一万亿": what stands before 亿 counts those, with its 万.
      Wide counted = section + (has_digit ? digit : 0);
      if (scale > 10'000) counted += std::exchange(total, 0);
      if (counted == 0) return std::nullopt;
      total += counted * scale;
      section = 0;
    } else {
      if (!has_digit && scale > 10) break;  // "十百" is none; a bare 十 is ten
      section += (has_digit ? digit : 1) * scale;
    }
    has_digit = false;
    after_zero = false;
    last_scale = scale;
    if (total * kMicros > kNumberMicrosMax) return std::nullopt;
  }
  if (has_digit) {
    const bool tenth = last_scale >= 100 && !after_zero;
    section += tenth ? digit * (last_scale / 10) : digit;
  }
  if (k == i) return std::nullopt;
  return Bounded((total + section) * kMicros, {.next = k, .in_words = true});
}

// "三点五万", "三点五元": only where it can't be an hour.
std::optional<Number> ReadHanFraction(const Tokens& tokens, const Number& whole) {
  size_t next = whole.next + 1;
  int64_t place = kMicros;
  int64_t fraction = 0;
  while (HanDigit(tokens.Text(next)) >= 0 && place > 1) {
    place /= 10;
    fraction += place * HanDigit(tokens.Text(next));
    ++next;
  }
  if (place == kMicros) return std::nullopt;
  const std::string_view unit = tokens.Text(next);
  const int64_t scale = HanScale(unit) >= 10'000 ? HanScale(unit) : 1;
  if (scale == 1 && unit != "元" && unit != "块" && unit != "美" && unit != "倍") {
    return std::nullopt;
  }
  return Bounded((Wide{whole.micros} + fraction) * scale,
                 {.next = next + (scale > 1 ? 1 : 0), .in_words = true});
}

std::optional<Number> ParseHanNumber(const Tokens& tokens, size_t i) {
  if (tokens.Is(i, "半")) return Number{.micros = kMicros / 2, .next = i + 1, .in_words = true};
  const size_t end = HanRunEnd(tokens, i);
  if (end == i) return std::nullopt;
  bool scales = false;
  for (size_t k = i; k < end; ++k) scales = scales || HanScale(tokens.Text(k)) > 0;
  const int64_t first_scale = HanScale(tokens.Text(i));
  if (first_scale > 10) return std::nullopt;
  std::optional<Number> number =
      scales ? ReadHanScales(tokens, i, end) : ReadHanDigits(tokens, i, end);
  if (number.has_value() && tokens.Is(number->next, "点")) {
    if (auto fraction = ReadHanFraction(tokens, *number); fraction.has_value()) return fraction;
  }
  return number;
}

// Tens and units: "twenty-three", "seven".
std::optional<Number> ParseEnglishSmall(const Tokens& tokens, size_t i) {
  if (!tokens.IsKind(i, TokenKind::kWord)) return std::nullopt;
  int64_t value = Lookup(kEnglishSmall, tokens.Text(i));
  if (value < 0) return std::nullopt;
  size_t next = i + 1;
  if (value >= 20) {
    const size_t unit = tokens.Is(next, "-") ? next + 1 : next;
    const int64_t more = Lookup(kEnglishSmall, tokens.Text(unit));
    if (more >= 1 && more <= 9) {
      value += more;
      next = unit + 1;
    }
  }
  return Number{.micros = value * kMicros, .next = next, .in_words = true};
}

// "a dozen", "half a million", "a couple of", "a hundred" start here.
std::optional<Number> ParseEnglishStart(const Tokens& tokens, size_t i) {
  if (size_t n = tokens.Match(i, "half a"); n > 0) {
    const int64_t scale = Lookup(kEnglishScales, tokens.Text(i + n));
    if (scale > 0)
      return Number{.micros = scale * (kMicros / 2), .next = i + n + 1, .in_words = true};
    if (tokens.Is(i + n, "dozen")) {
      return Number{.micros = 6 * kMicros, .next = i + n + 1, .in_words = true};
    }
  }
  const bool article = tokens.Is(i, "a") || tokens.Is(i, "an");
  if (!article) return ParseEnglishSmall(tokens, i);
  if (tokens.Is(i + 1, "dozen")) {
    return Number{.micros = 12 * kMicros, .next = i + 2, .in_words = true};
  }
  if (tokens.Match(i + 1, "couple of") > 0) {
    return Number{.micros = 2 * kMicros, .next = i + 3, .in_words = true};
  }
  return Number{.micros = kMicros, .next = i + 1, .in_words = true, .article = true};
}

std::optional<Number> ParseEnglishNumber(const Tokens& tokens, size_t i) {
  const std::optional<Number> start = ParseEnglishStart(tokens, i);
  if (!start.has_value()) return std::nullopt;
  Wide total = 0;
  Wide group = start->micros;
  size_t next = start->next;
  bool article = start->article;
  int64_t last_scale = INT64_MAX;
  for (int part = 0; part < 16; ++part) {
    const int64_t scale =
        tokens.IsKind(next, TokenKind::kWord) ? Lookup(kEnglishScales, tokens.Text(next)) : -1;
    if (scale > 0) {
      if (scale > 100 && scale >= last_scale) break;
      if (scale == 100 && group >= 100 * kMicros) break;
      article = false;
      ++next;
      group *= scale;
      if (scale > 100) {
        total += group;
        group = 0;
        last_scale = scale;
      }
      if (total + group > kNumberMicrosMax) return std::nullopt;
      continue;
    }
    if (article || (total == 0 && group < 100 * kMicros)) break;
    const bool joined = tokens.Is(next, "and");
    const std::optional<Number> more = ParseEnglishSmall(tokens, joined ? next + 1 : next);
    if (!more.has_value() || (group % (100 * kMicros)) != 0) break;
    group += more->micros;
    next = more->next;
  }
  if (tokens.Is(next, "point")) {
    int64_t place = kMicros;
    int64_t fraction = 0;
    size_t k = next + 1;
    for (int64_t d; place > 1 && (d = Lookup(kEnglishSmall, tokens.Text(k))) >= 0 && d < 10; ++k) {
      place /= 10;
      fraction += place * d;
    }
    if (place < kMicros) {
      const int64_t scale = Lookup(kEnglishScales, tokens.Text(k));
      group = (group + fraction) * (scale > 0 ? scale : 1);
      next = scale > 0 ? k + 1 : k;
    }
  }
  return Bounded(total + group, {.next = next, .in_words = true, .article = article});
}

bool IsMeasureWord(const Tokens& tokens, size_t i) {
  static constexpr std::string_view kMeasures[] = {
      "个", "件", "台", "只", "次", "份", "张", "条", "本", "瓶", "盒", "箱", "双", "套", "部",
      "位", "斤", "包", "袋", "辆", "间", "层", "页", "支", "款", "颗", "名", "遍", "倍", "米",
      "笔", "单", "期", "折", "人", "杯", "桶", "罐", "座", "栋", "堂", "岁", "组", "户", "项"};
  const std::string_view text = tokens.Text(i);
  return std::find(std::begin(kMeasures), std::end(kMeasures), text) != std::end(kMeasures);
}

// "一下", "一起", "十分" and their kind are words, not numbers; a lone "one" is a pronoun.
bool WorthTelling(const Tokens& tokens, size_t i, const Number& number) {
  if (number.article) return false;
  if (tokens.IsKind(i, TokenKind::kDigits)) {
    return tokens.Text(i).size() <= 12 && tokens.StartsClean(i) && tokens.EndsClean(number.next);
  }
  if (tokens.IsKind(i, TokenKind::kHan)) {
    if (tokens.Is(i, "半")) return false;
    if (number.next - i >= 2) return !(tokens.Match(i, "万一") > 0);
    if (tokens.Match(i, "一个人") > 0) return true;
    return !tokens.Match(i, "一次性") && IsMeasureWord(tokens, number.next);
  }
  return number.next - i >= 2 || !tokens.Is(i, "one");
}

void Emit(const Tokens& tokens, size_t i, size_t next, NumberValue value,
          std::vector<Entity>& out) {
  Entity entity;
  entity.type = EntityType::kNumber;
  entity.begin = tokens[i].begin;
  entity.end = tokens[next - 1].end;
  entity.value =
      (value.ordinal ? "#" : "") + FormatMicros(value.micros) + (value.percent ? "%" : "");
  entity.detail = value;
  out.push_back(std::move(entity));
}

}  // namespace

bool StartsNumber(const Tokens& tokens, size_t i) {
  switch (tokens[i].kind) {
    case TokenKind::kDigits:
      return true;
    case TokenKind::kWord: {
      static const auto* const kWords = [] {
        auto* words = new absl::flat_hash_set<std::string>({"a", "an", "half"});
        for (const WordValue& entry : kEnglishSmall) words->emplace(entry.word);
        for (const WordValue& entry : kEnglishOrdinals) words->emplace(entry.word);
        return words;
      }();
      const std::string_view text = tokens.Text(i);
      return text.size() <= 11 && kWords->contains(std::string(text));
    }
    case TokenKind::kHan: {
      const std::string_view text = tokens.Text(i);
      return HanDigit(text) >= 0 || HanScale(text) > 0 || text == "半" || text == "第";
    }
    default:
      return false;
  }
}

int HanDigit(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, int>, 22> kDigits = {{
      {"零", 0}, {"〇", 0}, {"一", 1}, {"二", 2}, {"两", 2}, {"三", 3}, {"四", 4}, {"五", 5},
      {"六", 6}, {"七", 7}, {"八", 8}, {"九", 9}, {"壹", 1}, {"贰", 2}, {"叁", 3}, {"肆", 4},
      {"伍", 5}, {"陆", 6}, {"柒", 7}, {"捌", 8}, {"玖", 9}, {"俩", 2},
  }};
  if (text.size() != 3) return -1;
  for (const auto& [digit, value] : kDigits) {
    if (digit == text) return value;
  }
  return -1;
}

std::optional<Number> ParseNumber(const Tokens& tokens, size_t i) {
  switch (tokens[i].kind) {
    case TokenKind::kDigits:
      return ParseDigitNumber(tokens, i);
    case TokenKind::kHan:
      return ParseHanNumber(tokens, i);
    case TokenKind::kWord:
      return tokens.StartsClean(i) ? ParseEnglishNumber(tokens, i) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<std::pair<int, int>> ParseHanPair(const Tokens& tokens, size_t i) {
  const int low = HanDigit(tokens.Text(i));
  const int high = HanDigit(tokens.Text(i + 1));
  if (low < 1 || high <= low || HanDigit(tokens.Text(i + 2)) >= 0) return std::nullopt;
  return std::pair(low, high);
}

std::optional<int> ParseSmallInt(const Tokens& tokens, size_t i, size_t digits_max) {
  const std::string_view text = tokens.Text(i);
  if (!tokens.IsKind(i, TokenKind::kDigits) || text.size() > std::min<size_t>(digits_max, 9)) {
    return std::nullopt;
  }
  int value = 0;
  for (char c : text) value = value * 10 + (c - '0');
  return value;
}

std::optional<Number> ParseOrdinal(const Tokens& tokens, size_t i) {
  if (tokens.Is(i, "第")) {
    std::optional<Number> number = ParseNumber(tokens, i + 1);
    if (!number.has_value() || !number->whole() || tokens.Is(i + 1, "半")) return std::nullopt;
    return number;
  }
  if (!tokens.StartsClean(i)) return std::nullopt;
  if (const std::optional<int> value = ParseSmallInt(tokens, i, 4); value.has_value()) {
    const std::string_view tail = tokens.Text(i + 1);
    const bool ordinal = tail == "st" || tail == "nd" || tail == "rd" || tail == "th";
    if (!ordinal || !tokens.Glued(i + 1)) return std::nullopt;
    return Number{.micros = *value * kMicros, .next = i + 2};
  }
  if (!tokens.IsKind(i, TokenKind::kWord)) return std::nullopt;
  if (const int64_t value = Lookup(kEnglishOrdinals, tokens.Text(i)); value > 0) {
    return Number{.micros = value * kMicros, .next = i + 1, .in_words = true};
  }
  const int64_t tens = Lookup(kEnglishSmall, tokens.Text(i));
  if (tens < 20) return std::nullopt;
  const size_t unit = tokens.Is(i + 1, "-") ? i + 2 : i + 1;
  const int64_t more = Lookup(kEnglishOrdinals, tokens.Text(unit));
  if (more < 1 || more > 9) return std::nullopt;
  return Number{.micros = (tens + more) * kMicros, .next = unit + 1, .in_words = true};
}

void FindNumbers(const Tokens& tokens, std::vector<Entity>& out) {
  size_t i = 0;
  while (i < tokens.size()) {
    if (size_t n = tokens.Is(i, "百") ? tokens.Match(i, "百分之") : 0; n > 0) {
      if (auto number = ParseNumber(tokens, i + n); number.has_value()) {
        Emit(tokens, i, number->next, {.micros = number->micros, .percent = true}, out);
        i = number->next;
        continue;
      }
    }
    if (!StartsNumber(tokens, i)) {
      ++i;
      continue;
    }
    if (auto ordinal = ParseOrdinal(tokens, i); ordinal.has_value() && !tokens.Is(i, "second")) {
      Emit(tokens, i, ordinal->next, {.micros = ordinal->micros, .ordinal = true}, out);
      i = ordinal->next;
      continue;
    }
    const std::optional<Number> number = ParseNumber(tokens, i);
    if (!number.has_value() || !WorthTelling(tokens, i, *number)) {
      ++i;
      continue;
    }
    const bool percent = tokens.Is(number->next, "%") || tokens.Is(number->next, "percent");
    const size_t next = number->next + (percent ? 1 : 0);
    Emit(tokens, i, next, {.micros = number->micros, .percent = percent}, out);
    i = next;
  }
}

}  // namespace frontdesk::text
