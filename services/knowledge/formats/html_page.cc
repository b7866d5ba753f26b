#include "services/knowledge/formats/html_page.h"

#include <utility>

#include <fmt/core.h>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "libs/base/absl_interop.h"
#include "libs/base/hash.h"
#include "services/knowledge/domain/attribute_text.h"
#include "services/knowledge/formats/html_markdown.h"
#include "services/knowledge/formats/html_tree.h"
#include "services/knowledge/formats/json_lines.h"
#include "services/knowledge/formats/markdown.h"

namespace frontdesk::knowledge::formats {
namespace {

// In the head of a page that WriteHtml made: the article as JSON, and what its page shows.
constexpr std::string_view kArticleMeta = "frontdesk-article";
constexpr std::string_view kShownMeta = "frontdesk-shown";

// The content of <meta name="…">.
std::string_view Meta(const GumboNode* head, std::string_view name) {
  if (head == nullptr) return {};
  const GumboVector& children = head->v.element.children;
  for (unsigned i = 0; i < children.length; ++i) {
    const auto* node = static_cast<const GumboNode*>(children.data[i]);
    if (TagOf(node) == GUMBO_TAG_META &&
        absl::EqualsIgnoreCase(ToAbsl(Attribute(node, "name")), ToAbsl(name))) {
      return Attribute(node, "content");
    }
  }
  return {};
}

struct Shown {
  std::string title;
  std::string body;

  std::string Hash() const { return fmt::format("{:016x}", Fingerprint64(title + "\n" + body)); }
};

Shown ShownOn(const HtmlTree& tree, int heading_shift) {
  const GumboNode* root = tree.Find(GUMBO_TAG_MAIN);
  if (root == nullptr) root = tree.Find(GUMBO_TAG_ARTICLE);
  if (root == nullptr) root = tree.Find(GUMBO_TAG_BODY);
  const GumboNode* heading = tree.Find(GUMBO_TAG_H1);
  const GumboNode* title = heading != nullptr ? heading : tree.Find(GUMBO_TAG_TITLE);
  Shown shown;
  if (title != nullptr) shown.title = TextOf(title);
  shown.body = HtmlToMarkdown(root, {.skip = heading, .heading_shift = heading_shift});
  return shown;
}

void AddKeywords(std::string_view keywords, v1::ArticleContent& content) {
  for (const absl::string_view part : absl::StrSplit(ToAbsl(keywords), ',')) {
    const std::string tag(TrimBlanks(ToStd(part)));
    bool known = tag.empty() || tag.size() > 64;
    for (const std::string& other : content.tags()) known = known || other == tag;
    if (!known && content.tags_size() < 20) content.add_tags(tag);
  }
}

// "zh-CN" is Chinese. Other languages are named as they are, and refused as any we do not have.
std::string LocaleOf(std::string_view lang) {
  const std::string_view primary = lang.substr(0, lang.find_first_of("-_"));
  if (absl::EqualsIgnoreCase(ToAbsl(primary), "zh")) return "zh";
  if (absl::EqualsIgnoreCase(ToAbsl(primary), "en")) return "en";
  return std::string(primary);
}

std::string VisiblePage(const v1::PortableArticle& article, std::string_view head) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n"
      "{}</head>\n<body>\n<main>\n<h1>{}</h1>\n{}</main>\n</body>\n</html>\n",
      EscapeHtml(article.locale()), EscapeHtml(article.content().title()), head,
      EscapeHtml(article.content().title()), RenderMarkdown(article.content().body()));
}

}  // namespace

void ReadHtml(std::string_view bytes, std::string_view file, const Defaults& defaults, Rows& rows) {
  const auto refuse = [&](int line, std::string why) {
    rows.Refuse(std::string(file), line, std::move(why));
  };
  int line = 1;
  if (bytes.size() > kHtmlBytesMax) {
    return refuse(1, fmt::format("is longer than {} bytes", kHtmlBytesMax));
  }
  if (TrimBlanks(bytes).empty()) return refuse(1, "is empty");
  if (std::string problem = CheckFileText(bytes, &line); !problem.empty()) {
    return refuse(line, std::move(problem));
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const HtmlTree tree(bytes);
  if (tree.root() == nullptr) {
    return refuse(1, fmt::format("is nested deeper than {} elements", kHtmlDepthMax));
  }
  const GumboNode* head = tree.Find(GUMBO_TAG_HEAD);
  const std::string_view ours = Meta(head, kArticleMeta);
  v1::PortableArticle article;
  if (!ours.empty()) {
    if (std::string problem = ReadArticleJson(ours, article); !problem.empty()) {
      return refuse(1, fmt::format("{} {}", kArticleMeta, problem));
    }
  }
  // RenderMarkdown shows headings one level down.
  Shown shown = ShownOn(tree, ours.empty() ? 0 : 1);
  if (ours.empty() || shown.Hash() != Meta(head, kShownMeta)) {
    article.mutable_content()->set_title(std::move(shown.title));
    article.mutable_content()->set_body(std::move(shown.body));
  }
  if (ours.empty()) {
    article.set_article_id(IdOfPath(file));
    const GumboNode* html = tree.Find(GUMBO_TAG_HTML);
    article.set_locale(LocaleOf(html == nullptr ? std::string_view() : Attribute(html, "lang")));
    AddKeywords(Meta(head, "keywords"), *article.mutable_content());
  }
  Take(std::move(article), file, 1, defaults, rows);
}

std::string WriteHtml(const v1::PortableArticle& article) {
  std::string json = WriteJsonLine(article);
  if (json.ends_with('\n')) json.pop_back();
  const std::string page = VisiblePage(article, "");
  const HtmlTree tree(page);
  const std::string head =
      fmt::format("<meta name=\"{}\" content=\"{}\">\n<meta name=\"{}\" content=\"{}\">\n",
                  kArticleMeta, EscapeHtml(json), kShownMeta, ShownOn(tree, 1).Hash());
  return VisiblePage(article, head);
}

}  // namespace frontdesk::knowledge::formats
