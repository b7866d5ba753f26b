#include "services/knowledge/index_parts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/text/normalize.h"
#include "libs/text/segment.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/domain/stemmer.h"
#include "services/knowledge/domain/stop_words.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kLongWord = 8;
constexpr size_t kShortestWord = 3;
constexpr size_t kHanBytes = 3;

struct Meaning {
  std::optional<ArticleTable::UnitCosines> cosines;
  size_t nearest = 0;  // passage
  bool nearest_known = false;
};

Meaning MeaningOf(const SearchQuery& query, const ArticleTable& table, const std::string& article) {
  Meaning meaning{table.CosinesOf(query.tenant, article, *query.vector)};
  if (!meaning.cosines.has_value()) return meaning;
  const auto& passages = meaning.cosines->passages;
  const auto best = std::max_element(passages.begin(), passages.end(),
                                     [](auto& a, auto& b) { return a.cosine < b.cosine; });
  if (best != passages.end()) meaning.nearest = static_cast<size_t>(best - passages.begin());
  return meaning;
}

void SetCosines(Meaning& meaning, SearchHit& hit) {
  if (!meaning.cosines.has_value()) return;
  Cosines& out = hit.cosines.emplace();
  out.title = meaning.cosines->title;
  out.question = meaning.cosines->question;
  out.best_question = meaning.cosines->best_question;
  const auto& passages = meaning.cosines->passages;
  for (size_t i = 0; i < passages.size(); ++i) {
    if (passages[i].start_byte != hit.passage.start_byte()) continue;
    out.passage = passages[i].cosine;
    meaning.nearest_known |= i == meaning.nearest;
  }
}

size_t Distance(std::u32string_view a, std::u32string_view b, size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

bool HoldsWords(const std::string& text, const SuggestQuery& query) {
  const std::vector<std::string> terms = IndexTerms(text);
  for (const std::string& word : query.words) {
    if (std::find(terms.begin(), terms.end(), word) == terms.end()) return false;
  }
  if (query.last.empty()) return true;
  const std::vector<Token> tokens = Tokenize(text);
  // Another word than those that are complete: "reset the r" is not answered by "reset" again.
  return std::any_of(tokens.begin(), tokens.end(), [&](const Token& token) {
    return token.folded.starts_with(query.last) &&
           std::find(query.words.begin(), query.words.end(), StemEnglish(token.folded)) ==
               query.words.end();
  });
}

}  // namespace

void AddMeaning(const SearchQuery& query, const ArticleTable& table,
                const std::vector<ArticleTable::Near>& near, SearchReply& reply,
                const FetchPassage& fetch) {
  std::vector<std::string> order;  // hits first
  std::map<std::string, Meaning> articles;
  const auto add = [&](const std::string& article) {
    if (articles.contains(article)) return;
    articles.emplace(article, MeaningOf(query, table, article));
    order.push_back(article);
  };
  for (const SearchHit& hit : reply.hits) add(hit.passage.article());
  for (const ArticleTable::Near& one : near) add(one.article);
  for (SearchHit& hit : reply.hits) SetCosines(articles.at(hit.passage.article()), hit);
  for (const std::string& article : order) {
    Meaning& meaning = articles.at(article);
    if (!meaning.cosines.has_value() || meaning.nearest_known) continue;
    auto passage = fetch(article, meaning.nearest);
    if (!passage.has_value()) continue;
    SearchHit& hit = reply.hits.emplace_back();
    hit.passage = *std::move(passage);
    SetCosines(meaning, hit);
  }
}

const std::string* TextWithPrefix(const IndexedPassage& passage, std::string_view prefix) {
  if (text::MatchKey(passage.title()).starts_with(prefix)) return &passage.title();
  for (const std::string& question : passage.questions()) {
    if (text::MatchKey(question).starts_with(prefix)) return &question;
  }
  return nullptr;
}

const std::string* TextWithWords(const IndexedPassage& passage, const SuggestQuery& query) {
  if (query.words.empty() && query.last.empty()) return nullptr;
  if (HoldsWords(passage.title(), query)) return &passage.title();
  for (const std::string& question : passage.questions()) {
    if (HoldsWords(question, query)) return &question;
  }
  return nullptr;
}

v1::Audience AudienceOf(const IndexedPassage& passage) {
  return passage.audience() == v1::AUDIENCE_UNSPECIFIED ? v1::AUDIENCE_PUBLIC : passage.audience();
}

std::vector<std::string> SpellingWords(const IndexedPassage& passage) {
  std::set<std::string> words;
  const auto add = [&](std::string_view text) {
    for (const Token& token : Tokenize(text)) {
      if (token.han) {
        for (std::string& word : text::Words(token.folded)) {
          if (word.size() >= kShortestWord * kHanBytes) words.insert(std::move(word));
        }
      } else if (token.folded.size() >= kShortestWord && token.folded.size() <= 40 &&
                 ClassifyEnglish(token.folded) != WordClass::kStop) {
        words.insert(token.folded);
      }
    }
  };
  add(passage.title());
  for (const std::string& question : passage.questions()) add(question);
  return {words.begin(), words.end()};
}

NearestPick::NearestPick(std::string_view word) : word_(Characters32(word)) {
  if (word_.size() < kShortestWord || word_.size() > 40) return;
  const bool han = word_.front() >= 0x3400;
  allowed_ = han || word_.size() < kLongWord ? 1 : 2;
}

void NearestPick::Offer(std::string_view known, uint64_t count) {
  if (allowed_ == 0) return;
  const std::u32string letters = Characters32(known);
  const size_t distance = Distance(word_, letters, allowed_);
  if (distance > allowed_ || distance == 0) return;
  if (word_.front() >= 0x3400 && letters.size() != word_.size()) return;
  count = near_[std::string(known)] += count;
  if (known != best_ && !best_.empty() &&
      (distance > best_distance_ || (distance == best_distance_ && count <= best_count_))) {
    return;
  }
  best_ = known;
  best_distance_ = distance;
  best_count_ = count;
}

}  // namespace frontdesk::knowledge
