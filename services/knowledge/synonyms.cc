#include "services/knowledge/synonyms.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/normalize.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/query_text.h"

namespace frontdesk::knowledge {

SynonymTable::SynonymTable(const v1::Synonyms& synonyms) {
  for (const v1::SynonymSet& set : synonyms.sets()) {
    std::vector<size_t>& of_set = sets_.emplace_back();
    for (const std::string& text : set.words()) {
      std::vector<Word> words = AnalyzeText(text).words;
      if (words.empty()) continue;
      of_set.push_back(members_.size());
      by_first_word_.emplace(words.front().text, members_.size());
      members_.push_back({sets_.size() - 1, std::move(words)});
    }
  }
}

void SynonymTable::Extend(std::vector<Word>& words) const {
  const auto find = [&words](const std::string& text) {
    return std::find_if(words.begin(), words.end(),
                        [&](const Word& word) { return word.text == text; });
  };
  for (size_t i = 0; i < words.size(); ++i) {
    const auto [begin, end] = by_first_word_.equal_range(words[i].text);
    for (auto it = begin; it != end; ++it) {
      const Member& member = members_[it->second];
      const bool all = std::all_of(member.words.begin(), member.words.end(), [&](const Word& word) {
        return find(word.text) != words.end();
      });
      if (!all) continue;
      for (const size_t other : sets_[member.set]) {
        if (other == it->second) continue;
        for (const Word& word : member.words)
          find(word.text)->same.push_back(members_[other].words);
      }
    }
  }
}

absl::Status ValidateSynonyms(const v1::Synonyms& synonyms) {
  if (synonyms.sets_size() > kMaxSynonymSets) {
    return InvalidField("synonyms.sets", fmt::format("must be at most {}", kMaxSynonymSets));
  }
  std::set<std::string> seen;
  for (int i = 0; i < synonyms.sets_size(); ++i) {
    const v1::SynonymSet& set = synonyms.sets(i);
    const std::string field = fmt::format("synonyms.sets[{}].words", i);
    if (set.words_size() < 2 || set.words_size() > kMaxSynonymsInSet) {
      return InvalidField(field, fmt::format("must be 2 to {}", kMaxSynonymsInSet));
    }
    for (int j = 0; j < set.words_size(); ++j) {
      const std::string place = fmt::format("{}[{}]", field, j);
      FD_RETURN_IF_ERROR(CheckQueryText(set.words(j), 1, kMaxSynonymCharacters, place));
      if (AnalyzeText(set.words(j)).words.empty()) {
        return InvalidField(place, "must hold a word that says something");
      }
      if (!seen.insert(text::MatchKey(set.words(j))).second) {
        return InvalidField(place, "stands in the synonyms already");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
