#include "services/knowledge/domain/article_file.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "services/knowledge/domain/article.h"

namespace frontdesk::knowledge {
namespace {

absl::Status BadFile(std::string_view path, int line, std::string_view what) {
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                            fmt::format("{}:{}: {}", path, line, what)),
                      "key", path);
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
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
    const std::string_view trimmed = Trim(line);
    if (trimmed.empty() || trimmed.front() == '#') return absl::OkStatus();
    if (trimmed.front() == '-') return TakeItem(Unquote(Trim(trimmed.substr(1))), number);
    const size_t colon = trimmed.find(':');
    if (colon == std::string_view::npos) return BadFile(path_, number, "expected \"key: value\"");
    return TakeKey(std::string(Trim(trimmed.substr(0, colon))),
                   Unquote(Trim(trimmed.substr(colon + 1))), number);
  }

 private:
  absl::Status TakeItem(std::string_view value, int number) {
    if (list_ == "questions") {
      file_.content.add_questions(std::string(value));
    } else if (list_ == "tags") {
      file_.content.add_tags(std::string(value));
    } else {
      return BadFile(path_, number, "a list item belongs below \"questions:\" or \"tags:\"");
    }
    return absl::OkStatus();
  }

  absl::Status TakeKey(const std::string& key, std::string_view value, int number) {
    if (!seen_.insert(key).second) {
      return BadFile(path_, number, fmt::format("\"{}\" is given twice", key));
    }
    list_.clear();
    if (key == "id") {
      file_.id = value;
    } else if (key == "locale") {
      file_.locale = value;
    } else if (key == "title") {
      file_.content.set_title(std::string(value));
    } else if (key == "tags" || key == "questions") {
      list_ = key;
      return key == "tags" ? TakeTags(value) : CheckNoValue(value, number);
    } else {
      return BadFile(
          path_, number,
          fmt::format("unknown key \"{}\"; known: id, locale, title, tags, questions", key));
    }
    return absl::OkStatus();
  }

  absl::Status CheckNoValue(std::string_view value, int number) const {
    if (value.empty()) return absl::OkStatus();
    return BadFile(path_, number, "questions go below, one \"- question\" a line");
  }

  absl::Status TakeTags(std::string_view value) {
    while (!value.empty()) {
      const size_t comma = std::min(value.find(','), value.size());
      const std::string_view tag = Trim(value.substr(0, comma));
      if (!tag.empty()) file_.content.add_tags(std::string(tag));
      value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return absl::OkStatus();
  }

  std::string_view path_;
  ArticleFile& file_;
  std::string list_;
  std::set<std::string> seen_;
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
  if (!IsId(file.id)) return BadFile(path, 1, "id must be 1 to 63 of [a-z0-9-]");
  for (const absl::Status& status :
       {ValidateLocale(file.locale, "locale"), ValidateContent(file.content, "content")}) {
    if (!status.ok()) return BadFile(path, 1, MessageOf(status));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ArticleFile> ParseArticleFile(std::string_view text, std::string_view path) {
  ArticleFile file;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  std::string_view rest = text;
  if (Trim(NextLine(rest)) != "---") {
    return BadFile(path, 1, "must begin with a line \"---\" and the front matter");
  }
  FrontMatter front(path, file);
  int number = 1;
  while (true) {
    if (rest.empty()) return BadFile(path, number, "the front matter has no closing \"---\"");
    const std::string_view line = NextLine(rest);
    ++number;
    if (Trim(line) == "---") break;
    FD_RETURN_IF_ERROR(front.TakeLine(line, number));
  }
  std::string body(Trim(rest));
  body.erase(std::remove(body.begin(), body.end(), '\r'), body.end());
  file.content.set_body(std::move(body));
  FD_RETURN_IF_ERROR(CheckFile(file, path));
  file.hash = std::max<uint64_t>(1, Fingerprint64(text));
  return file;
}

}  // namespace frontdesk::knowledge
