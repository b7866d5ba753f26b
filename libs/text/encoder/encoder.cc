#include "libs/text/encoder/encoder.h"

#include <fmt/format.h>

#include "libs/base/error.h"
#include "libs/text/limits.h"

namespace frontdesk::text {

// A character each, which no tokeniser exceeds by much.
size_t Encoder::CountTokens(std::string_view text, size_t limit) const {
  size_t count = 0;
  for (const char byte : text) {
    if (count >= limit) break;
    count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  }
  return count;
}

absl::Status CheckEncodable(absl::Span<const std::string_view> texts) {
  if (texts.size() > kEncodeTextsMax) {
    return InvalidField("texts",
                        fmt::format("are {}; the limit is {}", texts.size(), kEncodeTextsMax));
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].size() > kMaxTextBytes) {
      return InvalidField(fmt::format("texts[{}]", i), fmt::format("has {} bytes; the limit is {}",
                                                                   texts[i].size(), kMaxTextBytes));
    }
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::text
