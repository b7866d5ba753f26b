#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace frontdesk::text {

// The most any function of this library takes in one call. Longer input is refused by functions
// that return a status and cut at a character boundary by those that can't (their comments say
// which).
inline constexpr size_t kMaxTextBytes = size_t{1} << 20;

// OK; RESOURCE_EXHAUSTED (MESSAGE_TOO_LARGE) for more than `max_bytes`; INVALID_ARGUMENT
// (INVALID_FIELD) with the offset of the first bad byte for ill-formed UTF-8. The text itself is
// never part of the message.
absl::Status CheckText(std::string_view text, size_t max_bytes);

// The first kMaxTextBytes of `text`, every ill-formed sequence replaced by U+FFFD.
std::string BoundedWellFormed(std::string_view text);

}  // namespace frontdesk::text
