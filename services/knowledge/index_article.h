#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "libs/text/encoder/encoder.h"
#include "services/knowledge/search_index.h"

namespace frontdesk::knowledge {

// A published version as an index takes it.
struct IndexEntry {
  IndexedArticle article;
  std::vector<IndexedPassage> passages;
};

// Without vectors. Pure.
IndexEntry MakeIndexEntry(std::string_view article, const v1::ArticleVersion& version);

// Says of the article what its first passage says: after attributes of passages were set.
void DescribeArticle(IndexEntry& entry);

// Gives title, questions and passages their vectors; those of texts that `known` has of the same
// encoder are taken over. Returns how many were made anew. Blocks for milliseconds a text.
absl::StatusOr<size_t> AddVectors(text::Encoder& encoder, const IndexedArticle& known,
                                  IndexEntry& entry);

}  // namespace frontdesk::knowledge
