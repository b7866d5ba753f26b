#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace frontdesk::config {

// The one reading of scalars for files, environment and flags. nullopt = not of that form. The
// whole text must be used up; no locale, no spaces.

std::optional<bool> ParseBool(std::string_view text);  // true, false
std::optional<int64_t> ParseInt64(std::string_view text);
std::optional<double> ParseDouble(std::string_view text);  // finite
std::optional<absl::Duration> ParseDuration(
    std::string_view text);                                   // "300ms", "1h30m", not negative
std::optional<int64_t> ParseByteSize(std::string_view text);  // "512", "64KiB", not negative

std::string FormatByteSize(int64_t bytes);
std::string FormatDouble(double value);
// As a YAML double-quoted scalar.
std::string Quote(std::string_view text);

}  // namespace frontdesk::config
