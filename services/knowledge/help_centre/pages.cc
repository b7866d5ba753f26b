#include "services/knowledge/help_centre/pages.h"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "libs/http/message.h"
#include "services/knowledge/formats/markdown.h"
#include "services/knowledge/help_centre/words.h"

namespace frontdesk::knowledge {
namespace {

// `text` escaped, the spans in <mark>. Spans out of order or out of range are left out.
std::string Marked(std::string_view text, const std::vector<std::pair<int, int>>& spans) {
  std::string html;
  size_t at = 0;
  for (const auto& [first, last] : spans) {
    const auto start = static_cast<size_t>(std::max(first, 0));
    const auto end = static_cast<size_t>(std::max(last, 0));
    if (start < at || end <= start || end > text.size()) continue;
    html += EscapeHtml(text.substr(at, start - at));
    html += "<mark>" + EscapeHtml(text.substr(start, end - start)) + "</mark>";
    at = end;
  }
  return html + EscapeHtml(text.substr(at));
}

std::string Page(const HelpFrame& frame, std::string_view title, const std::string& content,
                 bool indexed) {
  const HelpWords& words = HelpWordsOf(frame.locale);
  std::string head;
  if (!indexed) head += "<meta name=\"robots\" content=\"noindex\">\n";
  if (indexed && !frame.canonical_url.empty()) {
    head += fmt::format("<link rel=\"canonical\" href=\"{}\">\n", EscapeHtml(frame.canonical_url));
    for (const auto& [locale, url] : frame.alternates) {
      head += fmt::format("<link rel=\"alternate\" hreflang=\"{}\" href=\"{}\">\n",
                          EscapeHtml(locale), EscapeHtml(url));
    }
  }
  std::string language;
  if (!frame.other_language_url.empty()) {
    const std::string_view other = frame.locale.starts_with("zh") ? "en" : "zh";
    language = fmt::format(
        "<nav aria-label=\"{}\"><a lang=\"{}\" hreflang=\"{}\" href=\"{}\">{}</a></nav>\n",
        words.language_label, other, other, EscapeHtml(frame.other_language_url), words.language);
  }
  return fmt::format(
      R"(<!doctype html>
<html lang="{locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}<link rel="stylesheet" href="/help/style.css">
<script src="/help/suggest.js" defer></script>
</head>
<body>
<a class="skip" href="#content">{skip}</a>
<header>
<a class="home" href="{home}">{help_centre}</a>
{language}</header>
<main id="content">
<form class="search" role="search" action="{search_url}" method="get">
<input type="search" name="q" value="{query}" placeholder="{search_label}" aria-label="{search_label}" maxlength="500" required autocomplete="off" list="suggestions" data-suggest="{suggest_url}">
<datalist id="suggestions"></datalist>
<button>{search}</button>
</form>
{content}</main>
<footer><a href="{home}">{all_topics}</a></footer>
</body>
</html>
)",
      fmt::arg("locale", EscapeHtml(frame.locale)), fmt::arg("title", EscapeHtml(title)),
      fmt::arg("head", head), fmt::arg("skip", words.skip), fmt::arg("home", HelpUrl(frame)),
      fmt::arg("help_centre", words.help_centre), fmt::arg("language", language),
      fmt::arg("search_url", HelpUrl(frame, "search")),
      fmt::arg("suggest_url", HelpUrl(frame, "suggest")),
      fmt::arg("query", EscapeHtml(frame.query)), fmt::arg("search_label", words.search_label),
      fmt::arg("search", words.search), fmt::arg("content", content),
      fmt::arg("all_topics", words.all_topics));
}

std::string Entries(const HelpFrame& frame, const std::vector<HelpEntry>& entries) {
  std::string html = "<ul class=\"articles\">\n";
  for (const HelpEntry& entry : entries) {
    html += fmt::format("<li><a href=\"{}\">{}</a>", ArticleUrl(frame, entry.article),
                        Marked(entry.title, entry.title_spans));
    if (!entry.snippet.empty()) {
      html +=
          fmt::format("<p class=\"snippet\">{}</p>", Marked(entry.snippet, entry.snippet_spans));
    }
    html += "</li>\n";
  }
  return html + "</ul>\n";
}

std::string DateOf(absl::Time time, std::string_view locale) {
  return absl::FormatTime(locale.starts_with("zh") ? "%Y年%-m月%-d日" : "%-d %B %Y", time,
                          absl::UTCTimeZone());
}

}  // namespace

std::string HelpUrl(const HelpFrame& frame, std::string_view below) {
  std::string url = fmt::format("/help/{}/{}", frame.tenant, frame.locale);
  if (!below.empty()) url += fmt::format("/{}", below);
  return url;
}

std::string ArticleUrl(const HelpFrame& frame, std::string_view article) {
  return HelpUrl(frame, fmt::format("articles/{}", http::Encode(article)));
}

