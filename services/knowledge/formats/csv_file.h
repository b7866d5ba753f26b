#pragma once

#include <span>
#include <string>
#include <string_view>

#include "services/knowledge/formats/rows.h"

namespace frontdesk::knowledge::formats {

// An article a row of a CSV file (RFC 4180) whose header names its columns, in any order; `id`,
// `title` and `body` must be there. Cells of several values hold one a line, written as in the front
// matter of a Markdown file.
struct CsvColumn {
  std::string_view name;
  std::string_view help;
};
std::span<const CsvColumn> CsvColumns();

void ReadCsv(std::string_view bytes, std::string_view file, const Defaults& defaults, Rows& rows);
std::string WriteCsvHeader();
// One row with its end.
std::string WriteCsvRow(const v1::PortableArticle& article);

}  // namespace frontdesk::knowledge::formats
