#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

// Checks of the texts people write, and times as protos, for all rules of the service.
namespace frontdesk::knowledge {

inline constexpr int kMaxNoteCharacters = 500;
inline constexpr size_t kMaxPrincipalBytes = 256;

google::protobuf::Timestamp ToTimestamp(absl::Time time);
absl::Time FromTimestamp(const google::protobuf::Timestamp& time);

// Code points of valid UTF-8.
int Characters(std::string_view text);
bool IsBlank(std::string_view text);

// One line: 1 to `max_characters` of valid UTF-8, not blank, no control characters. INVALID_FIELD.
absl::Status CheckLine(std::string_view text, int max_characters, std::string_view field);
// Several lines, may be empty: valid UTF-8, at most `max_characters`, no control characters but tab
// and line ends. INVALID_FIELD.
absl::Status CheckLines(std::string_view text, int max_characters, std::string_view field);
// "tenants/{tenant}/agents/{agent}" or the like: a name of this tenant. INVALID_FIELD.
absl::Status CheckPrincipal(std::string_view name, std::string_view tenant, std::string_view field);

}  // namespace frontdesk::knowledge
