#include "libs/text/language.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>

#include "libs/base/utf8.h"

namespace frontdesk::text {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;

class ScriptCount {
 public:
  void Add(UChar32 c) {
    if (IsLatinLetter(c)) {
      if (!in_word_) ++token_words_;
      in_word_ = true;
      return;
    }
    if (c == '\'' || c == 0x2019) return;  // it's
    in_word_ = false;
    if (u_isdigit(c) || IsAddressSign(c)) {
      technical_ = true;
      return;
    }
    if (c == '.' || c == '-') return;
    EndToken(c);
    CountOther(c);
  }

  std::string_view Finish() {
    EndToken(' ');
    if (han_ + latin_ == 0 || other_ > han_ + latin_) return "und";
    if (kana_ > 0 && kana_ * 5 >= han_) return "und";
    if (han_ != latin_) return han_ > latin_ ? "zh" : "en";
    return first_is_han_ ? "zh" : "en";
  }

 private:
  static bool IsAddressSign(UChar32 c) { return c == '@' || c == '/' || c == '_' || c == '\\'; }

  static bool IsLatinLetter(UChar32 c) {
    if (c < 0x80) return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    UErrorCode code = U_ZERO_ERROR;
    return u_isalpha(c) && uscript_getScript(c, &code) == USCRIPT_LATIN;
  }

  // `next` is the character behind the token.
  void EndToken(UChar32 next) {
    const bool placeholder = after_bracket_ && next == ']';
    if (!technical_ && !placeholder && token_words_ > 0) {
      if (han_ + latin_ == 0) first_is_han_ = false;
      latin_ += token_words_;
    }
    token_words_ = 0;
    technical_ = false;
    in_word_ = false;
    after_bracket_ = next == '[';
  }

  void CountOther(UChar32 c) {
    if (c < 0x80 || !u_isalpha(c)) return;
    UErrorCode code = U_ZERO_ERROR;
    switch (uscript_getScript(c, &code)) {
      case USCRIPT_HAN:
        if (han_ + latin_ == 0) first_is_han_ = true;
        ++han_;
        break;
      case USCRIPT_HIRAGANA:
      case USCRIPT_KATAKANA:
        ++kana_;
        ++other_;
        break;
      default:
        ++other_;
    }
  }

  size_t han_ = 0;
  size_t latin_ = 0;
  size_t kana_ = 0;
  size_t other_ = 0;
  size_t token_words_ = 0;
  bool in_word_ = false;
  bool technical_ = false;
  bool after_bracket_ = false;
  bool first_is_han_ = false;
};

}  // namespace

std::string_view GuessLanguage(std::string_view text) {
  if (text.size() > kReadBytes) text = TruncateUtf8(text, kReadBytes);
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  ScriptCount count;
  int32_t i = 0;
  while (i < length) {
    UChar32 c;
    U8_NEXT(s, i, length, c);
    count.Add(c < 0 ? 0xFFFD : c);
  }
  return count.Finish();
}

}  // namespace frontdesk::text
