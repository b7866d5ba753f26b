#include "libs/text/limits.h"

#include <unicode/utf8.h>

#include <cstdint>

#include "libs/base/utf8.h"
#include "libs/text/errors.h"

namespace frontdesk::text {
namespace {

size_t FirstIllFormed(std::string_view text) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int64_t>(text.size());
  int64_t i = 0;
  while (i < length) {
    const int64_t start = i;
    UChar32 c;
    U8_NEXT(s, i, length, c);
    if (c < 0) return static_cast<size_t>(start);
  }
  return text.size();
}

}  // namespace

absl::Status CheckText(std::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) return TextTooLongError(text.size(), max_bytes);
  if (!IsValidUtf8(text)) return NotUtf8Error(FirstIllFormed(text));
  return absl::OkStatus();
}

std::string BoundedWellFormed(std::string_view text) {
  // Cut first: the work must not depend on what lies behind the limit.
  if (text.size() > kMaxTextBytes) text = TruncateUtf8(text, kMaxTextBytes);
  if (IsValidUtf8(text)) return std::string(text);
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int64_t>(text.size());
  std::string out;
  out.reserve(text.size() + 8);
  int64_t i = 0;
  while (i < length) {
    const int64_t start = i;
    UChar32 c;
    U8_NEXT(s, i, length, c);
    if (c < 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(text.substr(static_cast<size_t>(start), static_cast<size_t>(i - start)));
    }
  }
  return out;
}

}  // namespace frontdesk::text
