#pragma once

#include <string>
#include <string_view>

namespace frontdesk::knowledge {

// The stem of a lower-case English word after Porter (1980): "returns", "returned", "returning" ->
// "return". Words with anything but a-z come back as they are. Pure; part of the form of the search
// index (kIndexFormat).
std::string StemEnglish(std::string_view word);

}  // namespace frontdesk::knowledge
