#pragma once

#include <compare>
#include <string_view>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

// Versions of the tenant's products: dotted numbers as "2.10.1", compared number by number; what is
// missing counts as 0, so "2" is "2.0".
namespace frontdesk::knowledge {

inline constexpr int kMaxVersionRanges = 10;

using VersionRanges = google::protobuf::RepeatedPtrField<v1::VersionRange>;

// 1 to 6 numbers of at most 9 digits with dots between them. INVALID_FIELD.
absl::Status ValidateProductVersion(std::string_view version, std::string_view field);
// Valid bounds, no range that begins after its end, at most kMaxVersionRanges. INVALID_FIELD.
absl::Status ValidateVersionRanges(const VersionRanges& ranges, std::string_view field);

// Of valid versions.
std::strong_ordering CompareProductVersions(std::string_view a, std::string_view b);
// No ranges: valid for every version.
bool ValidFor(const VersionRanges& ranges, std::string_view version);

}  // namespace frontdesk::knowledge
