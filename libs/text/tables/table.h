#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace frontdesk::text {

// Rows of fields from a file that somebody else made: CSV, TSV or JSON lines. Pure functions,
// thread safe. They are strict about what would be misread without anybody noticing, and forgiving
// about one bad row among thousands: that one is refused, counted and listed by its line.

inline constexpr size_t kTableBytesMax = size_t{1} << 30;
inline constexpr size_t kTableRowsMax = 2'000'000;  // refused ones counted too
inline constexpr size_t kTableRowBytesMax = size_t{1} << 20;
inline constexpr size_t kTableColumnsMax = 1'000;
inline constexpr size_t kRefusedRowsListed = 100;

enum class TableFormat {
  // RFC 4180: commas, fields may stand in double quotes, "" in them is one, line ends too. A quote
  // inside an unquoted field is itself.
  kCsv,
  kTsv,        // tabs; quotes mean nothing, a field has no line end
  kJsonLines,  // an object a line; its keys are the columns
};

// "csv", "tsv", "jsonl" or "json".
std::optional<TableFormat> TableFormatOf(std::string_view name);
// By the name's ending: .csv, .tsv, .txt (as TSV), .jsonl, .ndjson, .json.
std::optional<TableFormat> TableFormatOfPath(std::string_view path);

struct TableOptions {
  TableFormat format = TableFormat::kCsv;
  bool header = true;  // the first row names the columns; says nothing for JSON lines
  // What is wanted of each row, in this order: a column's name, or its number from 1. Names need a
  // header; JSON lines have no numbers.
  std::vector<std::string> columns;
};

struct TableRow {
  size_t line = 0;                  // from 1, where the row begins
  std::vector<std::string> fields;  // as wanted by TableOptions::columns
};

struct RefusedRow {
  size_t line = 0;
  std::string why;  // never holds text of the row
};

// What was refused: all of it counted, the first kRefusedRowsListed kept.
struct RefusedRows {
  size_t count = 0;
  std::vector<RefusedRow> first;

  void Add(size_t line, std::string why);
};

struct Table {
  std::vector<TableRow> rows;
  RefusedRows refused;
};

// A byte order mark is skipped; lines end in LF or CR LF; empty lines are no rows.
//
// Refused rows: not UTF-8, another number of fields than the first row, letters behind a closing
// quote, above kTableRowBytesMax; in JSON lines what is no object, lacks a wanted key or has
// something else than a string, number or boolean there.
// INVALID_ARGUMENT (INVALID_FIELD): a wanted column that is not there, a quote that is never closed
// (with the line where it opens), UTF-16. RESOURCE_EXHAUSTED: above a limit.
absl::StatusOr<Table> ParseTable(std::string_view bytes, const TableOptions& options);

// The whole file, "-" for standard input. NOT_FOUND or UNAVAILABLE with the path;
// RESOURCE_EXHAUSTED above `bytes_max`.
absl::StatusOr<std::string> ReadBytes(const std::string& path, size_t bytes_max);

// Writes to a temporary file beside `path`, syncs it and renames it: `path` is either what it was or
// all of `bytes`, whatever stops the process. UNAVAILABLE with the path.
absl::Status WriteWhole(const std::string& path, std::string_view bytes);

}  // namespace frontdesk::text
