#pragma once

#include <string_view>

namespace frontdesk::knowledge {

// How much a word says about what a question is about.
enum class WordClass {
  kStop,   // nothing: grammar, politeness, small talk
  kWeak,   // little: "long", "need", "问题"
  kTopic,  // the subject
};

// `word` is folded to lower case, without apostrophes and not stemmed.
WordClass ClassifyEnglish(std::string_view word);
// `word` is a word as segmentation gives it; one made of stop words alone ("我想") is one, too.
WordClass ClassifyChinese(std::string_view word);

}  // namespace frontdesk::knowledge
