#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"

namespace frontdesk::knowledge {

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
struct ArticleFile {
  std::string id;
  std::string locale;
  v1::ArticleContent content;
  uint64_t hash = 0;  // of all of it, never 0
};

// INVALID_ARGUMENT (INVALID_CONFIG) with "path:line: what is wrong". CR LF counts as a line end.
absl::StatusOr<ArticleFile> ParseArticleFile(std::string_view text, std::string_view path);

}  // namespace frontdesk::knowledge
