#pragma once

#include <string>
#include <string_view>

#include "services/knowledge/formats/rows.h"

namespace frontdesk::knowledge::formats {

// An article as a Markdown file with a front matter (domain/article_file.h). The id may be left to
// the file's name.
void ReadMarkdown(std::string_view bytes, std::string_view file, const Defaults& defaults,
                  Rows& rows);
std::string WriteMarkdown(const v1::PortableArticle& article);

}  // namespace frontdesk::knowledge::formats
