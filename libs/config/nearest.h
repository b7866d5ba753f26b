#pragma once

#include <span>
#include <string>
#include <string_view>

namespace frontdesk::config {

// The word of `known` with the smallest edit distance to `word`, "" when none is near enough to be
// what was meant.
std::string Nearest(std::string_view word, std::span<const std::string> known);

// "", or ", did you mean 'x'?".
std::string DidYouMean(std::string_view word, std::span<const std::string> known);

}  // namespace frontdesk::config
