#include <string>

#include <catch2/catch.hpp>

#include "libs/text/entities/found_for_test.h"

namespace frontdesk::text {
namespace {

const EntityFinder& Finder() {
  static const EntityFinder* const finder =
      new EntityFinder(FinderForTest(Only({EntityType::kNumber})));
  return *finder;
}

std::string Found(std::string_view text) { return FoundIn(Finder(), text, ContextForTest()); }

// How a number up to 9 999 999 is said, written without looking at the parser.
std::string InChinese(int64_t n) {
  static const char* const kDigits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  static const char* const kUnits[] = {"", "十", "百", "千"};
  if (n >= 10'000) {
    const std::string rest = n % 10'000 == 0 ? "" : InChinese(n % 10'000);
    return InChinese(n / 10'000) + "万" + (n % 10'000 != 0 && n % 10'000 < 1'000 ? "零" : "") +
           rest;
  }
  std::string out;
  bool zero = false;
  for (int place = 3, unit = 1'000; place >= 0; --place, unit /= 10) {
    const auto digit = static_cast<size_t>(n / unit % 10);
    if (digit == 0) {
      zero = !out.empty();
      continue;
    }
    if (zero && !out.empty()) out += "零";
    zero = false;
    out += std::string(kDigits[digit]) + kUnits[place];
  }
  return out;
}

std::string InEnglish(int64_t n) {
  static const char* const kSmall[] = {"zero",    "one",     "two",       "three",    "four",
                                       "five",    "six",     "seven",     "eight",    "nine",
                                       "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                       "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
  static const char* const kTens[] = {"",      "",      "twenty",  "thirty", "forty",
                                      "fifty", "sixty", "seventy", "eighty", "ninety"};
  if (n >= 1'000'000) {
    return InEnglish(n / 1'000'000) + " million" +
           (n % 1'000'000 ? " " + InEnglish(n % 1'000'000) : "");
  }
  if (n >= 1'000) {
    return InEnglish(n / 1'000) + " thousand" + (n % 1'000 ? " " + InEnglish(n % 1'000) : "");
  }
  if (n >= 100) {
    return InEnglish(n / 100) + " hundred" + (n % 100 ? " and " + InEnglish(n % 100) : "");
  }
  if (n >= 20)
    return std::string(kTens[n / 10]) + (n % 10 ? std::string("-") + kSmall[n % 10] : "");
  return kSmall[n];
}

TEST_CASE("a number said in words is the number") {
  int64_t n = 11;
  for (int i = 0; i < 2'000; ++i) {
    INFO(n);
    CHECK(Found(InEnglish(n)) == std::to_string(n));
    CHECK(Found(InChinese(n)) == std::to_string(n));
    n = (n * 7'919 + 104'729) % 9'999'983;
    if (n < 11) n += 11;
  }
  for (n = 11; n < 1'200; ++n) {
    INFO(n);
    CHECK(Found(InEnglish(n)) == std::to_string(n));
    CHECK(Found(InChinese(n)) == std::to_string(n));
  }
}

TEST_CASE("numbers are read as the table says") {
  static constexpr FoundRow kRows[] = {
      {"42", "42"},
      {"1,299", "1299"},
      {"1,299.50", "1299.5"},
      {"0.5", "0.5"},
      {"3万", "30000"},
      {"3.5亿", "350000000"},
      {"1万5", "15000"},
      {"5k", "5000"},
      {"2 million", "2000000"},
      {"１２３", "123"},
      {"٣٤", "34"},
      {"十五", "15"},
      {"一百二", "120"},
      {"一百零二", "102"},
      {"三万五", "35000"},
      {"两千三", "2300"},
      {"两千零三", "2003"},
      {"一亿零三百万", "103000000"},
      {"一万亿", "1000000000000"},
      {"壹仟贰佰叁拾肆", "1234"},
      {"二〇二六", "2026"},
      {"一二三四五", "12345"},
      {"三个人", "[三] 3"},
      {"买两件", "[两] 2"},
      {"一起去一下", ""},
      {"十分满意", ""},
      {"万一", ""},
      {"第三", "#3"},
      {"第12个", "[第12] #12"},
      {"3rd", "#3"},
      {"twenty-first", "#21"},
      {"the second one", ""},
      {"no one", ""},
      {"one hundred", "100"},
      {"a hundred", "100"},
      {"a", ""},
      {"half a million", "500000"},
      {"a dozen", "12"},
      {"a couple of", "2"},
      {"three point one four", "3.14"},
      {"50%", "50%"},
      {"百分之二十", "20%"},
      {"5 percent", "5%"},
      {"twelve hundred", "1200"},
      {"1234567890123", ""},
      {"a3f8", ""},
      {"99999999999999999999999", ""},
      {"九千万亿亿亿", ""},
  };
  for (const FoundRow& row : kRows) {
    INFO(row.text);
    CHECK(Found(row.text) == row.found);
  }
}

}  // namespace
}  // namespace frontdesk::text
