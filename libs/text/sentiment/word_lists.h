#pragma once

#include <string_view>

namespace frontdesk::text {

// The lexicon_*.txt files as they were when this was built.
extern const std::string_view kEnglishWordList;
extern const std::string_view kChineseWordList;
extern const std::string_view kSignWordList;

}  // namespace frontdesk::text
