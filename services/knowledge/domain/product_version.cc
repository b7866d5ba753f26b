#include "services/knowledge/domain/product_version.h"

#include <algorithm>
#include <cstdint>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxNumbers = 6;
constexpr size_t kMaxDigits = 9;

// Takes the next number off the front; empty when there is none.
std::string_view NextNumber(std::string_view& version) {
  const size_t end = std::min(version.find('.'), version.size());
  const std::string_view number = version.substr(0, end);
  version.remove_prefix(std::min(end + 1, version.size()));
  return number;
}

int64_t Value(std::string_view digits) {
  int64_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= kMaxDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

absl::Status ValidateProductVersion(std::string_view version, std::string_view field) {
  bool valid = !version.empty() && version.back() != '.';
  int numbers = 0;
  for (std::string_view rest = version; valid && !rest.empty(); ++numbers) {
    valid = IsNumber(NextNumber(rest)) && numbers < kMaxNumbers;
  }
  if (valid) return absl::OkStatus();
  return InvalidField(field, "must be 1 to 6 numbers with dots between them, as 2.10.1");
}

absl::Status ValidateVersionRanges(const VersionRanges& ranges, std::string_view field) {
  if (ranges.size() > kMaxVersionRanges) {
    return InvalidField(field, fmt::format("must be at most {}", kMaxVersionRanges));
  }
  for (int i = 0; i < ranges.size(); ++i) {
    const v1::VersionRange& range = ranges[i];
    const std::string place = fmt::format("{}[{}]", field, i);
    if (range.min_version().empty() && range.max_version().empty()) {
      return InvalidField(place, "needs a min_version or a max_version");
    }
    if (!range.min_version().empty()) {
      FD_RETURN_IF_ERROR(ValidateProductVersion(range.min_version(), place + ".min_version"));
    }
    if (!range.max_version().empty()) {
      FD_RETURN_IF_ERROR(ValidateProductVersion(range.max_version(), place + ".max_version"));
    }
    if (!range.min_version().empty() && !range.max_version().empty() &&
        CompareProductVersions(range.min_version(), range.max_version()) > 0) {
      return InvalidField(place, "begins after its end");
    }
  }
  return absl::OkStatus();
}

std::strong_ordering CompareProductVersions(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const auto order = Value(NextNumber(a)) <=> Value(NextNumber(b));
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

bool ValidFor(const VersionRanges& ranges, std::string_view version) {
  if (ranges.empty()) return true;
  return std::any_of(ranges.begin(), ranges.end(), [&](const v1::VersionRange& range) {
    return (range.min_version().empty() ||
            CompareProductVersions(version, range.min_version()) >= 0) &&
           (range.max_version().empty() ||
            CompareProductVersions(version, range.max_version()) <= 0);
  });
}

}  // namespace frontdesk::knowledge
