#pragma once

#include <functional>
#include <mutex>
#include <set>

#include "services/knowledge/search_index.h"

namespace frontdesk::knowledge {

// A search index in memory for the simulation and unit tests: adds up the rarity of the terms that
// a passage shares with the query. Gone with the process, so it is built anew at every start.
class MemoryIndex final : public SearchIndex {
 public:
  absl::Status Put(std::string_view tenant, std::string_view article,
                   const std::vector<IndexedPassage>& passages) override;
  absl::Status Remove(std::string_view tenant, std::string_view article) override;
  absl::Status Commit(const IndexPosition& position) override;
  absl::StatusOr<IndexPosition> Position() const override;
  absl::StatusOr<SearchReply> Search(const SearchQuery& query) const override;
  absl::StatusOr<IndexCounts> Count(std::string_view tenant) const override;

 private:
  struct Document {
    IndexedPassage passage;
    std::map<std::string, int> terms;  // term -> weight in it
  };
  using Key = std::pair<std::string, std::string>;  // tenant, article

  std::vector<std::function<void()>> staged_;  // writer thread only

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
