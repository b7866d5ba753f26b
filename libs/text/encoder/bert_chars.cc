#include "libs/text/encoder/bert_chars.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace frontdesk::text {
namespace {

// ICU's category, as far as Unicode 8 knew it. Letters newer than ICU itself keep their case here; no
// vocabulary has them, so their words are [UNK] either way.
int Category(uint32_t c) {
  switch (c) {  // those whose category has changed since
    case 0x166D:
    case 0x111C9:
      return U_OTHER_PUNCTUATION;
    case 0x1734:
      return U_NON_SPACING_MARK;
    case 0x1885:
    case 0x1886:
    case 0xA9BD:
      return U_OTHER_LETTER;
    default:
      break;
  }
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  if (age[0] == 0 || age[0] > 8) return U_UNASSIGNED;
  return u_charType(static_cast<UChar32>(c));
}

void AppendLower(uint32_t c, std::u32string& out) {
  // Newer than ICU 72, and in vocabularies.
  if (c == 0xA7CB) {
    out.push_back(0x264);
  } else if (c == 0xA7DC) {
    out.push_back(0x19B);
  } else if (c == 0x130) {  // the one character whose lower case is two
    out.push_back(U'i');
    out.push_back(0x307);
  } else {
    out.push_back(static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
  }
}

void AppendOne(uint32_t c, BertFold fold, std::u32string& out) {
  if (fold.strip_accents && Category(c) == U_NON_SPACING_MARK) return;
  if (!fold.lower_case) {
    out.push_back(static_cast<char32_t>(c));
  } else {
    AppendLower(c, out);
  }
}

// nullptr when ICU has no data; CheckUnicodeData() says so at start-up.
const icu::Normalizer2* Nfd() {
  static const icu::Normalizer2* const nfd = [] {
    UErrorCode code = U_ZERO_ERROR;
    const icu::Normalizer2* made = icu::Normalizer2::getNFDInstance(code);
    return U_SUCCESS(code) ? made : nullptr;
  }();
  return nfd;
}

}  // namespace

bool IsBertControl(uint32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  if (c < 0x20 || c == 0x7F || c == 0xFFFD) return true;
  if (c < 0x7F) return false;
  const int category = Category(c);
  return category == U_CONTROL_CHAR || category == U_FORMAT_CHAR || category == U_PRIVATE_USE_CHAR;
}

bool IsBertSpace(uint32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return u_isUWhiteSpace(static_cast<UChar32>(c));
}

bool IsBertPunctuation(uint32_t c) {
  if (c < 0x80) {
    return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
           (c >= 123 && c <= 126);
  }
  const int category = Category(c);
  return (U_MASK(category) & U_GC_P_MASK) != 0;
}

bool IsBertHan(uint32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

void AppendFolded(uint32_t c, BertFold fold, std::u32string& out) {
  if (c < 0x80) {
    out.push_back(fold.lower_case && c >= 'A' && c <= 'Z' ? c + 32 : c);
    return;
  }
  icu::UnicodeString parts;
  if (!fold.strip_accents || Nfd() == nullptr ||
      !Nfd()->getDecomposition(static_cast<UChar32>(c), parts)) {
    AppendOne(c, fold, out);
    return;
  }
  for (int32_t at = 0; at < parts.length();) {
    const UChar32 part = parts.char32At(at);
    AppendOne(static_cast<uint32_t>(part), fold, out);
    at += U16_LENGTH(part);
  }
}

}  // namespace frontdesk::text
