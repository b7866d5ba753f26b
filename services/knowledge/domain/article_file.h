#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"

namespace frontdesk::knowledge {

// The lines on which fields stand, from 1: "title", "questions[1]", "body".
using FieldLines = std::map<std::string, int, std::less<>>;
// That of a field as errors name it ("content.links[0].kind"), of what it is part of when it has
// none itself; 1 when nothing of it is there.
int LineOf(const FieldLines& lines, std::string_view field);

// An article as a Markdown file with a front matter:
//
//   ---
//   id: shipping-time
//   locale: en
//   title: How long shipping takes
//   tags: shipping, delivery
//   questions:
//     - How long does shipping take?
//   ---
//   The body.
//
// Also known: product, product_module, error_type, solution_kind, audience, translation_of, publish
// (yes or no), and as lists product_versions, links, attachments (attribute_text.h). With
// `body: exact` the body is everything behind the front matter; else blanks at its ends and
// carriage returns are no part of it.
struct ArticleFile {
  std::string id;
  std::string locale;
  v1::ArticleContent content;    // links name articles by id or full name
  std::string translation_of{};  // id
  bool publish = false;
  uint64_t hash = 0;  // of all of it, never 0
  FieldLines lines{};
};

// What a file may leave to those who import it.
struct ArticleFileDefaults {
  std::string id{};
  std::string locale{};
};

// INVALID_ARGUMENT (INVALID_CONFIG) with "path:line: what is wrong". A key that is missing is told
// for line 1, a missing body for the line that ends the front matter. CR LF counts as a line end.
absl::StatusOr<ArticleFile> ParseArticleFile(std::string_view text, std::string_view path,
                                             const ArticleFileDefaults& defaults = {});
// The file that is parsed as `file` again.
std::string WriteArticleFile(const ArticleFile& file);

}  // namespace frontdesk::knowledge
