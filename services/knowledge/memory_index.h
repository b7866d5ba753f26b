#pragma once

#include <functional>
#include <mutex>
#include <set>

#include "services/knowledge/article_table.h"
#include "services/knowledge/search_index.h"

namespace frontdesk::knowledge {

// A search index in memory for the simulation and unit tests: adds up the rarity of the terms that
// a passage shares with the query, and looks at every article for everything else. Gone with the process, so it is built anew at every start.
class MemoryIndex final : public SearchIndex {
 public:
  absl::Status Put(std::string_view tenant, const IndexedArticle& article,
                   const std::vector<IndexedPassage>& passages) override;
  absl::Status Remove(std::string_view tenant, std::string_view article) override;
  absl::Status Commit(const IndexPosition& position) override;
  absl::StatusOr<IndexPosition> Position() const override;
  absl::StatusOr<SearchReply> Search(const SearchQuery& query) const override;
  absl::StatusOr<IndexCounts> Count(std::string_view tenant) const override;
  absl::StatusOr<std::vector<Suggested>> Suggest(const SuggestQuery& query) const override;
  absl::StatusOr<std::string> NearestWord(std::string_view tenant, std::string_view locale,
                                          v1::Audience audience,
                                          std::string_view word) const override;
  absl::Status List(
      std::string_view tenant,
      const std::function<void(std::string_view, std::string_view)>& visit) const override;
  IndexedArticle Vectors(std::string_view tenant, std::string_view article) const override {
    return table_.Vectors(tenant, article);
  }

 private:
  struct Document {
    IndexedPassage passage;
    std::map<std::string, int> terms;  // term -> weight in it
  };
  using Key = std::pair<std::string, std::string>;  // tenant, article

  // All below with mu_ held.
  std::vector<const Document*> DocumentsOf(const SearchQuery& query) const;
  void AddNear(const SearchQuery& query, SearchReply& reply) const;

  std::vector<std::function<void()>> staged_;           // writer thread only
  std::vector<ArticleTable::Change> staged_in_memory_;  // likewise
  ArticleTable table_;

  mutable std::mutex mu_;
  std::map<Key, std::vector<Document>> articles_;  // guarded by mu_
  IndexPosition position_;                         // guarded by mu_
};

// Holds one MemoryIndex at a time; nothing outlives it.
class MemoryIndexHome final : public IndexHome {
 public:
  std::unique_ptr<SearchIndex> OpenCurrent() override { return nullptr; }
  absl::StatusOr<std::unique_ptr<SearchIndex>> MakeNew() override {
    return std::unique_ptr<SearchIndex>(std::make_unique<MemoryIndex>());
  }
  absl::Status Promote() override { return absl::OkStatus(); }
};

}  // namespace frontdesk::knowledge