std::string ListPage(const HelpFrame& frame, const HelpList& list) {
  const HelpWords& words = HelpWordsOf(frame.locale);
  const std::string title = list.topic.empty() ? std::string(words.help_centre) : list.topic;
  std::string html = fmt::format("<h1>{}</h1>\n", EscapeHtml(title));
  if (list.topic.empty() && list.topics.size() > 1) {
    html += fmt::format("<nav aria-label=\"{}\"><ul class=\"topics\">\n", words.all_topics);
    for (const HelpTopic& topic : list.topics) {
      if (topic.name.empty()) continue;
      html += fmt::format("<li><a href=\"{}?topic={}\">{}</a></li>\n", HelpUrl(frame),
                          http::Encode(topic.name), EscapeHtml(topic.name));
    }
    html += "</ul></nav>\n";
  }
  bool any = false;
  for (const HelpTopic& topic : list.topics) {
    if (topic.entries.empty()) continue;
    any = true;
    if (list.topic.empty()) {
      html += fmt::format("<h2>{}</h2>\n",
                          topic.name.empty() ? std::string(words.other) : EscapeHtml(topic.name));
    }
    html += Entries(frame, topic.entries);
  }
  if (!any) html += fmt::format("<p>{}</p>\n", words.empty);
  if (!list.next_page_url.empty()) {
    html += fmt::format("<nav class=\"pages\"><a rel=\"next\" href=\"{}\">{}</a></nav>\n",
                        EscapeHtml(list.next_page_url), words.next_page);
  }
  return Page(frame, title, html, /*indexed=*/true);
}

std::string SearchPage(const HelpFrame& frame, const HelpSearch& search) {
  const HelpWords& words = HelpWordsOf(frame.locale);
  std::string html = fmt::format("<h1>{}</h1>\n", words.results);
  if (!search.suggested_query.empty()) {
    const std::string before = search.shown_instead
                                   ? fmt::format("{} {}", words.no_results, words.shown_instead)
                                   : std::string(words.did_you_mean);
    html += fmt::format("<p role=\"status\">{} <a href=\"{}?q={}\">{}</a></p>\n", before,
                        HelpUrl(frame, "search"), http::Encode(search.suggested_query),
                        EscapeHtml(search.suggested_query));
  }
  if (search.entries.empty()) {
    html +=
        fmt::format("<p role=\"status\">{} {}</p>\n", words.no_results, words.no_results_advice);
  } else {
    html += Entries(frame, search.entries);
  }
  return Page(frame, fmt::format("{} – {}", frame.query, words.help_centre), html,
              /*indexed=*/false);
}

std::string ArticlePage(const HelpFrame& frame, const HelpArticle& article) {
  const HelpWords& words = HelpWordsOf(frame.locale);
  std::string html;
  if (article.fallback_locale) html += fmt::format("<p class=\"notice\">{}</p>\n", words.fallback);
  html += fmt::format(
      "<article{}>\n<h1>{}</h1>\n{}<p class=\"meta\">{} <time "
      "datetime=\"{}\">{}</time></p>\n</article>\n",
      article.locale.empty() || article.locale == frame.locale
          ? std::string()
          : fmt::format(" lang=\"{}\"", EscapeHtml(article.locale)),
      EscapeHtml(article.title), article.body_html, words.updated,
      absl::FormatTime("%Y-%m-%d", article.publish_time, absl::UTCTimeZone()),
      DateOf(article.publish_time, frame.locale));
  if (article.rated) {
    html += fmt::format("<p class=\"notice\" role=\"status\">{}</p>\n", words.thanks);
  } else {
    html += fmt::format(
        R"(<form class="rate" action="{}/rate" method="post">
<p id="helpful">{}</p>
<input type="hidden" name="version" value="{}">
<button class="plain" name="helpful" value="yes" aria-describedby="helpful">{}</button>
<button class="plain" name="helpful" value="no" aria-describedby="helpful">{}</button>
</form>
)",
        ArticleUrl(frame, article.article), words.helpful, article.version, words.yes, words.no);
  }
  if (!article.related.empty()) {
    html += fmt::format("<h2>{}</h2>\n{}", words.related, Entries(frame, article.related));
  }
  return Page(frame, fmt::format("{} – {}", article.title, words.help_centre), html,
              /*indexed=*/!article.fallback_locale);
}

std::string SuggestJson(const std::vector<std::string>& texts) {
  return nlohmann::json{{"suggestions", texts}}.dump(-1, ' ', false,
                                                     nlohmann::json::error_handler_t::replace);
}

std::string ErrorPage(const HelpFrame& frame, int status) {
  const HelpWords& words = HelpWordsOf(frame.locale);
  std::string_view title = words.busy;
  std::string_view advice = words.busy_advice;
  if (status == 404) {
    title = words.not_found;
    advice = words.not_found_advice;
  } else if (status >= 400 && status < 429) {
    title = words.bad_request;
    advice = words.no_results_advice;
  }
  return Page(frame, title, fmt::format("<h1>{}</h1>\n<p>{}</p>\n", title, advice),
              /*indexed=*/false);
}

}  // namespace frontdesk::knowledge
