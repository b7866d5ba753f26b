#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace frontdesk::knowledge {

extern const char kHelpCss[];     // out of web/help.css
extern const char kHelpScript[];  // out of web/suggest.js

// The pages of the help centre as HTML, from what is shown to HTML and nothing else. Every text is
// escaped here; only `body_html` of an article is HTML already (RenderMarkdown). No page needs
// JavaScript; with it the search field suggests.

// What every page has.
struct HelpFrame {
  std::string tenant;
  std::string locale;                // of the words on the page, "en" or "zh"
  std::string query{};               // what the search field holds
  std::string other_language_url{};  // the same page in the other language
  // Absolute address of this page, for search engines; empty = not known.
  std::string canonical_url{};
  // The page in each language it is there in, this one too: language tag, absolute address.
  std::vector<std::pair<std::string, std::string>> alternates{};
};

struct HelpEntry {
  std::string article;  // id
  std::string title;
  std::string snippet{};
  // Bytes of title and snippet that are what was searched for: (start, end), in order.
  std::vector<std::pair<int, int>> title_spans{};
  std::vector<std::pair<int, int>> snippet_spans{};
};

struct HelpTopic {
  std::string name;
  std::vector<HelpEntry> entries;
};

struct HelpList {
  std::string topic{};  // only this one is shown; empty = all
  std::vector<HelpTopic> topics;
  std::string next_page_url{};
};

struct HelpSearch {
  std::vector<HelpEntry> entries;
  std::string suggested_query{};  // spelt as articles spell it; empty = none
  bool shown_instead = false;     // `entries` are those of `suggested_query`: there were no others
};

struct HelpArticle {
  std::string article;  // id
  std::string title;
  std::string body_html;
  int version = 0;
  absl::Time publish_time;
  std::vector<HelpEntry> related{};
  bool rated = false;            // this visitor has just said something
  bool fallback_locale = false;  // shown in a language that was not asked for
  std::string locale{};          // of title and body; empty = the page's
};

std::string ListPage(const HelpFrame& frame, const HelpList& list);
std::string SearchPage(const HelpFrame& frame, const HelpSearch& search);
std::string ArticlePage(const HelpFrame& frame, const HelpArticle& article);
// For people: what went wrong, and a way back. `status` is HTTP's.
std::string ErrorPage(const HelpFrame& frame, int status);

// What the search field is offered while somebody types, as JSON.
std::string SuggestJson(const std::vector<std::string>& texts);

// Addresses: "/help/{tenant}/{locale}" and what is below it.
std::string HelpUrl(const HelpFrame& frame, std::string_view below = {});
std::string ArticleUrl(const HelpFrame& frame, std::string_view article);

}  // namespace frontdesk::knowledge
