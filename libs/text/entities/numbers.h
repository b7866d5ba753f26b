#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "libs/text/entities/entity.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// Numbers in digits and in words, both languages. Pure functions over tokens, each looking at a
// bounded number of tokens; thread safe.

inline constexpr int64_t kMicros = 1'000'000;
// Larger numbers are no numbers for us.
inline constexpr int64_t kNumberMicrosMax = 9'000'000'000'000 * kMicros;

struct Number {
  int64_t micros = 0;
  size_t next = 0;        // the token behind it
  bool in_words = false;  // some of it is not digits: "五百", "two hundred", "3万"
  bool scaled = false;    // digits with a scale behind them: "3万", "5k", "1.2 million"
  bool plain = false;     // one run of digits and nothing else
  bool article = false;   // only "a" or "an": one, if a unit follows

  bool whole() const { return micros % kMicros == 0; }
  int64_t units() const { return micros / kMicros; }
};

// The number that starts at token `i`:
//   digits   "1299", "1,299.99", "1.5", with a scale "3万", "3.5亿", "5千", "5k", "1.2m", "2 million",
//            "3万5" (35 000). A comma counts only before exactly three digits.
//   Chinese  "一百二十三", "两千", "三万五" (35 000), "一百零五", "壹佰", by digits "二〇二六" (three
//            and more, or with a zero), "三点五" before 万, 亿, 元, 块, 美; "半"
//   English  "twenty-three", "two hundred and five", "a hundred", "half a million", "a dozen",
//            "three point five"
// Two different Chinese digits ("三五") are no number but a guess between two (ParseHanPair).
std::optional<Number> ParseNumber(const Tokens& tokens, size_t i);

// "两三", "三五", "七八": from the first to the second. True and both digits if it stands at `i`.
std::optional<std::pair<int, int>> ParseHanPair(const Tokens& tokens, size_t i);

// Whether ParseNumber or ParseOrdinal can find something at `i`: one look at the token, for those who
// try at every one.
bool StartsNumber(const Tokens& tokens, size_t i);

// A number of `digits_max` digits or fewer in ASCII digits, one token.
std::optional<int> ParseSmallInt(const Tokens& tokens, size_t i, size_t digits_max);

// An English or Chinese ordinal at `i`: "3rd", "third", "twenty-first", "第三", "第12".
std::optional<Number> ParseOrdinal(const Tokens& tokens, size_t i);

// Chinese digit of one token (0..9, also financial forms), -1 for others.
int HanDigit(std::string_view text);

// All numbers worth telling: in digits; with percent; ordinals; in Chinese words of two characters
// and more, or before a measure word ("三个"); in English words but a lone "a", "one" and
// "second". A digit run of 13 and more or next to letters is none.
void FindNumbers(const Tokens& tokens, std::vector<Entity>& out);

}  // namespace frontdesk::text
