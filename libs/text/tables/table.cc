#include "libs/text/tables/table.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/tables/json_rows.h"

namespace frontdesk::text {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

absl::Status LimitError(std::string_view what, size_t limit) {
  return WithMetadata(Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_ROWS",
                            fmt::format("the table has more than {} {}", limit, what)),
                      "limit", std::to_string(limit));
}

// Cuts a table into rows of fields, one at a time.
class RowCutter {
 public:
  RowCutter(std::string_view bytes, bool quotes, char separator)
      : bytes_(bytes), quotes_(quotes), separator_(separator) {}

  struct Row {
    size_t line = 0;
    std::vector<std::string> fields;
    std::string problem;  // why it must be refused; empty = none
  };

  // False at the end. An error is one after which nothing can be read rightly.
  absl::StatusOr<bool> Next(Row& row) {
    while (at_ < bytes_.size() && SkipLineEnd()) {
    }
    if (at_ >= bytes_.size()) return false;
    row.line = line_;
    row.fields.clear();
    row.problem.clear();
    const size_t begin = at_;
    while (true) {
      FD_RETURN_IF_ERROR(ReadField(row));
      if (at_ - begin > kTableRowBytesMax) {
        row.problem = fmt::format("is longer than {} bytes", kTableRowBytesMax);
      }
      if (row.fields.size() > kTableColumnsMax) {
        row.problem = fmt::format("has more than {} fields", kTableColumnsMax);
        SkipLine();
      }
      if (at_ >= bytes_.size() || SkipLineEnd()) return true;
      ++at_;  // the separator
    }
  }

 private:
  // LF or CR LF.
  bool SkipLineEnd() {
    size_t next = at_;
    if (next < bytes_.size() && bytes_[next] == '\r') ++next;
    if (next >= bytes_.size() || bytes_[next] != '\n') return false;
    at_ = next + 1;
    ++line_;
    return true;
  }

  void SkipLine() { at_ = std::min(bytes_.find('\n', at_), bytes_.size()); }

