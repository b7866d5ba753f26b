#pragma once

#include <string>
#include <string_view>

#include "services/knowledge/formats/rows.h"

namespace frontdesk::knowledge::formats {

// A web page as an article: its <title> or first <h1>, the id of its file's name, the locale of its
// lang, tags out of <meta name="keywords">, and what stands in <main>, <article> or <body> as
// Markdown. Scripts, styles, forms and navigation are left out. A page that WriteHtml made and
// nobody changed gives its article back exactly; of a changed one title and body are read anew.
// Refused: above kHtmlBytesMax, nested deeper than 200 elements, no text.
void ReadHtml(std::string_view bytes, std::string_view file, const Defaults& defaults, Rows& rows);
std::string WriteHtml(const v1::PortableArticle& article);

}  // namespace frontdesk::knowledge::formats
