#include "services/knowledge/formats/markdown.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "libs/base/absl_interop.h"

namespace frontdesk::knowledge {
namespace {

// What is nested deeper is no article, and every level costs the reader's browser, too.
constexpr int kNestingMax = 50;
constexpr int kHeadingLevelMax = 6;
// cmark takes time with the square of the columns, fills short rows up to the full width, and reads
// the paragraph above anew at every line that may stand below a table's header: 60 KB of any of it
// keep it busy for seconds. No article has such tables.
constexpr size_t kTableColumnsMax = 200;
constexpr size_t kTableCellsMax = 50'000;
constexpr size_t kTableHeaderBytesMax = 1 << 20;

bool IsSafeLink(std::string_view url) {
  if (url.empty() || url.front() == '#' || url.front() == '/') return !url.starts_with("//");
  for (const std::string_view scheme : {"https://", "http://", "mailto:", "tel:"}) {
    if (absl::StartsWithIgnoreCase(ToAbsl(url), ToAbsl(scheme))) return true;
  }
  return false;
}

// Headings one level down, for the title is the page's <h1>; links made harmless.
void Adapt(cmark_node* root) {
  const std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> nodes(cmark_iter_new(root),
                                                                      &cmark_iter_free);
  for (cmark_event_type event = cmark_iter_next(nodes.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(nodes.get())) {
    if (event != CMARK_EVENT_ENTER) continue;
    cmark_node* node = cmark_iter_get_node(nodes.get());
    const cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_HEADING) {
      const int level = cmark_node_get_heading_level(node);
      if (level < kHeadingLevelMax) cmark_node_set_heading_level(node, level + 1);
    } else if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) {
      if (!IsSafeLink(cmark_node_get_url(node))) cmark_node_set_url(node, "");
    }
  }
}

bool TooDeep(cmark_node* root) {
  const std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> nodes(cmark_iter_new(root),
                                                                      &cmark_iter_free);
  int depth = 0;
  for (cmark_event_type event = cmark_iter_next(nodes.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(nodes.get())) {
    if (event == CMARK_EVENT_ENTER && cmark_node_first_child(cmark_iter_get_node(nodes.get()))) {
      if (++depth > kNestingMax) return true;
    } else if (event == CMARK_EVENT_EXIT && depth > 0) {
      --depth;
    }
  }
  return false;
}

// Whether the tables of `body`, if it has any, are of a size that is rendered at once.
bool TablesAreSmall(std::string_view body) {
  size_t columns = 0, lines = 0;
  size_t paragraph = 0, header_bytes = 0;
  while (!body.empty()) {
    const std::string_view line = body.substr(0, body.find_first_of("\r\n"));
    body.remove_prefix(line.size());
    body.remove_prefix(body.starts_with("\r\n") ? 2 : std::min<size_t>(body.size(), 1));
    ++lines;
    columns = std::max(columns, static_cast<size_t>(std::count(line.begin(), line.end(), '|')) + 1);
    paragraph += line.size() + 1;
    if (line.find_first_not_of(" \t\v\f>") == std::string_view::npos) {
      paragraph = 0;
    } else if (line.find_first_not_of(" \t\v\f>|:-") == std::string_view::npos &&
               line.find('-') != std::string_view::npos &&
               line.find_first_of("|:") != std::string_view::npos) {
      header_bytes += paragraph;
    }
  }
  return columns <= kTableColumnsMax && columns * lines <= kTableCellsMax &&
         header_bytes <= kTableHeaderBytesMax;
}

void RegisterExtensions() {
  static std::once_flag once;
  std::call_once(once, cmark_gfm_core_extensions_ensure_registered);
}

}  // namespace

std::string RenderMarkdown(std::string_view body) {
  RegisterExtensions();
  constexpr int kOptions = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8;
  const std::unique_ptr<cmark_parser, decltype(&cmark_parser_free)> parser(
      cmark_parser_new(kOptions), &cmark_parser_free);
  std::vector<const char*> extensions = {"strikethrough", "autolink"};
  if (TablesAreSmall(body)) extensions.insert(extensions.begin(), "table");
  for (const char* name : extensions) {
    cmark_syntax_extension* extension = cmark_find_syntax_extension(name);
    if (extension != nullptr) cmark_parser_attach_syntax_extension(parser.get(), extension);
  }
  cmark_parser_feed(parser.get(), body.data(), body.size());
  const std::unique_ptr<cmark_node, decltype(&cmark_node_free)> root(
      cmark_parser_finish(parser.get()), &cmark_node_free);
  if (root == nullptr || TooDeep(root.get())) return "<pre>" + EscapeHtml(body) + "</pre>\n";
  Adapt(root.get());
  const std::unique_ptr<char, decltype(&std::free)> html(
      cmark_render_html(root.get(), kOptions, cmark_parser_get_syntax_extensions(parser.get())),
      &std::free);
  return html == nullptr ? std::string() : std::string(html.get());
}

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped.push_back(c);
    }
  }
  return escaped;
}

}  // namespace frontdesk::knowledge
