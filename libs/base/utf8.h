#pragma once

#include <cstddef>
#include <string_view>

namespace frontdesk {

// True when `text` is well-formed UTF-8: no overlong forms, surrogates or code points past 10FFFF.
bool IsValidUtf8(std::string_view text);

// The longest prefix of at most `max_bytes` that does not cut a character of valid UTF-8.
std::string_view TruncateUtf8(std::string_view text, size_t max_bytes);

}  // namespace frontdesk
