#include "services/knowledge/memory_index.h"

#include <algorithm>

#include "services/knowledge/analyzer.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kTitleWeight = 3;
constexpr int kQuestionWeight = 2;

}  // namespace

absl::Status MemoryIndex::Put(std::string_view tenant, std::string_view article,
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
  staged_.push_back([this, key = Key(tenant, article), documents = std::move(documents)]() mutable {
    articles_[std::move(key)] = std::move(documents);
  });
  return absl::OkStatus();
}

absl::Status MemoryIndex::Remove(std::string_view tenant, std::string_view article) {
  staged_.push_back([this, key = Key(tenant, article)] { articles_.erase(key); });
  return absl::OkStatus();
}

absl::Status MemoryIndex::Commit(const IndexPosition& position) {
  std::lock_guard lock(mu_);
  for (auto& change : staged_) change();
  staged_.clear();
  position_ = position;
  return absl::OkStatus();
}

absl::StatusOr<IndexPosition> MemoryIndex::Position() const {
  std::lock_guard lock(mu_);
  return position_;
}

absl::StatusOr<SearchReply> MemoryIndex::Search(const SearchQuery& query) const {
  SearchReply reply;
  std::lock_guard lock(mu_);
  std::vector<const Document*> documents;
  for (const auto& [key, passages] : articles_) {
    if (key.first != query.tenant) continue;
    for (const Document& document : passages) {
      if (document.passage.locale() == query.locale) documents.push_back(&document);
    }
  }
  reply.documents = documents.size();
  for (const std::string& term : query.terms) {
    reply.holding[term] = std::count_if(documents.begin(), documents.end(),
                                        [&](const auto* d) { return d->terms.contains(term); });
  }
  std::vector<std::pair<double, const Document*>> ranked;
  for (const Document* document : documents) {
    const auto& tags = document->passage.tags();
    if (!query.tag.empty() && std::find(tags.begin(), tags.end(), query.tag) == tags.end())
      continue;
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
  std::set<std::string> seen;
  for (const auto& [score, document] : ranked) {
    if (static_cast<int>(reply.hits.size()) >= query.limit) break;
    if (query.one_per_article && !seen.insert(document->passage.article()).second) continue;
    reply.hits.push_back({document->passage, score});
  }
  return reply;
}

absl::StatusOr<IndexCounts> MemoryIndex::Count(std::string_view tenant) const {
  IndexCounts counts;
  std::lock_guard lock(mu_);
  for (const auto& [key, passages] : articles_) {
    if (key.first != tenant) continue;
    ++counts.articles;
    counts.passages += static_cast<int64_t>(passages.size());
  }
  return counts;
}

}  // namespace frontdesk::knowledge