  bool AtFieldEnd() const {
    if (at_ >= bytes_.size()) return true;
    const char c = bytes_[at_];
    return c == separator_ || c == '\n' ||
           (c == '\r' && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n');
  }

  absl::Status ReadField(Row& row) {
    if (quotes_ && at_ < bytes_.size() && bytes_[at_] == '"') return ReadQuoted(row);
    const size_t begin = at_;
    while (!AtFieldEnd()) ++at_;
    row.fields.emplace_back(bytes_.substr(begin, at_ - begin));
    return absl::OkStatus();
  }

  absl::Status ReadQuoted(Row& row) {
    const size_t opened = line_;
    std::string field;
    ++at_;
    while (true) {
      const size_t quote = bytes_.find('"', at_);
      if (quote == std::string_view::npos) {
        return InvalidField(fmt::format("line {}", opened), "opens a quote that is never closed");
      }
      const std::string_view part = bytes_.substr(at_, quote - at_);
      line_ += static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
      field.append(part);
      at_ = quote + 1;
      if (at_ >= bytes_.size() || bytes_[at_] != '"') break;
      field += '"';
      ++at_;
    }
    row.fields.push_back(std::move(field));
    if (!AtFieldEnd()) {
      row.problem = "has letters behind a closing quote";
      SkipLine();
    }
    return absl::OkStatus();
  }

  const std::string_view bytes_;
  const bool quotes_;
  const char separator_;
  size_t at_ = 0;
  size_t line_ = 1;
};

// The positions of the wanted columns.
absl::StatusOr<std::vector<size_t>> FindColumns(const TableOptions& options,
                                                const std::vector<std::string>& first) {
  std::vector<size_t> found;
  for (const std::string& wanted : options.columns) {
    if (options.header) {
      const auto named = std::ranges::find_if(first, [&wanted](const std::string& name) {
        return ToStd(absl::StripAsciiWhitespace(name)) == wanted;
      });
      if (named != first.end()) {
        found.push_back(static_cast<size_t>(named - first.begin()));
        continue;
      }
    }
    size_t number = 0;
    if (!absl::SimpleAtoi(wanted, &number)) {
      return InvalidField("column " + wanted, options.header
                                                  ? "is not named in the header"
                                                  : "needs a header, or must be a number from 1");
    }
    if (number < 1 || number > first.size()) {
      return InvalidField("column " + wanted, fmt::format("is not there: the first row has {} {}",
                                                          first.size(), "fields"));
    }
    found.push_back(number - 1);
  }
  return found;
}

std::string ProblemOf(const RowCutter::Row& row, size_t fields) {
  if (!row.problem.empty()) return row.problem;
  if (row.fields.size() != fields) {
    return fmt::format("has {} fields, the first row {}", row.fields.size(), fields);
  }
  if (!std::ranges::all_of(row.fields, IsValidUtf8)) return "is not UTF-8";
  return "";
}

absl::StatusOr<Table> ParseSeparated(std::string_view bytes, const TableOptions& options) {
  const bool csv = options.format == TableFormat::kCsv;
  RowCutter cutter(bytes, csv, csv ? ',' : '\t');
  RowCutter::Row row;
  Table table;
  std::vector<size_t> columns;
  size_t fields = 0;
  bool first = true;
  while (true) {
    FD_ASSIGN_OR_RETURN(const bool more, cutter.Next(row));
    if (!more) break;
    if (first) {
      fields = row.fields.size();
      FD_ASSIGN_OR_RETURN(columns, FindColumns(options, row.fields));
      first = false;
      if (options.header) continue;
    }
    if (table.rows.size() + table.refused.count >= kTableRowsMax) {
      return LimitError("rows", kTableRowsMax);
    }
    if (std::string problem = ProblemOf(row, fields); !problem.empty()) {
      table.refused.Add(row.line, std::move(problem));
      continue;
    }
    TableRow& taken = table.rows.emplace_back();
    taken.line = row.line;
    for (size_t column : columns) taken.fields.push_back(row.fields[column]);
  }
  return table;
}

absl::StatusOr<Table> ParseJson(std::string_view bytes, const TableOptions& options) {
  Table table;
  size_t line = 0;
  while (!bytes.empty()) {
    ++line;
    const size_t end = bytes.find('\n');
    std::string_view object = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    object = ToStd(absl::StripAsciiWhitespace(ToAbsl(object)));
    if (object.empty()) continue;
    if (table.rows.size() + table.refused.count >= kTableRowsMax) {
      return LimitError("rows", kTableRowsMax);
    }
    if (object.size() > kTableRowBytesMax) {
      table.refused.Add(line, fmt::format("is longer than {} bytes", kTableRowBytesMax));
      continue;
    }
    TableRow row{line, {}};
    if (std::string problem = ReadJsonRow(object, options.columns, row.fields); !problem.empty()) {
      table.refused.Add(line, std::move(problem));
    } else {
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

}  // namespace

void RefusedRows::Add(size_t line, std::string why) {
  ++count;
  if (first.size() < kRefusedRowsListed) first.push_back({line, std::move(why)});
}

std::optional<TableFormat> TableFormatOf(std::string_view name) {
  if (name == "csv") return TableFormat::kCsv;
  if (name == "tsv") return TableFormat::kTsv;
  if (name == "jsonl" || name == "json") return TableFormat::kJsonLines;
  return std::nullopt;
}

std::optional<TableFormat> TableFormatOfPath(std::string_view path) {
  struct Ending {
    std::string_view ending;
    TableFormat format;
  };
  constexpr std::array<Ending, 6> kEndings = {{{".csv", TableFormat::kCsv},
                                               {".tsv", TableFormat::kTsv},
                                               {".txt", TableFormat::kTsv},
                                               {".jsonl", TableFormat::kJsonLines},
                                               {".ndjson", TableFormat::kJsonLines},
                                               {".json", TableFormat::kJsonLines}}};
  for (const Ending& one : kEndings) {
    if (absl::EndsWithIgnoreCase(ToAbsl(path), ToAbsl(one.ending))) return one.format;
  }
  return std::nullopt;
}

absl::StatusOr<Table> ParseTable(std::string_view bytes, const TableOptions& options) {
  if (bytes.size() > kTableBytesMax) return LimitError("bytes", kTableBytesMax);
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return InvalidField("line 1", "is UTF-16; the table must be UTF-8");
  }
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  return options.format == TableFormat::kJsonLines ? ParseJson(bytes, options)
                                                   : ParseSeparated(bytes, options);
}

}  // namespace frontdesk::text
