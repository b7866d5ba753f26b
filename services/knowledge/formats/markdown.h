#pragma once

#include <string>
#include <string_view>

namespace frontdesk::knowledge {

// The body of an article as HTML for a page of anybody: GitHub-flavoured Markdown (tables, struck
// out, autolinks); raw HTML is left out, links lead to http, https, mailto and tel only, headings
// begin at <h2>. Any input gives well-formed HTML; nesting and size are bounded by the article's
// limits. Thread safe.
std::string RenderMarkdown(std::string_view body);

// `text` for HTML, in elements and in quoted attributes.
std::string EscapeHtml(std::string_view text);

}  // namespace frontdesk::knowledge
