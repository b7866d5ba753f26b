#include "services/knowledge/formats/input.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "absl/strings/match.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/tables/table.h"
#include "services/knowledge/formats/csv_file.h"
#include "services/knowledge/formats/html_page.h"
#include "services/knowledge/formats/json_lines.h"
#include "services/knowledge/formats/markdown_file.h"
#include "services/knowledge/formats/zip_file.h"

namespace frontdesk::knowledge::formats {
namespace {

namespace fs = std::filesystem;

constexpr size_t kZipBytesMax = 64 << 20;

bool IsZip(std::string_view path) { return absl::EndsWithIgnoreCase(ToAbsl(path), ".zip"); }

bool IsHidden(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.starts_with('.') || path.find("__MACOSX/") != std::string_view::npos;
}

// The format of a file in a folder; none = it is left alone.
std::optional<Format> FormatIn(const Input& input, std::string_view path) {
  if (IsHidden(path)) return std::nullopt;
  const auto format = FormatOfPath(path);
  return !input.format.has_value() || input.format == format ? format : std::nullopt;
}

absl::StatusOr<std::vector<std::string>> FilesBelow(const Input& input, const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().string();
    if (FormatIn(input, path).has_value() && it->is_regular_file(error)) files.push_back(path);
    if (files.size() > kFilesMax) {
      return InvalidField(folder, fmt::format("holds more than {} files", kFilesMax));
    }
  }
  if (error) return InvalidField(folder, error.message());
  std::sort(files.begin(), files.end());
  return files;
}

void ReadFile(Format format, const std::string& path, const Input& input, Rows& rows) {
  const auto bytes = text::ReadBytes(path, BytesMax(format));
  if (bytes.ok()) return ReadBytesAs(format, *bytes, path, input.defaults, rows);
  const bool too_long = absl::IsResourceExhausted(bytes.status());
  rows.Refuse(path, 1,
              too_long ? fmt::format("is longer than {} bytes", BytesMax(format))
                       : std::string(MessageOf(bytes.status())));
}

absl::Status ReadZipFile(const std::string& path, const Input& input, Rows& rows) {
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, kZipBytesMax));
  const auto entries =
      ReadZip(bytes, [&](std::string_view name) { return FormatIn(input, name).has_value(); },
              {.entries = kFilesMax, .entry_bytes = kHtmlBytesMax});
  if (!entries.ok()) {
    rows.Refuse(path, 1, std::string(MessageOf(entries.status())));
    return absl::OkStatus();
  }
  if (entries->empty()) rows.Refuse(path, 1, "holds no articles");
  for (const ZipEntry& entry : *entries) {
    const std::string name = path + "/" + entry.path;
    const Format format = FormatOfPath(entry.path).value_or(Format::kMarkdown);
    if (!entry.problem.empty()) {
      rows.Refuse(name, 1, entry.problem);
    } else {
      ReadBytesAs(format, entry.bytes, name, input.defaults, rows);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadPath(const std::string& path, const Input& input, Rows& rows) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    FD_ASSIGN_OR_RETURN(const auto files, FilesBelow(input, path));
    if (files.empty()) return InvalidField(path, "holds no articles");
    for (const std::string& file : files) {
      ReadFile(input.format.value_or(FormatOfPath(file).value_or(Format::kMarkdown)), file, input,
               rows);
    }
    return absl::OkStatus();
  }
  if (!fs::exists(path, error)) return NotFound("file", path);
  if (IsZip(path)) return ReadZipFile(path, input, rows);
  const auto format = input.format.has_value() ? input.format : FormatOfPath(path);
  if (!format.has_value()) {
    return InvalidField(path, "has an ending that no format has: say --format");
  }
  ReadFile(*format, path, input, rows);
  return absl::OkStatus();
}

void RefuseRepeated(Rows& rows) {
  std::map<std::string, std::string> place_of;
  std::vector<Row> taken;
  for (Row& row : rows.rows) {
    const auto [first, is_new] =
        place_of.emplace(row.article.article_id(), fmt::format("{}:{}", row.file, row.line));
    if (is_new) {
      taken.push_back(std::move(row));
      continue;
    }
    rows.refused.push_back({.file = row.file,
                            .line = row.line,
                            .why = "has the id of " + first->second,
                            .article = row.article.article_id(),
                            .field = "article_id"});
  }
  rows.rows = std::move(taken);
}

}  // namespace

void ReadBytesAs(Format format, std::string_view bytes, std::string_view file,
                 const Defaults& defaults, Rows& rows) {
  if (bytes.size() > BytesMax(format)) {
    return rows.Refuse(std::string(file), 1,
                       fmt::format("is longer than {} bytes", BytesMax(format)));
  }
  switch (format) {
    case Format::kMarkdown:
      return ReadMarkdown(bytes, file, defaults, rows);
    case Format::kCsv:
      return ReadCsv(bytes, file, defaults, rows);
    case Format::kHtml:
      return ReadHtml(bytes, file, defaults, rows);
    case Format::kJsonLines:
      return ReadJsonLines(bytes, file, defaults, rows);
  }
}

absl::StatusOr<Rows> ReadInput(const Input& input) {
  Rows rows;
  for (const std::string& path : input.paths) FD_RETURN_IF_ERROR(ReadPath(path, input, rows));
  RefuseRepeated(rows);
  return rows;
}

}  // namespace frontdesk::knowledge::formats
