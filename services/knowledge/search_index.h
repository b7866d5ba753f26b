#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"

namespace frontdesk::knowledge {

using IndexPosition = store::v1::IndexPositionRecord;
using IndexedPassage = store::v1::IndexedPassage;

struct SearchQuery {
  std::string tenant;
  std::string locale;
  std::string tag;                 // empty: any
  std::vector<std::string> terms;  // of QueryTerms; any of them may match
  int limit = 10;
  bool one_per_article = false;  // only the best passage of each article
};

struct SearchHit {
  IndexedPassage passage;
  double score = 0;  // comparable within one reply
};

struct SearchReply {
  std::vector<SearchHit> hits;              // best first
  uint64_t documents = 0;                   // of tenant and locale
  std::map<std::string, uint64_t> holding;  // term -> documents of tenant and locale that hold it
};

struct IndexCounts {
  int64_t articles = 0;
  int64_t passages = 0;
};

// Passages of published articles, found by words: data derived from the store of one shard. Owned
// by the Indexer. Put, Remove, Commit belong to one thread; the others are thread safe, block on
// disk, and see what was committed. Errors: UNAVAILABLE, DATA_LOSS.
class SearchIndex {
 public:
  virtual ~SearchIndex() = default;

  // Replaces all passages of an article.
  virtual absl::Status Put(std::string_view tenant, std::string_view article,
                           const std::vector<IndexedPassage>& passages) = 0;
  virtual absl::Status Remove(std::string_view tenant, std::string_view article) = 0;
  // Makes what was put and removed visible, together with where the index stands now.
  virtual absl::Status Commit(const IndexPosition& position) = 0;

  // Of the last commit; empty for a new index.
  virtual absl::StatusOr<IndexPosition> Position() const = 0;
  virtual absl::StatusOr<SearchReply> Search(const SearchQuery& query) const = 0;
  virtual absl::StatusOr<IndexCounts> Count(std::string_view tenant) const = 0;
};

// Where the index of a shard lives: makes new ones beside the current one, and swaps. Used by the
// Indexer's thread only.
class IndexHome {
 public:
  virtual ~IndexHome() = default;

  // The index that was promoted last; null when there is none that can be read. Blocks.
  virtual std::unique_ptr<SearchIndex> OpenCurrent() = 0;
  // An empty one. Blocks.
  virtual absl::StatusOr<std::unique_ptr<SearchIndex>> MakeNew() = 0;
  // Makes the newest one the current one. The others are deleted when the next one is made or
  // opened: somebody may still read from them. Blocks.
  virtual absl::Status Promote() = 0;
};

}  // namespace frontdesk::knowledge
