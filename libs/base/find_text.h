#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace frontdesk {

// Where `part` begins in `text`, from `from` on; npos: nowhere. The same as string_view::find, which is
// several times slower on Chinese: it stops at each first byte, and ideographs share a handful of them.
inline size_t FindText(std::string_view text, std::string_view part, size_t from = 0) {
  if (from > text.size()) return std::string_view::npos;
  const void* found = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace frontdesk
