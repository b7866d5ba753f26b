#include <re2/re2.h>

#include <initializer_list>
#include <string>

#include "libs/text/mask_rules.h"

namespace frontdesk::text {
namespace {

constexpr size_t kMinPhoneDigits = 8;
constexpr size_t kMaxPhoneDigits = 18;  // "0086" and the longest international number
constexpr size_t kLabelBytes = 64;
constexpr size_t kMobileDigits = 11;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Sizes of the groups of a window, the first `skip` digits left out.
bool HasShape(const DigitWindow& window, size_t skip, std::initializer_list<size_t> sizes) {
  size_t i = 0;
  if (skip > 0 && window.group(0).size() == skip) {
    skip = 0;
    i = 1;
  }
  if (window.count() - i != sizes.size()) return false;
  for (size_t size : sizes) {
    if (window.group(i++).size() != size + skip) return false;
    skip = 0;
  }
  return true;
}

// Digits one by one or in pairs, as they are dictated.
bool IsDictated(const DigitWindow& window, size_t skip) {
  const size_t from = skip > 0 && window.group(0).size() == skip ? 1 : 0;
  const size_t step = window.group(from).size();
  if (step > 2 || !window.plain()) return false;
  for (size_t i = from; i + 1 < window.count(); ++i) {
    if (window.group(i).size() != step) return false;
  }
  return window.group(window.count() - 1).size() <= step;
}

bool HasPlus(const FoldedView& view, size_t begin) {
  return begin >= 1 && (view.At(begin - 1) == '+' ||
                        (view.At(begin - 1) == ' ' && begin >= 2 && view.At(begin - 2) == '+'));
}

size_t BeginWithPlus(const FoldedView& view, size_t begin) {
  return view.At(begin - 1) == '+' ? begin - 1 : begin - 2;
}

FoldedRange RangeOf(const FoldedView& view, const DigitWindow& window, bool plus) {
  size_t begin = plus ? BeginWithPlus(view, window.begin()) : window.begin();
  const std::string_view inside = view.bytes().substr(begin, window.end() - begin);
  const size_t close = inside.find(')');
  const bool opened_inside = inside.find('(') < close;
  if (begin > 0 && view.At(begin - 1) == '(' && close != std::string_view::npos && !opened_inside) {
    --begin;
  }
  return {begin, window.end()};
}

bool AfterCurrency(const FoldedView& view, size_t begin) {
  size_t i = begin;
  while (i > 0 && begin - i < 2 && view.At(i - 1) == ' ') --i;
  return i > 0 && view.At(i - 1) == '$';
}

// Behind a word that announces a reference or an amount.
bool AfterReference(std::string_view text, size_t end) {
  static const RE2 kReference(
      "(?i)(?:订单|訂單|单号|單號|编号|編號|运单|快递|工单|流水|交易|发票|序列|型号|产品|商品|金额|"
      "价格|余额|"
      "总计|order|ticket|invoice|tracking|transaction|reference|\\bref|serial|sku|case|usd|rmb|cny|"
      "eur|"
      "total|amount|price|#)\\s*(?:number|num|no\\.?|id|code|号码|號碼|号|號|编号|#)?\\s*"
      "(?:is|was|是|为|為)?\\s*(?::|：|#|=)?\\s*$");
  size_t begin = end > kLabelBytes ? end - kLabelBytes : 0;
  while (begin < end && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) ++begin;
  const std::string_view before = text.substr(begin, end - begin);
  return RE2::PartialMatch(re2::StringPiece(before.data(), before.size()), kReference);
}

bool StartsWithDate(std::string_view digits) {
  const auto number = [&](size_t at, size_t count) {
    int value = 0;
    for (char c : digits.substr(at, count)) value = value * 10 + (c - '0');
    return value;
  };
  return number(0, 4) >= 1990 && number(0, 4) <= 2059 && number(4, 2) >= 1 && number(4, 2) <= 12 &&
         number(6, 2) >= 1 && number(6, 2) <= 31;
}

// A bare run of digits that could be anything, in a place where it is something else than a phone
// number.
bool IsSomethingElse(std::string_view text, const FoldedView& view, const DigitWindow& window) {
  if (window.count() > 1) return false;
  const size_t begin = window.begin();
  const char before = begin > 0 ? view.At(begin - 1) : ' ';
  if (std::string_view("#=/_&%").find(before) != std::string_view::npos) return true;
  if (before == '.' && begin > 1 && IsDigit(view.At(begin - 2))) return true;
  return view.At(window.end()) == FoldedView::kYuan || StartsWithDate(window.digits()) ||
         AfterReference(text, view.OriginalBegin(begin));
}

// "+44 20 …", "0044 20 …", "011 44 20 …".
bool IsInternational(const DigitWindow& window, bool plus, PhoneNumbers& numbers) {
  std::string_view digits = window.digits();
  if (!plus) {
    if (digits.starts_with("011") && window.count() > 1 && window.group(0).size() == 3) {
      digits.remove_prefix(3);
    } else if (digits.starts_with("00") && digits[2] != '0') {
      digits.remove_prefix(2);
    } else {
      return false;
    }
  }
  if (digits.size() < kMinPhoneDigits || digits[0] == '0') return false;
  return numbers.IsPersonal("+" + std::string(digits), "ZZ");
}

bool IsChineseMobile(const DigitWindow& window) {
  std::string_view digits = window.digits();
  if (digits.size() < kMobileDigits) return false;
  const size_t skip = digits.size() - kMobileDigits;
  const std::string_view prefix = digits.substr(0, skip);
  if (!prefix.empty() && prefix != "0" && prefix != "86" && prefix != "086" && prefix != "0086") {
    return false;
  }
  // "0.138…" is a fraction.
  if (prefix == "0" && window.group(0).size() == 1 && !window.group(1).plain_link) return false;
  digits.remove_prefix(skip);
  if (digits[0] != '1' || digits[1] < '3') return false;
  for (auto sizes : {std::initializer_list<size_t>{11},
                     {3, 4, 4},
                     {3, 8},
                     {7, 4},
                     {4, 3, 4},
                     {4, 4, 3},
                     {5, 6},
                     {6, 5},
                     {3, 3, 5},
                     {3, 5, 3},
                     {3, 3, 3, 2}}) {
    if (HasShape(window, skip, sizes)) return true;
  }
  return IsDictated(window, skip);
}

bool IsChineseFixedLine(const DigitWindow& window, PhoneNumbers& numbers) {
  const std::string_view digits = window.digits();
  if (digits.starts_with("86") && window.count() > 1 && window.group(0).size() == 2) {
    return digits.size() >= 11 && digits.size() <= 13 && window.group(1).size() <= 4 &&
           numbers.IsPersonal("+" + std::string(digits), "ZZ");
  }
  if (digits[0] != '0' || digits[1] == '0' || digits.size() < 10 || digits.size() > 12)
    return false;
  const size_t area = window.group(0).size();
  const bool shaped = window.count() == 1 || (window.count() <= 3 && (area == 3 || area == 4));
  return shaped && numbers.IsPersonal(digits, "CN");
}

bool IsNorthAmerican(const DigitWindow& window, PhoneNumbers& numbers) {
  std::string_view digits = window.digits();
  if (digits.size() == 11 && digits[0] == '1') digits.remove_prefix(1);
  if (digits.size() != 10 || digits[0] < '2' || digits[3] < '2') return false;
  const size_t skip = window.digits().size() - 10;
  if (!HasShape(window, skip, {10}) && !HasShape(window, skip, {3, 3, 4}) &&
      !HasShape(window, skip, {3, 7})) {
    return false;
  }
  return numbers.IsPersonal(digits, "US");
}

bool IsPhone(std::string_view text, const FoldedView& view, const DigitWindow& window, bool plus,
             PhoneNumbers& numbers) {
  if (IsInternational(window, plus, numbers) || IsChineseMobile(window)) return true;
  return !IsSomethingElse(text, view, window) &&
         (IsChineseFixedLine(window, numbers) || IsNorthAmerican(window, numbers));
}

std::optional<FoldedRange> MatchPossible(const FoldedView& view, DigitWindow window,
                                         PhoneNumbers& numbers) {
  for (;;) {
    const std::string_view digits = window.digits();
    if (digits.size() <= kMaxPhoneDigits && digits[0] != '0' &&
        numbers.IsPossible("+" + std::string(digits))) {
      return RangeOf(view, window, true);
    }
    if (window.count() == 1 || digits.size() <= kMinPhoneDigits) return std::nullopt;
    window.Shrink();
  }
}

}  // namespace

std::optional<FoldedRange> MatchPhone(std::string_view text, const FoldedView& view,
                                      DigitWindow window, PhoneNumbers& numbers) {
  const DigitGroup& first = window.group(0);
  if (first.in_code) return std::nullopt;
  const bool plus = HasPlus(view, first.begin);
  const bool fraction = first.begin >= 2 && view.At(first.begin - 1) == '.' &&
                        view.At(first.begin - 2) == '0' &&
                        (first.begin == 2 || !IsDigit(view.At(first.begin - 3)));
  if (fraction || AfterCurrency(view, first.begin)) return std::nullopt;
  while (window.digits().size() < kMaxPhoneDigits && window.Extend()) {
  }
  const DigitWindow longest = window;
  for (;;) {
    const size_t size = window.digits().size();
    if (size < kMinPhoneDigits) break;
    if (size <= kMaxPhoneDigits && IsPhone(text, view, window, plus, numbers)) {
      return RangeOf(view, window, plus);
    }
    if (window.count() == 1) break;
    window.Shrink();
  }
  return plus ? MatchPossible(view, longest, numbers) : std::nullopt;
}

}  // namespace frontdesk::text
