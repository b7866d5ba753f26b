#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/knowledge/v1/knowledge.pb.h"
#include "services/knowledge/domain/confidence.h"

namespace frontdesk::knowledge {

inline constexpr int kMaxSynonymSets = 500;
inline constexpr int kMaxSynonymsInSet = 10;
inline constexpr int kMaxSynonymCharacters = 64;

// Synonyms of a tenant as questions are extended by them. Immutable, thread safe.
class SynonymTable {
 public:
  explicit SynonymTable(const v1::Synonyms& synonyms);

  // Gives each word that belongs to a synonym whose words are all there the others of its set.
  void Extend(std::vector<Word>& words) const;
  bool empty() const { return members_.empty(); }

 private:
  struct Member {
    size_t set = 0;
    std::vector<Word> words;
  };
  std::vector<Member> members_;
  std::multimap<std::string, size_t> by_first_word_;  // -> members_
  std::vector<std::vector<size_t>> sets_;             // -> members_
};

// INVALID_ARGUMENT with the field: sizes, characters, words that say nothing, one word in two sets.
absl::Status ValidateSynonyms(const v1::Synonyms& synonyms);

}  // namespace frontdesk::knowledge
