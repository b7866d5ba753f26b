#include "services/knowledge/formats/csv_file.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/tables/table.h"
#include "services/knowledge/domain/attribute_text.h"

namespace frontdesk::knowledge::formats {
namespace {

constexpr std::array<CsvColumn, 16> kColumns = {{
    {"id", "1 to 63 of [a-z0-9-]; required"},
    {"locale", "en or zh; empty = --locale"},
    {"title", "required"},
    {"body", "Markdown; required"},
    {"questions", "one a line"},
    {"tags", "one a line"},
    {"product", "id of a node"},
    {"product_module", "id of a node"},
    {"error_type", "id of a node"},
    {"solution_kind", "id of a node"},
    {"product_versions", "1.2..2.0, one a line"},
    {"audience", "public, customers or agents"},
    {"links", "related|prerequisite|supersedes ID, one a line"},
    {"attachments", "address | media type | bytes | sha256 | name, one a line"},
    {"translation_of", "id of the source"},
    {"publish", "yes or no"},
}};
constexpr std::array<std::string_view, 3> kRequired = {"id", "title", "body"};

template <class Read>
std::string ReadEach(const std::string& cell, Read read) {
  std::string_view rest = cell;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view value = rest.substr(0, end);
    if (value.ends_with('\r')) value.remove_suffix(1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (value.empty()) continue;
    if (std::string problem = read(value); !problem.empty()) return problem;
  }
  return "";
}

std::string ReadPublish(const std::string& cell, v1::PortableArticle& article) {
  if (cell != "" && cell != "yes" && cell != "no") return "publish is yes or no";
  article.set_publish(cell == "yes");
  return "";
}

// "" or what is wrong with the cell.
std::string ReadCell(std::string_view column, const std::string& cell,
                     v1::PortableArticle& article) {
  v1::ArticleContent& content = *article.mutable_content();
  const std::pair<std::string_view, std::string*> texts[] = {
      {"id", article.mutable_article_id()},
      {"locale", article.mutable_locale()},
      {"title", content.mutable_title()},
      {"body", content.mutable_body()},
      {"product", content.mutable_product()},
      {"product_module", content.mutable_product_module()},
      {"error_type", content.mutable_error_type()},
      {"solution_kind", content.mutable_solution_kind()},
      {"translation_of", article.mutable_translation_of()}};
  for (const auto& [name, text] : texts) {
    if (column != name) continue;
    *text = cell;
    return "";
  }
  if (column == "audience") return ReadAudience(cell, content);
  if (column == "publish") return ReadPublish(cell, article);
  return ReadEach(cell, [&](std::string_view value) -> std::string {
    if (column == "questions") {
      content.add_questions(std::string(value));
    } else if (column == "tags") {
      content.add_tags(std::string(value));
    } else if (column == "product_versions") {
      return ReadVersionRange(value, content);
    } else if (column == "links") {
      return ReadLink(value, content);
    } else {
      return ReadAttachment(value, content);
    }
    return "";
  });
}

// The header's names. A table is read by the names wanted, and here they are not known yet.
absl::StatusOr<std::vector<std::string>> HeaderOf(std::string_view bytes) {
  text::TableOptions options;
  options.header = false;
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  std::vector<std::string> names;
  while (names.size() <= kColumns.size()) {
    options.columns = {std::to_string(names.size() + 1)};
    const auto table = text::ParseTable(line, options);
    if (!table.ok() || table->rows.empty()) break;
    names.push_back(std::string(TrimBlanks(table->rows.front().fields.front())));
  }
  if (names.empty()) return InvalidField("header", "must name the columns");
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    const auto known = std::ranges::find(kColumns, name, &CsvColumn::name);
    if (known == kColumns.end())
      return InvalidField("column " + std::to_string(i + 1), "is none of an article: see --help");
    if (std::ranges::count(names, name) > 1) return InvalidField(name, "is there twice");
  }
  for (const std::string_view name : kRequired) {
    if (std::ranges::find(names, name) == names.end()) {
      return InvalidField(name, "is a column that must be there");
    }
  }
  return names;
}

std::string Cell(const std::string& text) {
  const bool plain = text.find_first_of(",\"\r\n") == std::string::npos;
  if (plain) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

template <class Values, class Write>
std::string Lines(const Values& values, Write write) {
  std::string text;
  for (const auto& value : values) {
    if (!text.empty()) text += '\n';
    text += write(value);
  }
  return text;
}

}  // namespace

std::span<const CsvColumn> CsvColumns() { return kColumns; }

void ReadCsv(std::string_view bytes, std::string_view file, const Defaults& defaults, Rows& rows) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (TrimBlanks(bytes).empty()) return rows.Refuse(std::string(file), 1, "is empty");
  const auto header = HeaderOf(bytes);
  if (!header.ok()) {
    return rows.Refuse(std::string(file), 1, std::string(MessageOf(header.status())));
  }
  text::TableOptions options;
  options.columns = *header;
  const auto table = text::ParseTable(bytes, options);
  if (!table.ok()) {
    return rows.Refuse(std::string(file), 1, std::string(MessageOf(table.status())));
  }
  for (const text::RefusedRow& refused : table->refused.first) {
    rows.Refuse(std::string(file), static_cast<int>(refused.line), refused.why);
  }
  if (table->refused.count > table->refused.first.size()) {
    rows.Refuse(std::string(file), 1,
                fmt::format("{} more rows that can't be read",
                            table->refused.count - table->refused.first.size()));
  }
  for (const text::TableRow& row : table->rows) {
    v1::PortableArticle article;
    std::string problem;
    int unused = 0;
    for (size_t i = 0; i < row.fields.size() && problem.empty(); ++i) {
      problem = CheckFileText(row.fields[i], &unused);
      if (problem.empty()) problem = ReadCell((*header)[i], row.fields[i], article);
    }
    if (problem.empty()) {
      Take(std::move(article), file, static_cast<int>(row.line), defaults, rows);
    } else {
      rows.Refuse(std::string(file), static_cast<int>(row.line), std::move(problem));
    }
  }
}

std::string WriteCsvHeader() {
  std::string header;
  for (const CsvColumn& column : kColumns) {
    header += fmt::format("{}{}", header.empty() ? "" : ",", column.name);
  }
  return header + "\n";
}

std::string WriteCsvRow(const v1::PortableArticle& article) {
  const v1::ArticleContent& content = article.content();
  const auto same = [](const std::string& text) { return text; };
  const std::string cells[] = {article.article_id(),
                               article.locale(),
                               content.title(),
                               content.body(),
                               Lines(content.questions(), same),
                               Lines(content.tags(), same),
                               content.product(),
                               content.product_module(),
                               content.error_type(),
                               content.solution_kind(),
                               Lines(content.product_versions(), WriteVersionRange),
                               WriteAudience(content.audience()),
                               Lines(content.links(), WriteLink),
                               Lines(content.attachments(), WriteAttachment),
                               article.translation_of(),
                               article.publish() ? "yes" : "no"};
  static_assert(std::size(cells) == kColumns.size());
  std::string row;
  for (const std::string& cell : cells) {
    if (!row.empty()) row += ',';
    row += Cell(cell);
  }
  return row + "\n";
}

}  // namespace frontdesk::knowledge::formats
