#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace frontdesk::knowledge {

// A product's version: dotted numbers, "2.10" is newer than "2.9", "2" is "2.0".
using ProductVersion = std::vector<uint32_t>;

inline constexpr size_t kMaxVersionParts = 6;

// Nothing for anything else than 1 to 6 numbers of at most 9 digits between dots.
std::optional<ProductVersion> ParseProductVersion(std::string_view text);

// Both ends included; no end = open.
struct VersionSpan {
  std::optional<ProductVersion> min;
  std::optional<ProductVersion> max;
};

bool Contains(const VersionSpan& span, const ProductVersion& version);

}  // namespace frontdesk::knowledge
