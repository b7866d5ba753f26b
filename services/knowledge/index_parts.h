#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/knowledge/article_table.h"
#include "services/knowledge/search_index.h"

// What both search indexes do the same way.
namespace frontdesk::knowledge {

// A passage of an article by its number; nothing when it is not there any more.
using FetchPassage =
    std::function<std::optional<IndexedPassage>(const std::string& article, size_t passage)>;

// Gives the hits their cosines, and adds the passages that are nearest in meaning: one of each article
// among the hits and in `near`.
void AddMeaning(const SearchQuery& query, const ArticleTable& table,
                const std::vector<ArticleTable::Near>& near, SearchReply& reply,
                const FetchPassage& fetch);

// The title or question whose match key begins with `prefix`; null = none.
const std::string* TextWithPrefix(const IndexedPassage& passage, std::string_view prefix);
// The title or question that holds all words of the query, the last one begun; null = none.
const std::string* TextWithWords(const IndexedPassage& passage, const SuggestQuery& query);

// For whom the article of a passage is.
v1::Audience AudienceOf(const IndexedPassage& passage);

// Words of title and questions that a misspelt one may be corrected to: folded, each once.
std::vector<std::string> SpellingWords(const IndexedPassage& passage);

// Picks the known word that is most like a misspelt one: at most one change (a letter more, less,
// another, two swapped) in words of up to seven letters, two in longer ones, none below three. Of Chinese words one
// character may differ, from three on: among shorter ones nearly everything is near.
class NearestPick {
 public:
  explicit NearestPick(std::string_view word);
  // Counts of a word that is offered repeatedly add up.
  void Offer(std::string_view known, uint64_t count);
  const std::string& best() const { return best_; }
  // No word can be near: need not be offered any.
  bool hopeless() const { return allowed_ == 0; }

 private:
  std::u32string word_;
  size_t allowed_ = 0;
  std::string best_;
  size_t best_distance_ = 0;
  uint64_t best_count_ = 0;
  std::map<std::string, uint64_t, std::less<>> near_;  // word -> count
};

}  // namespace frontdesk::knowledge
