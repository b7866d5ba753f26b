#include "services/knowledge/memory_index.h"

#include <algorithm>

#include "services/knowledge/analyzer.h"
#include "services/knowledge/index_parts.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kTitleWeight = 3;
constexpr int kQuestionWeight = 2;

}  // namespace

absl::Status MemoryIndex::Put(std::string_view tenant, const IndexedArticle& article,
                              const std::vector<IndexedPassage>& passages) {
  std::vector<Document> documents;
  for (const IndexedPassage& passage : passages) {
    Document document{passage, {}};
    for (const std::string& term : IndexTerms(passage.title())) {
      document.terms[term] += kTitleWeight;
    }
    for (const std::string& question : passage.questions()) {
      for (const std::string& term : IndexTerms(question)) document.terms[term] += kQuestionWeight;
    }
    for (const std::string& term : IndexTerms(passage.text())) document.terms[term] += 1;
    documents.push_back(std::move(document));
  }
  staged_.push_back(
      [this, key = Key(tenant, article.article()), documents = std::move(documents)]() mutable {
        articles_[std::move(key)] = std::move(documents);
      });
  staged_in_memory_.push_back(
      {std::string(tenant), article.article(), std::make_unique<IndexedArticle>(article)});
  return absl::OkStatus();
}

absl::Status MemoryIndex::Remove(std::string_view tenant, std::string_view article) {
  staged_.push_back([this, key = Key(tenant, article)] { articles_.erase(key); });
  staged_in_memory_.push_back({std::string(tenant), std::string(article), nullptr});
  return absl::OkStatus();
}

absl::Status MemoryIndex::Commit(const IndexPosition& position) {
  std::lock_guard lock(mu_);
  for (auto& change : staged_) change();
  staged_.clear();
  table_.Apply(staged_in_memory_);
  staged_in_memory_.clear();
  position_ = position;
  return absl::OkStatus();
}

absl::StatusOr<IndexPosition> MemoryIndex::Position() const {
  std::lock_guard lock(mu_);
  return position_;
}

std::vector<const MemoryIndex::Document*> MemoryIndex::DocumentsOf(const SearchQuery& query) const {
  std::vector<const Document*> documents;
  for (const auto& [key, passages] : articles_) {
    if (key.first != query.tenant) continue;
    for (const Document& document : passages) {
      if (document.passage.locale() == query.locale) documents.push_back(&document);
    }
  }
  return documents;
}

absl::StatusOr<SearchReply> MemoryIndex::Search(const SearchQuery& query) const {
  SearchReply reply;
  std::lock_guard lock(mu_);
  const std::vector<const Document*> documents = DocumentsOf(query);
  reply.documents = documents.size();
  for (const std::string& term : query.terms) {
    reply.holding[term] = std::count_if(documents.begin(), documents.end(),
                                        [&](const auto* d) { return d->terms.contains(term); });
  }
  std::vector<std::pair<double, const Document*>> ranked;
  for (const Document* document : documents) {
    if (!table_.Allows(query.tenant, document->passage.article(), query.filter)) continue;
    double score = 0;
    for (const std::string& term : query.terms) {
      const auto found = document->terms.find(term);
      if (found == document->terms.end()) continue;
      const double wdf = found->second;
      score +=
          wdf / (wdf + 1) *
          Rarity(static_cast<double>(reply.documents), static_cast<double>(reply.holding[term]));
    }
    if (score > 0) ranked.emplace_back(score, document);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::set<std::string> matching;
  for (const auto& [score, document] : ranked) {
    const bool is_new = matching.insert(document->passage.article()).second;
    if (static_cast<int>(reply.hits.size()) >= query.limit) continue;
    if (query.one_per_article && !is_new) continue;
    reply.hits.push_back({document->passage, score, std::nullopt});
  }
  if (query.with_facets) {
    const std::vector<std::string> ids(matching.begin(), matching.end());
    reply.facets = table_.CountFacets(query.tenant, ids);
  }
  AddNear(query, reply);
  return reply;
}

void MemoryIndex::AddNear(const SearchQuery& query, SearchReply& reply) const {
  if (query.vector == nullptr) return;
  const auto near =
      table_.Nearest(query.tenant, query.locale, *query.vector, query.filter, query.vector_limit);
  AddMeaning(query, table_, near, reply, [&](const std::string& article, size_t passage) {
    const auto found = articles_.find(Key(query.tenant, article));
    if (found == articles_.end() || passage >= found->second.size()) {
      return std::optional<IndexedPassage>();
    }
    return std::optional(found->second[passage].passage);
  });
}

absl::StatusOr<std::vector<Suggested>> MemoryIndex::Suggest(const SuggestQuery& query) const {
  std::vector<Suggested> first, second;
  std::lock_guard lock(mu_);
  for (const auto& [key, passages] : articles_) {
    if (key.first != query.tenant || passages.empty()) continue;
    const IndexedPassage& passage = passages.front().passage;
    if (passage.locale() != query.locale || !table_.Allows(query.tenant, key.second, query.filter))
      continue;
    if (const std::string* text = TextWithPrefix(passage, query.prefix); text != nullptr) {
      first.push_back({*text, passage.article_version()});
    } else if (const std::string* held = TextWithWords(passage, query); held != nullptr) {
      second.push_back({*held, passage.article_version()});
    }
  }
  first.insert(first.end(), second.begin(), second.end());
  if (first.size() > static_cast<size_t>(query.limit)) first.resize(query.limit);
  return first;
}

absl::StatusOr<std::string> MemoryIndex::NearestWord(std::string_view tenant,
                                                     std::string_view locale, v1::Audience audience,
                                                     std::string_view word) const {
  std::map<std::string, int> words;
  std::lock_guard lock(mu_);
  for (const auto& [key, passages] : articles_) {
    if (key.first != tenant || passages.empty()) continue;
    const IndexedPassage& passage = passages.front().passage;
    if (passage.locale() != locale || AudienceOf(passage) > audience) continue;
    for (const std::string& known : SpellingWords(passage)) ++words[known];
  }
  NearestPick pick(word);
  for (const auto& [known, count] : words) pick.Offer(known, count);
  return pick.best();
}

absl::Status MemoryIndex::List(
    std::string_view tenant,
    const std::function<void(std::string_view, std::string_view)>& visit) const {
  std::lock_guard lock(mu_);
  for (const auto& [key, passages] : articles_) {
    if (key.first == tenant && !passages.empty()) {
      visit(key.second, passages.front().passage.article_version());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<IndexCounts> MemoryIndex::Count(std::string_view tenant) const {
  IndexCounts counts;
  std::lock_guard lock(mu_);
  for (const auto& [key, passages] : articles_) {
    if (key.first != tenant) continue;
    ++counts.articles;
    counts.passages += static_cast<int64_t>(passages.size());
  }
  table_.Count(tenant, counts);
  return counts;
}

}  // namespace frontdesk::knowledge
