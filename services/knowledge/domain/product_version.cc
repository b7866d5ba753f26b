#include "services/knowledge/domain/product_version.h"

#include <charconv>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxDigits = 9;

}  // namespace

std::optional<ProductVersion> ParseProductVersion(std::string_view text) {
  ProductVersion version;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size() || part.size() > kMaxDigits) {
      return std::nullopt;
    }
    version.push_back(number);
    if (version.size() > kMaxVersionParts) return std::nullopt;
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  while (version.size() > 1 && version.back() == 0) version.pop_back();
  return version;
}

absl::Status ValidateProductVersion(std::string_view version, std::string_view field) {
  if (ParseProductVersion(version).has_value()) return absl::OkStatus();
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
        *ParseProductVersion(range.min_version()) > *ParseProductVersion(range.max_version())) {
      return InvalidField(place, "begins after its end");
    }
  }
  return absl::OkStatus();
}

bool Contains(const VersionSpan& span, const ProductVersion& version) {
  if (span.min.has_value() && version < *span.min) return false;
  return !span.max.has_value() || version <= *span.max;
}

}  // namespace frontdesk::knowledge
