#pragma once

#include <string>
#include <string_view>

#include "services/knowledge/formats/rows.h"

namespace frontdesk::knowledge::formats {

// A PortableArticle a line, in the JSON form of its proto; both spellings of field names are read,
// unknown fields refuse the line.
void ReadJsonLines(std::string_view bytes, std::string_view file, const Defaults& defaults,
                   Rows& rows);
// "" or what is wrong with the JSON of one article.
std::string ReadArticleJson(std::string_view json, v1::PortableArticle& article);
// One line with its end.
std::string WriteJsonLine(const v1::PortableArticle& article);

}  // namespace frontdesk::knowledge::formats
