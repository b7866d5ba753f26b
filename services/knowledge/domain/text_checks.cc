#include "services/knowledge/domain/text_checks.h"

#include <algorithm>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"

namespace frontdesk::knowledge {
namespace {

// C0 and DEL. Those of Unicode's second block are two bytes: 0xC2 and 0x80 to 0x9F.
bool HasControl(std::string_view text, bool lines) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\t' || c == '\n' || c == '\r') {
      if (!lines) return true;
    } else if (c < 0x20 || c == 0x7F) {
      return true;
    } else if (c == 0xC2 && i + 1 < text.size()) {
      const auto next = static_cast<unsigned char>(text[i + 1]);
      if (next >= 0x80 && next <= 0x9F) return true;
    }
  }
  return false;
}

absl::Status CheckCharacters(std::string_view text, int max_characters, std::string_view field) {
  if (!IsValidUtf8(text)) return InvalidField(field, "must be valid UTF-8");
  if (Characters(text) > max_characters) {
    return InvalidField(field, fmt::format("must have at most {} characters", max_characters));
  }
  return absl::OkStatus();
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  google::protobuf::Timestamp result;
  result.set_seconds(seconds);
  result.set_nanos(static_cast<int32_t>(rest * 1000));
  return result;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

int Characters(std::string_view text) {
  int count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

absl::Status CheckLine(std::string_view text, int max_characters, std::string_view field) {
  if (text.empty()) return InvalidField(field, "must not be empty");
  FD_RETURN_IF_ERROR(CheckCharacters(text, max_characters, field));
  if (IsBlank(text)) return InvalidField(field, "must not be blank");
  if (HasControl(text, false)) return InvalidField(field, "must not contain control characters");
  return absl::OkStatus();
}

absl::Status CheckLines(std::string_view text, int max_characters, std::string_view field) {
  FD_RETURN_IF_ERROR(CheckCharacters(text, max_characters, field));
  if (HasControl(text, true)) {
    return InvalidField(field, "must not contain control characters but tabs and line ends");
  }
  return absl::OkStatus();
}

absl::Status CheckPrincipal(std::string_view name, std::string_view tenant,
                            std::string_view field) {
  const std::string prefix = fmt::format("tenants/{}/", tenant);
  std::string_view rest = name;
  const bool of_tenant = rest.substr(0, prefix.size()) == prefix;
  if (of_tenant) rest.remove_prefix(prefix.size());
  const size_t slash = rest.find('/');
  const bool valid = of_tenant && name.size() <= kMaxPrincipalBytes && slash > 0 &&
                     slash != std::string_view::npos && slash + 1 < rest.size() &&
                     rest.find('/', slash + 1) == std::string_view::npos && IsValidUtf8(name) &&
                     !HasControl(name, false);
  if (valid) return absl::OkStatus();
  return InvalidField(field, fmt::format("must be a principal as {}agents/mia", prefix));
}

}  // namespace frontdesk::knowledge
