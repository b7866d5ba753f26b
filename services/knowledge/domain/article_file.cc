#include "services/knowledge/domain/article_file.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/attribute_text.h"

namespace frontdesk::knowledge {
namespace {

absl::Status BadFile(std::string_view path, int line, std::string_view what) {
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                            fmt::format("{}:{}: {}", path, line, what)),
                      "key", path);
}

// "x" and 'x' are x.
std::string_view Unquote(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

class FrontMatter {
 public:
  FrontMatter(std::string_view path, ArticleFile& file) : path_(path), file_(file) {}

  absl::Status TakeLine(std::string_view line, int number) {
    const std::string_view trimmed = TrimBlanks(line);
    if (trimmed.empty() || trimmed.front() == '#') return absl::OkStatus();
    if (trimmed.front() == '-') return TakeItem(Unquote(TrimBlanks(trimmed.substr(1))), number);
    const size_t colon = trimmed.find(':');
    if (colon == std::string_view::npos) return BadFile(path_, number, "expected \"key: value\"");
    return TakeKey(std::string(TrimBlanks(trimmed.substr(0, colon))),
                   Unquote(TrimBlanks(trimmed.substr(colon + 1))), number);
  }

  bool exact_body() const { return exact_body_; }

 private:
  absl::Status TakeItem(std::string_view value, int number) {
    std::string problem;
    int before = 0;
    if (list_ == "questions") {
      before = file_.content.questions_size();
      file_.content.add_questions(std::string(value));
    } else if (list_ == "tags") {
      before = file_.content.tags_size();
      file_.content.add_tags(std::string(value));
    } else if (list_ == "product_versions") {
      before = file_.content.product_versions_size();
      problem = ReadVersionRange(value, file_.content);
    } else if (list_ == "links") {
      before = file_.content.links_size();
      problem = ReadLink(value, file_.content);
    } else if (list_ == "attachments") {
      before = file_.content.attachments_size();
      problem = ReadAttachment(value, file_.content);
    } else {
      problem = "a list item belongs below \"questions:\" or \"tags:\" or another list";
    }
    if (!problem.empty()) return BadFile(path_, number, problem);
    file_.lines[fmt::format("{}[{}]", list_, before)] = number;
    return absl::OkStatus();
  }

  absl::Status TakeKey(const std::string& key, std::string_view value, int number) {
    if (!seen_.insert(key).second) {
      return BadFile(path_, number, fmt::format("\"{}\" is given twice", key));
    }
    list_.clear();
    file_.lines[key] = number;
    v1::ArticleContent& content = file_.content;
    const std::pair<std::string_view, std::string*> texts[] = {
        {"id", &file_.id},
        {"locale", &file_.locale},
        {"title", content.mutable_title()},
        {"product", content.mutable_product()},
        {"product_module", content.mutable_product_module()},
        {"error_type", content.mutable_error_type()},
        {"solution_kind", content.mutable_solution_kind()},
        {"translation_of", &file_.translation_of}};
    for (const auto& [name, text] : texts) {
      if (key != name) continue;
      *text = value;
      return absl::OkStatus();
    }
    if (key == "tags") {
      list_ = key;
      return TakeTags(value);
    }
    for (const std::string_view list : {"questions", "product_versions", "links", "attachments"}) {
      if (key != list) continue;
      list_ = key;
      return CheckNoValue(value, number);
    }
    return TakeChoice(key, value, number);
  }

  // A key with few values.
  absl::Status TakeChoice(const std::string& key, std::string_view value, int number) {
    if (key == "audience") {
      const std::string problem = ReadAudience(value, file_.content);
      return problem.empty() ? absl::OkStatus() : BadFile(path_, number, problem);
    }
    if (key == "publish") {
      if (value != "yes" && value != "no") return BadFile(path_, number, "publish is yes or no");
      file_.publish = value == "yes";
      return absl::OkStatus();
    }
    if (key == "body") {
      if (value != "exact") return BadFile(path_, number, "the body stands below; \"body: exact\"");
      exact_body_ = true;
      return absl::OkStatus();
    }
    return BadFile(path_, number,
                   fmt::format("unknown key \"{}\"; known: id, locale, title, tags, questions, "
                               "product, product_module, error_type, solution_kind, "
                               "product_versions, audience, links, attachments, translation_of, "
                               "publish, body",
                               key));
  }

  absl::Status CheckNoValue(std::string_view value, int number) const {
    if (value.empty()) return absl::OkStatus();
    return BadFile(path_, number, fmt::format("{} go below, one \"- …\" a line", list_));
  }

  absl::Status TakeTags(std::string_view value) {
    while (!value.empty()) {
      const size_t comma = std::min(value.find(','), value.size());
      const std::string_view tag = TrimBlanks(value.substr(0, comma));
      if (!tag.empty()) file_.content.add_tags(std::string(tag));
      value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return absl::OkStatus();
  }

  std::string_view path_;
  ArticleFile& file_;
  std::string list_;
  std::set<std::string> seen_;
  bool exact_body_ = false;
};

// Takes the next line, without its end, off the front of `text`.
std::string_view NextLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

absl::Status CheckFile(const ArticleFile& file, std::string_view path) {
  const auto bad = [&](std::string_view field, std::string_view what) {
    return BadFile(path, LineOf(file.lines, field), what);
  };
  if (!IsId(file.id)) return bad("id", "id must be 1 to 63 of [a-z0-9-]");
  if (!file.translation_of.empty() && !IsId(file.translation_of)) {
    return bad("translation_of", "translation_of must be the id of an article");
  }
  v1::ArticleContent named = file.content;
  for (v1::ArticleLink& link : *named.mutable_links()) {
    if (IsId(link.article())) link.set_article("tenants/any/articles/" + link.article());
  }
  for (const absl::Status& status :
       {ValidateLocale(file.locale, "locale"), ValidateContent(named, "content")}) {
    if (status.ok()) continue;
    const ErrorDetails details = DetailsOf(status);
    return bad(details.fields.empty() ? "" : details.fields.front().first, MessageOf(status));
  }
  return absl::OkStatus();
}

// The line on which the body behind a front matter of `number` lines begins; that of the front
// matter's end when there is none.
int LineOfBody(std::string_view rest, int number, bool exact) {
  if (TrimBlanks(rest).empty()) return number;
  int line = number + 1;
  while (!exact && TrimBlanks(NextLine(rest)).empty()) ++line;
  return line;
}

// In quotes where it would be read as something else.
std::string Quoted(std::string_view value) {
  const bool plain = !value.empty() && TrimBlanks(value) == value && Unquote(value) == value;
  return plain ? std::string(value) : fmt::format("\"{}\"", value);
}

void WriteList(std::string_view key, const std::vector<std::string>& values, std::string& text) {
  if (values.empty()) return;
  text += fmt::format("{}:\n", key);
  for (const std::string& value : values) text += fmt::format("  - {}\n", Quoted(value));
}

void WriteTags(const v1::ArticleContent& content, std::string& text) {
  std::string line;
  for (const std::string& tag : content.tags()) {
    if (tag.find(',') != std::string::npos || Quoted(tag) != tag) {
      return WriteList("tags", {content.tags().begin(), content.tags().end()}, text);
    }
    line += (line.empty() ? "" : ", ") + tag;
  }
  if (line.empty()) return;
  if (Quoted(line) != line) {
    return WriteList("tags", {content.tags().begin(), content.tags().end()}, text);
  }
  text += fmt::format("tags: {}\n", line);
}

}  // namespace

int LineOf(const FieldLines& lines, std::string_view field) {
  constexpr std::string_view kContent = "content.";
  if (field.starts_with(kContent)) field.remove_prefix(kContent.size());
  if (field == "article_id") field = "id";
  while (!field.empty()) {
    const auto found = lines.find(field);
    if (found != lines.end()) return found->second;
    const size_t part = field.find_last_of(".[");
    field = field.substr(0, part == std::string_view::npos ? 0 : part);
  }
  return 1;
}

absl::StatusOr<ArticleFile> ParseArticleFile(std::string_view text, std::string_view path,
                                             const ArticleFileDefaults& defaults) {
  ArticleFile file;
  file.id = defaults.id;
  file.locale = defaults.locale;
  int number = 1;
  if (const std::string problem = CheckFileText(text, &number); !problem.empty()) {
    return BadFile(path, number, problem);
  }
  number = 1;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (TrimBlanks(text).empty()) return BadFile(path, 1, "is empty");
  std::string_view rest = text;
  if (TrimBlanks(NextLine(rest)) != "---") {
    return BadFile(path, 1, "must begin with a line \"---\" and the front matter");
  }
  FrontMatter front(path, file);
  while (true) {
    if (rest.empty()) return BadFile(path, number, "the front matter has no closing \"---\"");
    const std::string_view line = NextLine(rest);
    ++number;
    if (TrimBlanks(line) == "---") break;
    FD_RETURN_IF_ERROR(front.TakeLine(line, number));
  }
  std::string body(front.exact_body() ? rest : TrimBlanks(rest));
  if (!front.exact_body()) body.erase(std::remove(body.begin(), body.end(), '\r'), body.end());
  file.content.set_body(std::move(body));
  file.lines["body"] = LineOfBody(rest, number, front.exact_body());
  FD_RETURN_IF_ERROR(CheckFile(file, path));
  file.hash = std::max<uint64_t>(1, Fingerprint64(text));
  return file;
}

std::string WriteArticleFile(const ArticleFile& file) {
  const v1::ArticleContent& content = file.content;
  std::string text = fmt::format("---\nid: {}\nlocale: {}\ntitle: {}\n", file.id, file.locale,
                                 Quoted(content.title()));
  WriteTags(content, text);
  const std::pair<std::string_view, std::string> values[] = {
      {"product", content.product()},
      {"product_module", content.product_module()},
      {"error_type", content.error_type()},
      {"solution_kind", content.solution_kind()},
      {"audience", WriteAudience(content.audience())},
      {"translation_of", file.translation_of}};
  for (const auto& [key, value] : values) {
    if (!value.empty()) text += fmt::format("{}: {}\n", key, Quoted(value));
  }
  if (file.publish) text += "publish: yes\n";
  std::vector<std::string> versions, links, attachments;
  for (const auto& range : content.product_versions()) versions.push_back(WriteVersionRange(range));
  for (const auto& link : content.links()) links.push_back(WriteLink(link));
  for (const auto& one : content.attachments()) attachments.push_back(WriteAttachment(one));
  WriteList("product_versions", versions, text);
  WriteList("links", links, text);
  WriteList("attachments", attachments, text);
  WriteList("questions", {content.questions().begin(), content.questions().end()}, text);
  const std::string& body = content.body();
  const bool exact = TrimBlanks(body) != body || body.find('\r') != std::string::npos;
  if (exact) text += "body: exact\n";
  text += "---\n" + body;
  return exact ? text : text + "\n";
}

}  // namespace frontdesk::knowledge
