#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Debian builds Abseil for C++14, so its string_view is a type of its own without conversions from
// and to ours, and fmt knows none of its types. This bridges both.

namespace frontdesk {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

// The message alone, valid as long as `status`.
inline std::string_view MessageOf(const absl::Status& status) { return ToStd(status.message()); }

}  // namespace frontdesk

template <>
struct fmt::formatter<absl::string_view> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(absl::string_view text, Context& context) const {
    return fmt::formatter<std::string_view>::format(frontdesk::ToStd(text), context);
  }
};

// "NOT_FOUND: ticket not found: x", without the payloads.
template <>
struct fmt::formatter<absl::Status> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const absl::Status& status, Context& context) const {
    return fmt::formatter<std::string_view>::format(
        status.ToString(absl::StatusToStringMode::kWithNoExtraData), context);
  }
};

template <>
struct fmt::formatter<absl::Duration> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(absl::Duration duration, Context& context) const {
    return fmt::formatter<std::string_view>::format(absl::FormatDuration(duration), context);
  }
};

// RFC 3339 in UTC.
template <>
struct fmt::formatter<absl::Time> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(absl::Time time, Context& context) const {
    return fmt::formatter<std::string_view>::format(
        absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()), context);
  }
};
