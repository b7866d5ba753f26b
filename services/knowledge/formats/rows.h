#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "services/knowledge/domain/article_file.h"

// Articles in files: Markdown with a front matter, CSV, HTML pages, JSON lines. Pure functions over
// bytes but for input.h and output.h; thread safe. What one file or row says wrongly refuses that
// one, with its place and the reason, and leaves the others.
namespace frontdesk::knowledge::formats {

enum class Format { kMarkdown, kCsv, kHtml, kJsonLines };

// "markdown", "csv", "html", "jsonl".
std::optional<Format> FormatOf(std::string_view name);
// By the ending of a file's name.
std::optional<Format> FormatOfPath(std::string_view path);

inline constexpr size_t kMarkdownBytesMax = 256 << 10;
inline constexpr size_t kHtmlBytesMax = 4 << 20;
inline constexpr size_t kTableFileBytesMax = 64 << 20;
inline constexpr size_t kFilesMax = 20'000;
size_t BytesMax(Format format);

// What rows may leave to those who import them.
struct Defaults {
  std::string locale{};
  bool publish = false;  // also rows that don't ask for it
};

struct Row {
  v1::PortableArticle article;
  std::string file;
  int line = 1;        // where it begins
  FieldLines lines{};  // where its fields stand, in formats that have a line for each
  // Where to look for what is wrong with a field; an empty one is the row itself.
  int LineOfField(std::string_view field) const {
    return lines.empty() || field.empty() ? line : LineOf(lines, field);
  }
};

struct Refused {
  std::string file;
  int line = 1;
  std::string why;        // never holds text of the row
  std::string article{};  // id, when it is known
  std::string field{};    // when a single one is wrong
};

struct Rows {
  std::vector<Row> rows;
  std::vector<Refused> refused;

  void Refuse(std::string file, int line, std::string why) {
    refused.push_back({.file = std::move(file), .line = line, .why = std::move(why)});
  }
};

// What every format checks: an id, a locale, a content that ValidateContent takes. Adds the row, or
// refuses it.
void Take(v1::PortableArticle article, std::string_view file, int line, const Defaults& defaults,
          Rows& rows, FieldLines lines = {});

// An id made of a file's name: "Über uns.html" is "ber-uns". "" when nothing is left.
std::string IdOfPath(std::string_view path);

}  // namespace frontdesk::knowledge::formats
