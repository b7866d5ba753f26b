#pragma once

#include <string_view>

namespace frontdesk::knowledge {

// The words on the pages of the help centre, in one language.
struct HelpWords {
  std::string_view language;  // the other language's name, in that language
  std::string_view help_centre, search, search_label, skip, all_topics, results, no_results,
      no_results_advice, did_you_mean, shown_instead, helpful, yes, no, thanks, related, updated,
      next_page, not_found, not_found_advice, busy, busy_advice, bad_request, fallback,
      language_label, empty, other;
};

// Chinese for "zh…", English for the rest.
const HelpWords& HelpWordsOf(std::string_view locale);

}  // namespace frontdesk::knowledge
