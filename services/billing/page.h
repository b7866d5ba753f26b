#pragma once

#include <cstddef>
#include <string>

namespace frontdesk::billing {

// A page of a list: at most `size` entries and 1 MiB, after the key that the page before ended
// with. `last` of a list is the key to go on after; empty at the end.
struct PageBounds {
  size_t size = 50;
  std::string after;
};

inline constexpr size_t kMaxPageBytes = 1 << 20;
// Rows that a filtered list looks at in one call; then it answers with what it has and a token.
inline constexpr size_t kMaxRowsLookedAt = 2'000;

}  // namespace frontdesk::billing
