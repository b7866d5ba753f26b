#include "libs/text/folded_view.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

namespace frontdesk::text {
namespace {

constexpr char kNothing = '\0';

bool IsIdeographic(UChar32 c) {
  UErrorCode code = U_ZERO_ERROR;
  switch (uscript_getScript(c, &code)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
      return true;
    default:
      return false;
  }
}

char FoldAscii(UChar32 c) {
  if (c == '\n' || c == '\t') return static_cast<char>(c);
  return c < 0x20 || c == 0x7F ? kNothing : static_cast<char>(c);
}

char Fold(UChar32 c) {
  if (c < 0x80) return FoldAscii(c);
  if (c >= 0xFF01 && c <= 0xFF5E) return static_cast<char>(c - 0xFF01 + '!');
  switch (c) {
    case 0x2212:  // minus sign
      return '-';
    case 0x00B7:
    case 0x2022:
    case 0x2219:
    case 0x30FB:  // dots in the middle
      return '.';
    case 0x2169:
    case 0x2179:  // Roman ten
      return 'X';
    case 0x5143:
    case 0x5757:
    case 0x5706:
      return FoldedView::kYuan;
    default:
      break;
  }
  if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return kNothing;
  switch (u_charType(c)) {
    case U_DECIMAL_DIGIT_NUMBER:
      return static_cast<char>('0' + u_charDigitValue(c));
    case U_DASH_PUNCTUATION:
      return '-';
    case U_SPACE_SEPARATOR:
      return ' ';
    case U_CURRENCY_SYMBOL:
      return '$';
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
      return kNothing;
    default:
      return u_isalpha(c) && !IsIdeographic(c) ? FoldedView::kAlphabet : FoldedView::kOther;
  }
}

}  // namespace

FoldedView::FoldedView(std::string_view text) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  bytes_.reserve(text.size());
  begin_.reserve(text.size());
  end_.reserve(text.size());
  int32_t i = 0;
  while (i < length) {
    const int32_t start = i;
    UChar32 c;
    U8_NEXT_UNSAFE(s, i, c);
    const char folded = Fold(c);
    if (folded == kNothing) continue;
    bytes_ += folded;
    begin_.push_back(static_cast<uint32_t>(start));
    end_.push_back(static_cast<uint32_t>(i));
  }
}

void FoldedView::Wall(size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) bytes_[i] = kOther;
  bytes_[begin] = '[';
  bytes_[end - 1] = ']';
}

}  // namespace frontdesk::text
