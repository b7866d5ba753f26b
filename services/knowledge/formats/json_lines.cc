#include "services/knowledge/formats/json_lines.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <google/protobuf/util/json_util.h>

#include "services/knowledge/domain/attribute_text.h"

namespace frontdesk::knowledge::formats {
namespace {

constexpr size_t kLineBytesMax = size_t{1} << 20;
// The parser recurses.
constexpr int kDepthMax = 16;

bool TooDeep(std::string_view object) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < object.size(); ++i) {
    const char c = object[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDepthMax) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::string ReadArticleJson(std::string_view line, v1::PortableArticle& article) {
  int unused = 0;
  if (line.size() > kLineBytesMax) return fmt::format("is longer than {} bytes", kLineBytesMax);
  if (std::string problem = CheckFileText(line, &unused); !problem.empty()) return problem;
  if (!line.starts_with('{')) return "is no JSON object";
  if (TooDeep(line)) return "is nested too deeply";
  const auto status =
      google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &article);
  // The parser's message quotes the row.
  return status.ok() ? "" : "is not the JSON of an article: see --help for its fields";
}

void ReadJsonLines(std::string_view bytes, std::string_view file, const Defaults& defaults,
                   Rows& rows) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  int number = 0;
  bool any = false;
  while (!bytes.empty()) {
    ++number;
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = TrimBlanks(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.empty()) continue;
    any = true;
    v1::PortableArticle article;
    if (std::string problem = ReadArticleJson(line, article); !problem.empty()) {
      rows.Refuse(std::string(file), number, std::move(problem));
    } else {
      Take(std::move(article), file, number, defaults, rows);
    }
  }
  if (!any) rows.Refuse(std::string(file), 1, "is empty");
}

std::string WriteJsonLine(const v1::PortableArticle& article) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // Fails for Any alone, which articles don't hold.
  const auto status = google::protobuf::util::MessageToJsonString(article, &json, options);
  return status.ok() ? json + "\n" : std::string();
}

}  // namespace frontdesk::knowledge::formats
