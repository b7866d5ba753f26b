#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

// Versions of the tenant's products: dotted numbers as "2.10.1", compared number by number; what is
// missing counts as 0, so "2" is "2.0".
namespace frontdesk::knowledge {

inline constexpr int kMaxVersionRanges = 10;
inline constexpr size_t kMaxVersionParts = 6;

using ProductVersion = std::vector<uint32_t>;
using VersionRanges = google::protobuf::RepeatedPtrField<v1::VersionRange>;

// Nothing for anything else than 1 to 6 numbers of at most 9 digits between dots.
std::optional<ProductVersion> ParseProductVersion(std::string_view text);
absl::Status ValidateProductVersion(std::string_view version, std::string_view field);
// Valid bounds, no range that begins after its end, at most kMaxVersionRanges. INVALID_FIELD.
absl::Status ValidateVersionRanges(const VersionRanges& ranges, std::string_view field);

// Both ends included; no end = open.
struct VersionSpan {
  std::optional<ProductVersion> min;
  std::optional<ProductVersion> max;
};

bool Contains(const VersionSpan& span, const ProductVersion& version);

}  // namespace frontdesk::knowledge
