#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/store/v1/knowledge_store.pb.h"

namespace frontdesk::knowledge {

using IndexPosition = store::v1::IndexPositionRecord;
using IndexedPassage = store::v1::IndexedPassage;
using IndexedArticle = store::v1::IndexedArticle;

// What a search is narrowed to; an empty field = any.
struct SearchFilter {
  std::string tag;
  std::string product;
  std::string product_module;
  std::string error_type;
  std::string solution_kind;
  std::string product_version;
  v1::Audience audience = v1::AUDIENCE_AGENTS;  // who asks

  bool operator==(const SearchFilter&) const = default;
};

// The meaning of a query, as the encoder of its locale sees it.
struct QueryVector {
  std::string encoder;  // fingerprint
  std::vector<float> values;
};

struct SearchQuery {
  std::string tenant;
  std::string locale;
  SearchFilter filter = {};
  std::vector<std::string> terms = {};  // of QueryTerms; any of them may match
  const QueryVector* vector = nullptr;  // null: words alone. Lives while the search runs
  int limit = 10;                       // of what words find
  int vector_limit = 12;                // articles that meaning may add
  bool one_per_article = false;         // only the best passage of each article, by words
  bool with_facets = false;
};

// How near the query is in meaning, as cosines; of another encoder or without vectors there are none.
struct Cosines {
  float title = 0;
  float question = 0;  // the best
  float passage = 0;   // this one
  int best_question = -1;
};

struct SearchHit {
  IndexedPassage passage;
  double score = 0;  // of its words, comparable within one reply; 0 = found by meaning alone
  std::optional<Cosines> cosines = std::nullopt;
};

struct SearchReply {
  // What words found, best first, then what meaning alone found, nearest first.
  std::vector<SearchHit> hits;
  uint64_t documents = 0;                   // of tenant and locale
  std::map<std::string, uint64_t> holding;  // term -> documents of tenant and locale that hold it
  std::vector<v1::FacetCount> facets;       // on request
};

struct SuggestQuery {
  std::string tenant;
  std::string locale;
  SearchFilter filter = {};
  std::string prefix;                   // match key of what was typed
  std::vector<std::string> words = {};  // terms of its complete words
  std::string last = {};                // the begun last word; empty = none
  int limit = 5;
};

struct Suggested {
  std::string text;  // title or question
  std::string article_version;
};

struct IndexCounts {
  int64_t articles = 0;
  int64_t passages = 0;
  int64_t with_vectors = 0;  // articles
  int64_t vectors = 0;
};

// Passages of published articles, found by words and by meaning: data derived from the store of one
// shard. Owned by the Indexer. Put, Remove, Commit belong to one thread; the others are thread safe,
// block on disk, and see what was committed. Errors: UNAVAILABLE, DATA_LOSS.
class SearchIndex {
 public:
  virtual ~SearchIndex() = default;

  // Replaces all passages of an article. `article` says what is kept in memory, vectors included; its
  // passage units are those of `passages`, in order, or it has none.
  virtual absl::Status Put(std::string_view tenant, const IndexedArticle& article,
                           const std::vector<IndexedPassage>& passages) = 0;
  virtual absl::Status Remove(std::string_view tenant, std::string_view article) = 0;
  // Makes what was put and removed visible, together with where the index stands now.
  virtual absl::Status Commit(const IndexPosition& position) = 0;

  // Of the last commit; empty for a new index.
  virtual absl::StatusOr<IndexPosition> Position() const = 0;
  virtual absl::StatusOr<SearchReply> Search(const SearchQuery& query) const = 0;
  virtual absl::StatusOr<IndexCounts> Count(std::string_view tenant) const = 0;
  // Titles and questions that begin as typed, then such that hold all the words.
  virtual absl::StatusOr<std::vector<Suggested>> Suggest(const SuggestQuery& query) const = 0;
  // The word of titles and questions that is most like `word`, the commonest of equals; empty = none
  // is near. Folded, not stemmed. Only of articles that `audience` may see.
  virtual absl::StatusOr<std::string> NearestWord(std::string_view tenant, std::string_view locale,
                                                  v1::Audience audience,
                                                  std::string_view word) const = 0;
  // Calls `visit(article, article_version)` for each article of a tenant.
  virtual absl::Status List(
      std::string_view tenant,
      const std::function<void(std::string_view, std::string_view)>& visit) const = 0;
  // The vectors of an article, to take over those of unchanged texts; without units when there are none.
  virtual IndexedArticle Vectors(std::string_view tenant, std::string_view article) const = 0;
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
