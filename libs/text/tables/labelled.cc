#include "libs/text/tables/labelled.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "absl/strings/ascii.h"
#include "libs/base/absl_interop.h"
#include "libs/base/status_macros.h"

namespace frontdesk::text {
namespace {

std::string ProblemOf(const Example& example) {
  if (example.label.empty()) return "has no label";
  if (example.label.size() > kLabelBytesMax) {
    return fmt::format("has a label of more than {} bytes", kLabelBytesMax);
  }
  if (example.text.size() > kExampleBytesMax) {
    return fmt::format("has a text of more than {} bytes", kExampleBytesMax);
  }
  return "";
}

std::optional<bool> ReadSame(std::string_view word) {
  const std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(ToAbsl(word)));
  for (const std::string_view yes : {"1", "true", "yes", "same"}) {
    if (lower == yes) return true;
  }
  for (const std::string_view no : {"0", "false", "no", "different"}) {
    if (lower == no) return false;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<LabelledTable> ParseLabelled(std::string_view bytes,
                                            const LabelledColumns& columns) {
  FD_ASSIGN_OR_RETURN(Table table, ParseTable(bytes, {.format = columns.format,
                                                      .header = columns.header,
                                                      .columns = {columns.text, columns.label}}));
  LabelledTable out;
  out.refused = std::move(table.refused);
  for (TableRow& row : table.rows) {
    Example example{std::move(row.fields[0]),
                    std::string(absl::StripAsciiWhitespace(row.fields[1]))};
    if (std::string problem = ProblemOf(example); !problem.empty()) {
      out.refused.Add(row.line, std::move(problem));
      continue;
    }
    out.data.examples.push_back(std::move(example));
    out.lines.push_back(row.line);
  }
  return out;
}

absl::StatusOr<PairTable> ParsePairs(std::string_view bytes, const PairColumns& columns) {
  TableOptions options{
      .format = columns.format, .header = columns.header, .columns = {columns.a, columns.b}};
  if (!columns.same.empty()) options.columns.push_back(columns.same);
  FD_ASSIGN_OR_RETURN(Table table, ParseTable(bytes, options));
  PairTable out;
  out.refused = std::move(table.refused);
  for (TableRow& row : table.rows) {
    const std::optional<bool> same =
        columns.same.empty() ? std::optional<bool>(false) : ReadSame(row.fields[2]);
    if (!same.has_value()) {
      out.refused.Add(row.line, "does not say whether the two are the same: 1 or 0");
      continue;
    }
    out.pairs.push_back({std::move(row.fields[0]), std::move(row.fields[1]), *same});
    out.lines.push_back(row.line);
  }
  return out;
}

}  // namespace frontdesk::text
