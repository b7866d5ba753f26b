#include "services/knowledge/formats/rows.h"

#include <utility>

#include <fmt/core.h>

#include "absl/strings/match.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/strong_id.h"
#include "services/knowledge/domain/article.h"

namespace frontdesk::knowledge::formats {
namespace {

constexpr size_t kIdCharactersMax = 63;

// What stands on one line in every format.
absl::Status CheckOneLine(const v1::ArticleContent& content) {
  const auto broken = [](const std::string& text) {
    return text.find_first_of("\r\n") != std::string::npos;
  };
  const std::pair<std::string_view, const std::string*> lines[] = {
      {"title", &content.title()},
      {"product", &content.product()},
      {"product_module", &content.product_module()},
      {"error_type", &content.error_type()},
      {"solution_kind", &content.solution_kind()}};
  for (const auto& [field, line] : lines) {
    if (broken(*line)) return InvalidField(fmt::format("content.{}", field), "must be one line");
  }
  for (const std::string& question : content.questions()) {
    if (broken(question)) return InvalidField("content.questions", "must be one line each");
  }
  for (const std::string& tag : content.tags()) {
    if (broken(tag)) return InvalidField("content.tags", "must be one line each");
  }
  return absl::OkStatus();
}

absl::Status Check(const v1::PortableArticle& article) {
  absl::Status status = ValidateId(article.article_id(), "article_id");
  if (status.ok()) status = ValidateLocale(article.locale(), "locale");
  if (status.ok() && !article.translation_of().empty()) {
    status = ValidateId(article.translation_of(), "translation_of");
  }
  if (status.ok()) status = CheckOneLine(article.content());
  if (!status.ok()) return status;
  v1::ArticleContent named = article.content();
  for (v1::ArticleLink& link : *named.mutable_links()) {
    if (IsId(link.article())) link.set_article("tenants/any/articles/" + link.article());
  }
  return ValidateContent(named, "content");
}

}  // namespace

std::optional<Format> FormatOf(std::string_view name) {
  if (name == "markdown") return Format::kMarkdown;
  if (name == "csv") return Format::kCsv;
  if (name == "html") return Format::kHtml;
  if (name == "jsonl") return Format::kJsonLines;
  return std::nullopt;
}

std::optional<Format> FormatOfPath(std::string_view path) {
  const auto ends = [path](std::string_view ending) {
    return absl::EndsWithIgnoreCase(ToAbsl(path), ToAbsl(ending));
  };
  if (ends(".md") || ends(".markdown")) return Format::kMarkdown;
  if (ends(".csv")) return Format::kCsv;
  if (ends(".html") || ends(".htm") || ends(".xhtml")) return Format::kHtml;
  if (ends(".jsonl") || ends(".ndjson")) return Format::kJsonLines;
  return std::nullopt;
}

size_t BytesMax(Format format) {
  if (format == Format::kMarkdown) return kMarkdownBytesMax;
  return format == Format::kHtml ? kHtmlBytesMax : kTableFileBytesMax;
}

void Take(v1::PortableArticle article, std::string_view file, int line, const Defaults& defaults,
          Rows& rows, FieldLines lines) {
  if (article.locale().empty()) article.set_locale(defaults.locale);
  if (defaults.publish) article.set_publish(true);
  const absl::Status status = Check(article);
  if (status.ok()) {
    rows.rows.push_back({std::move(article), std::string(file), line, std::move(lines)});
    return;
  }
  const Row row{{}, "", line, std::move(lines)};
  Refused refused{.file = std::string(file), .line = line, .why = std::string(MessageOf(status))};
  if (IsId(article.article_id())) refused.article = article.article_id();
  const ErrorDetails details = DetailsOf(status);
  if (!details.fields.empty()) {
    refused.field = details.fields.front().first;
    refused.why = details.fields.front().second;
    refused.line = row.LineOfField(refused.field);
  }
  rows.refused.push_back(std::move(refused));
}

std::string IdOfPath(std::string_view path) {
  path = path.substr(path.find_last_of("/\\") + 1);
  path = path.substr(0, path.rfind('.'));
  std::string id;
  for (const char c : path) {
    if (id.size() >= kIdCharactersMax) break;
    if (c >= 'A' && c <= 'Z') {
      id.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      id.push_back(c);
    } else if (!id.empty() && id.back() != '-') {
      id.push_back('-');
    }
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id;
}

}  // namespace frontdesk::knowledge::formats
