#include <array>
#include <cstdint>
#include <string>

#include "libs/text/mask_rules.h"

namespace frontdesk::text {
namespace {

constexpr size_t kIdSize = 18;
constexpr size_t kMinCardDigits = 14;

int Number(std::string_view digits) {
  int value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The first two digits: provinces, Taiwan, Hong Kong, Macau (and their residents' 81..83), abroad.
bool IsRegion(int code) {
  return (code >= 11 && code <= 15) || (code >= 21 && code <= 23) || (code >= 31 && code <= 37) ||
         (code >= 41 && code <= 46) || (code >= 50 && code <= 54) || (code >= 61 && code <= 65) ||
         code == 71 || (code >= 81 && code <= 83) || code == 91;
}

bool IsDate(int year, int month, int day) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1850 || year > 2150 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

bool StartsInRange(std::string_view digits, size_t count, int low, int high) {
  const int prefix = Number(digits.substr(0, count));
  return prefix >= low && prefix <= high;
}

// Which networks issue numbers of this length that start like this.
bool IsIssued(std::string_view digits) {
  const bool visa = digits[0] == '4';
  const bool mastercard = StartsInRange(digits, 2, 51, 55) || StartsInRange(digits, 4, 2221, 2720);
  const bool unionpay = StartsInRange(digits, 2, 62, 62) || StartsInRange(digits, 2, 81, 81);
  const bool amex = StartsInRange(digits, 2, 34, 34) || StartsInRange(digits, 2, 37, 37);
  const bool diners = StartsInRange(digits, 2, 36, 36) || StartsInRange(digits, 2, 38, 39) ||
                      StartsInRange(digits, 3, 300, 305);
  const bool jcb = StartsInRange(digits, 4, 3528, 3589);
  const bool other = StartsInRange(digits, 2, 50, 69);  // Discover, Maestro, Chinese debit cards
  switch (digits.size()) {
    case 14:
      return diners;
    case 15:
      return amex;
    case 16:
      return visa || mastercard || unionpay || jcb || other || digits[0] == '9';
    case 17:
    case 18:
      return unionpay || other;
    case 19:
      return visa || unionpay || other || digits[0] == '9';
    default:
      return false;
  }
}

// Groupings that are printed on cards: 4-4-4-4(-n), 4-6-5, 4-6-4, 6-13, or one piece.
bool IsPrintedLikeCard(const DigitWindow& window) {
  if (window.count() == 1) return true;
  if (window.count() == 2) return window.group(0).size() == 6 && window.group(1).size() == 13;
  if (window.count() == 3) {
    return window.group(0).size() == 4 && window.group(1).size() == 6 &&
           (window.group(2).size() == 4 || window.group(2).size() == 5);
  }
  for (size_t i = 0; i + 1 < window.count(); ++i) {
    if (window.group(i).size() != 4) return false;
  }
  return window.group(window.count() - 1).size() <= 4;
}

bool IsFractionOf(const FoldedView& view, const DigitGroup& group) {
  return group.begin >= 2 && view.At(group.begin - 1) == '.' && IsDigit(view.At(group.begin - 2));
}

}  // namespace

bool LuhnHolds(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (size_t i = digits.size(); i-- > 0;) {
    const int value = (digits[i] - '0') * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    twice = !twice;
  }
  return sum % 10 == 0;
}

bool IsResidentNumber(std::string_view number) {
  static constexpr std::array<int, 17> kWeights = {7, 9, 10, 5,  8, 4, 2, 1, 6,
                                                   3, 7, 9,  10, 5, 8, 4, 2};
  static constexpr std::string_view kCheck = "10X98765432";
  if (number.size() != kIdSize) return false;
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) {
    if (!IsDigit(number[i])) return false;
    sum += (number[i] - '0') * kWeights[i];
  }
  return IsRegion(Number(number.substr(0, 2))) &&
         IsDate(Number(number.substr(6, 4)), Number(number.substr(10, 2)),
                Number(number.substr(12, 2))) &&
         kCheck[static_cast<size_t>(sum % 11)] == number[17];
}

std::optional<FoldedRange> MatchId(const FoldedView& view, DigitWindow window) {
  for (;;) {
    if (!window.plain() || window.digits().size() > kIdSize) return std::nullopt;
    if (window.digits().size() == kIdSize && IsResidentNumber(window.digits())) {
      return FoldedRange{window.begin(), window.end()};
    }
    const char next = view.At(window.end());
    if (window.digits().size() + 1 == kIdSize && (next == 'X' || next == 'x') &&
        !IsDigit(view.At(window.end() + 1)) &&
        IsResidentNumber(std::string(window.digits()) + "X")) {
      return FoldedRange{window.begin(), window.end() + 1};
    }
    if (!window.Extend()) return std::nullopt;
  }
}

std::optional<FoldedRange> MatchCard(const FoldedView& view, DigitWindow window) {
  if (window.group(0).in_code) return std::nullopt;
  while (window.Extend()) {
  }
  for (;;) {
    const std::string_view digits = window.digits();
    if (digits.size() < kMinCardDigits) return std::nullopt;
    const bool shaped = window.plain() && (IsPrintedLikeCard(window) || window.whole());
    if (shaped && !IsFractionOf(view, window.group(0)) && IsIssued(digits) && LuhnHolds(digits)) {
      return FoldedRange{window.begin(), window.end()};
    }
    if (window.count() == 1) return std::nullopt;
    window.Shrink();
  }
}

}  // namespace frontdesk::text
