#pragma once

#include <string>

#include <gumbo.h>

namespace frontdesk::knowledge::formats {

struct HtmlMarkdownOptions {
  const GumboNode* skip = nullptr;  // left out: the heading that became the title
  int heading_shift = 0;            // taken off every heading's level
};

// What stands below `root` as Markdown: headings, paragraphs, lists, tables, quotes, code, links,
// emphasis. Other elements are seen through; scripts, styles, forms' fields, navigation, embedded
// pages and what is hidden are left out. Text means in Markdown what it said in HTML.
std::string HtmlToMarkdown(const GumboNode* root, const HtmlMarkdownOptions& options);

}  // namespace frontdesk::knowledge::formats
