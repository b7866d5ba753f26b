#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/knowledge/domain/product_version.h"
#include "services/knowledge/int8_vectors.h"
#include "services/knowledge/search_index.h"

namespace frontdesk::knowledge {

// Above so many vectors of a tenant's language the nearest ones are looked for in two steps.
inline constexpr size_t kVectorExactMax = 50'000;

// What a search keeps in memory of the published articles of a shard: attributes for filters and
// facets, and the vectors of titles, questions and passages in one array a tenant and language.
//
// Nearest compares the query with every vector that the filter lets through. Above `exact_max`
// vectors it compares signs first (one bit a dimension) and then the vectors of the nearest 4 096 of
// them: filters stay exact, nothing is trained, and a change costs what it changes. Thread safe: many
// readers, or one who applies changes.
class ArticleTable {
 public:
  explicit ArticleTable(size_t exact_max = kVectorExactMax) : exact_max_(exact_max) {}

  struct Change {
    std::string tenant;
    std::string id;
    std::unique_ptr<IndexedArticle> article;  // null: it is removed
  };
  void Apply(std::span<const Change> changes);

  struct Near {
    std::string article;
    float cosine = 0;
  };
  // The articles with the nearest title, question or passage, best first.
  std::vector<Near> Nearest(std::string_view tenant, std::string_view locale,
                            const QueryVector& query, const SearchFilter& filter,
                            size_t limit) const;

  struct UnitCosines {
    float title = 0;
    float question = 0;  // the best
    int best_question = -1;
    struct Passage {
      int32_t start_byte = 0;
      float cosine = 0;
    };
    std::vector<Passage> passages;  // in their order
  };
  // Of one article; nothing when it has no vectors of this encoder.
  std::optional<UnitCosines> CosinesOf(std::string_view tenant, std::string_view article,
                                       const QueryVector& query) const;

  // False for unknown articles, too.
  bool Allows(std::string_view tenant, std::string_view article, const SearchFilter& filter) const;
  // The commonest values of each attribute among these articles, at most 20 of each.
  std::vector<v1::FacetCount> CountFacets(std::string_view tenant,
                                          std::span<const std::string> articles) const;

  // With units and vectors, without attributes.
  IndexedArticle Vectors(std::string_view tenant, std::string_view article) const;
  // Adds to `counts`.
  void Count(std::string_view tenant, IndexCounts& counts) const;

 private:
  using ValueId = uint32_t;  // of an attribute's value; 0 = none

  struct Unit {
    uint8_t kind = 0;
    int32_t ordinal = 0;
    uint32_t row = 0;
    uint64_t text_hash = 0;
  };
  struct Entry {
    std::string id;  // empty: free
    std::vector<ValueId> tags;
    ValueId product = 0, product_module = 0, error_type = 0, solution_kind = 0;
    v1::Audience audience = v1::AUDIENCE_PUBLIC;
    std::vector<VersionSpan> versions;
    std::vector<Unit> units;
  };
  // Of a tenant's language.
  struct Space {
    std::vector<Entry> entries;
    std::vector<uint32_t> free;
    std::string encoder;
    size_t dimensions = 0;
    std::vector<int8_t> rows;
    std::vector<uint64_t> signs;
    std::vector<float> inverse_lengths;  // of rows
    std::vector<uint32_t> owner;         // row -> entry
  };
  struct Place {
    Space* space = nullptr;
    uint32_t entry = 0;
  };
  struct Tenant {
    std::map<std::string, std::unique_ptr<Space>, std::less<>> spaces;
    absl::flat_hash_map<std::string, Place> articles;
  };
  // A filter with its values looked up; `none` = a value that no article has.
  struct Wanted {
    ValueId tag = 0, product = 0, product_module = 0, error_type = 0, solution_kind = 0;
    v1::Audience audience = v1::AUDIENCE_AGENTS;
    std::optional<ProductVersion> version;
    bool none = false;
    bool any = false;
  };

  void Put(const Change& change);
  void Remove(const Change& change);
  void AddRows(Space& space, uint32_t entry, const IndexedArticle& article);
  static void RemoveRow(Space& space, uint32_t row);
  ValueId Intern(const std::string& value);
  Wanted Look(const SearchFilter& filter) const;
  static bool Passes(const Entry& entry, const Wanted& wanted);
  const Tenant* FindTenant(std::string_view tenant) const;
  const Place* FindArticle(std::string_view tenant, std::string_view article) const;
  // Rows worth comparing exactly, of those whose entry is allowed.
  std::vector<uint32_t> CoarseRows(const Space& space, const std::string& query,
                                   const std::vector<uint8_t>& allowed) const;

  const size_t exact_max_;
  const DotFunction dot_ = BestDot();

  mutable std::shared_mutex mu_;
  absl::flat_hash_map<std::string, Tenant> tenants_;     // guarded by mu_
  absl::flat_hash_map<std::string, ValueId> value_ids_;  // guarded by mu_
  std::vector<std::string> values_{""};                  // guarded by mu_
};

}  // namespace frontdesk::knowledge
