#include "libs/text/normalize.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/text/errors.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

constexpr int kMaxMarksInARow = 30;  // UAX #15, stream-safe text format
constexpr UChar32 kBlackFlag = 0x1F3F4;
constexpr UChar32 kCancelTag = 0xE007F;

using icu::Normalizer2;

const Normalizer2* Nfc(UErrorCode& code) { return Normalizer2::getNFCInstance(code); }
const Normalizer2* Casefold(UErrorCode& code) { return Normalizer2::getNFKCCasefoldInstance(code); }
const Normalizer2* Nfkc(UErrorCode& code) { return Normalizer2::getNFKCInstance(code); }

void AppendUtf8(UChar32 c, std::string& out) {
  uint8_t buffer[U8_MAX_LENGTH];
  int32_t n = 0;
  U8_APPEND_UNSAFE(buffer, n, c);
  out.append(reinterpret_cast<const char*>(buffer), static_cast<size_t>(n));
}

absl::StatusOr<std::string> Normalize(const Normalizer2* (*instance)(UErrorCode&),
                                      std::string_view text) {
  UErrorCode code = U_ZERO_ERROR;
  const Normalizer2* normalizer = instance(code);
  if (U_FAILURE(code)) return UnicodeLibraryError("normaliser", u_errorName(code));
  std::string out;
  out.reserve(text.size());
  icu::StringByteSink<std::string> sink(&out);
  normalizer->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())),
                            sink, nullptr, code);
  if (U_FAILURE(code)) return UnicodeLibraryError("normalise", u_errorName(code));
  return out;
}

bool IsLineEnd(UChar32 c) { return c == 0x85 || c == 0x2028 || c == 0x2029; }

bool IsInvisible(UChar32 c) {
  if (c < 0x80) return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
  if (c < 0xA0) return true;  // C1 controls
  switch (c) {
    case 0x00AD:  // soft hyphen
    case 0x061C:  // Arabic letter mark
    case 0x180E:  // Mongolian vowel separator
    case 0x200B:  // zero-width space
    case 0x200E:
    case 0x200F:  // direction marks
    case 0xFEFF:  // byte-order mark
      return true;
    default:
      break;
  }
  if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F)) return true;
  if (c >= 0xFFF9 && c <= 0xFFFB) return true;  // interlinear annotations
  return U_IS_UNICODE_NONCHAR(c);
}

bool IsTag(UChar32 c) { return c >= 0xE0000 && c <= 0xE007F; }

// Cuts runs of combining marks; `next` says whether a character is dropped.
class MarkLimit {
 public:
  bool Drops(UChar32 c) {
    if (c < 0x300 || u_getCombiningClass(c) == 0) {
      run_ = 0;
      return false;
    }
    return ++run_ > kMaxMarksInARow;
  }

 private:
  int run_ = 0;
};

// REQUIRES: `text` is well-formed.
std::string RemoveInvisible(std::string_view text) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  std::string out;
  out.reserve(text.size());
  MarkLimit marks;
  bool in_flag = false;
  int32_t i = 0;
  while (i < length) {
    UChar32 c;
    U8_NEXT_UNSAFE(s, i, c);
    if (c == '\r') {
      if (i < length && s[i] == '\n') continue;
      c = '\n';
    } else if (IsLineEnd(c)) {
      c = '\n';
    }
    if (IsTag(c)) {
      if (!in_flag) continue;
      in_flag = c != kCancelTag;
    } else {
      if (IsInvisible(c)) continue;
      in_flag = c == kBlackFlag;
    }
    if (!marks.Drops(c)) AppendUtf8(c, out);
  }
  return out;
}

// REQUIRES: `text` is well-formed.
std::string LimitMarks(std::string_view text) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  std::string out;
  out.reserve(text.size());
  MarkLimit marks;
  int32_t i = 0;
  while (i < length) {
    const int32_t start = i;
    UChar32 c;
    U8_NEXT_UNSAFE(s, i, c);
    if (!marks.Drops(c)) {
      out.append(text.substr(static_cast<size_t>(start), static_cast<size_t>(i - start)));
    }
  }
  return out;
}

// REQUIRES: `text` is well-formed.
std::string CollapseSpace(std::string_view text) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  int32_t i = 0;
  while (i < length) {
    UChar32 c;
    U8_NEXT_UNSAFE(s, i, c);
    if (u_isUWhiteSpace(c) || u_charType(c) == U_CONTROL_CHAR) {
      pending = !out.empty();
      continue;
    }
    if (pending) out += ' ';
    pending = false;
    AppendUtf8(c, out);
  }
  return out;
}

std::string SafeInput(std::string_view text) { return LimitMarks(BoundedWellFormed(text)); }

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

// What MatchKey makes of ASCII, at a fraction of the time: there it is lower case and single spaces.
std::string AsciiKey(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  for (char c : text) {
    if (c <= ' ' || c == 0x7F) {
      pending = !out.empty();
      continue;
    }
    if (pending) out += ' ';
    pending = false;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return out;
}

bool HasOtherWidth(UChar32 c) { return c == 0x3000 || (c >= 0xFF01 && c <= 0xFFEE); }

}  // namespace

absl::Status CheckUnicodeData() {
  for (auto* instance : {&Nfc, &Nfkc, &Casefold}) {
    FD_RETURN_IF_ERROR(Normalize(instance, "frontdesk").status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> CleanMessage(std::string_view text, size_t max_bytes) {
  FD_RETURN_IF_ERROR(CheckText(text, max_bytes < kMaxTextBytes ? max_bytes : kMaxTextBytes));
  FD_ASSIGN_OR_RETURN(std::string clean, Normalize(&Nfc, RemoveInvisible(text)));
  if (clean.size() > max_bytes) return TextTooLongError(clean.size(), max_bytes);
  return clean;
}

std::string MatchKey(std::string_view text) {
  if (IsAscii(text)) return AsciiKey(text.substr(0, kMaxTextBytes));
  // Folding may bring marks of separate characters together (an ignorable between them is dropped),
  // so the second pass is what makes the key of a key the key itself.
  absl::StatusOr<std::string> folded = Normalize(&Casefold, SafeInput(text));
  FD_CHECK(folded.ok(), "ICU has no NFKC_Casefold data; CheckUnicodeData() is for start-up");
  return CollapseSpace(LimitMarks(*folded));
}

std::string FoldWidth(std::string_view text) {
  const std::string input = SafeInput(text);
  const auto* s = reinterpret_cast<const uint8_t*>(input.data());
  const auto length = static_cast<int32_t>(input.size());
  std::string out;
  out.reserve(input.size());
  int32_t i = 0;
  while (i < length) {
    const int32_t start = i;
    UChar32 c;
    U8_NEXT_UNSAFE(s, i, c);
    const std::string_view piece =
        std::string_view(input).substr(static_cast<size_t>(start), static_cast<size_t>(i - start));
    if (!HasOtherWidth(c)) {
      out.append(piece);
      continue;
    }
    absl::StatusOr<std::string> folded = Normalize(&Nfkc, piece);
    FD_CHECK(folded.ok(), "ICU has no NFKC data; CheckUnicodeData() is for start-up");
    out.append(*folded);
  }
  return out;
}

}  // namespace frontdesk::text
