#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/knowledge/domain/confidence.h"
#include "services/knowledge/search_index.h"
#include "services/knowledge/synonyms.h"

namespace frontdesk::knowledge {

// What is asked, as ranking wants it.
struct Asked {
  std::string tenant;
  std::string locale;
  std::string text;
  std::string context = {};  // what was asked before
  SearchFilter filter = {};
  const QueryVector* vector = nullptr;     // null: words alone
  const SynonymTable* synonyms = nullptr;  // null: none
  int candidates = 24;                     // passages that words find
  bool one_per_article = false;
  bool with_facets = false;
};

// How many articles a search for `limit` of them takes from the words' order: judging one costs ten
// times what finding it does.
inline int SearchCandidates(int limit) { return limit + 5; }

// An article with its best passage.
struct Ranked {
  IndexedPassage passage;
  Evidence evidence;
  double certainty = 0;  // 0 to 1, by words and meaning
  double score = 0;      // what the order is by
  int best_question = -1;
};

struct Ranking {
  std::vector<Ranked> articles;  // best first
  std::vector<Word> words;       // of the question, synonyms with them, weighed by rarity
  // Below 1: there is hardly a word that says anything.
  double substance = 0;
  std::vector<v1::FacetCount> facets;
  // Words of the text that no article of the tenant holds.
  std::vector<std::string> unseen;
};

// False when a question leans on what was asked before it: alone its words say hardly anything.
bool StandsAlone(std::string_view question);

// Finds candidates by words and by meaning, and puts their articles in order. Blocks on the index.
absl::StatusOr<Ranking> Rank(const SearchIndex& index, const Asked& asked);

}  // namespace frontdesk::knowledge
