#include "services/knowledge/recommending.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/answer_log.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/domain/product_version.h"
#include "services/knowledge/query_text.h"
#include "services/knowledge/ranking.h"
#include "services/knowledge/related_reads.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kReasonBytes = 300;
constexpr size_t kSnippetBytes = 500;
// Bounds of one request.
constexpr int kCandidatesPerText = 12;
constexpr size_t kNodesMax = 1000;
constexpr size_t kArticlesPerNode = 20;
constexpr size_t kCitedSeeds = 3;
constexpr int kRelatedPerSeed = 10;
// An article that fits a text less than this is not one that fits.
constexpr double kMinFit = 0.35;
// From which fit on the best article leads to others.
constexpr double kSureFit = 0.6;
constexpr double kTopicWeight = 1.0;
constexpr int kPopularAnswers = 3;
constexpr absl::Duration kPopularTime = absl::Hours(24 * 30);

std::string IdOf(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

int Bps(double share) {
  return std::clamp(static_cast<int>(std::lround(share * 10'000)), 0, 10'000);
}

v1::RecommendationReason MakeReason(v1::RecommendationReasonKind kind, double weight) {
  v1::RecommendationReason reason;
  reason.set_kind(kind);
  reason.set_weight_bps(Bps(weight));
  reason.set_turn(-1);
  return reason;
}

// The part of a text around [begin, end), with that part marked.
void Quote(const std::string& text, size_t begin, size_t end, v1::RecommendationReason& reason) {
  size_t from = 0;
  if (text.size() > kReasonBytes) {
    from = begin - std::min(begin, kReasonBytes / 3);
    while (from < begin && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  }
  reason.set_text(std::string(TruncateUtf8(std::string_view(text).substr(from), kReasonBytes)));
  if (end - from > reason.text().size()) return;
  v1::TextSpan& span = *reason.add_spans();
  span.set_start_byte(static_cast<int32_t>(begin - from));
  span.set_end_byte(static_cast<int32_t>(end - from));
}

bool Valid(const v1::ArticleContent& content, const std::string& version) {
  const auto wanted = ParseProductVersion(version);
  if (!wanted.has_value() || content.product_versions().empty()) return true;
  return std::any_of(content.product_versions().begin(), content.product_versions().end(),
                     [&](const v1::VersionRange& range) {
                       return Contains({ParseProductVersion(range.min_version()),
                                        ParseProductVersion(range.max_version())},
                                       *wanted);
                     });
}

// Gathers what speaks for articles.
class Recommender {
 public:
  Recommender(const SearchIndex& index, const engine::Reader& reader,
              const RecommendationQuery& query)
      : index_(index), reader_(reader), query_(query) {}

  absl::StatusOr<v1::RecommendArticlesResponse> Recommend() {
    FD_RETURN_IF_ERROR(GatherTexts());
    FD_RETURN_IF_ERROR(GatherMentions());
    FD_RETURN_IF_ERROR(GatherRelated());
    std::vector<Candidate> candidates;
    for (auto& [id, found] : found_) {
      FD_ASSIGN_OR_RETURN(const bool shown, Complete(id, found));
      if (shown) candidates.push_back(found.candidate);
    }
    std::vector<std::string> excluded;
    for (const std::string& cited : query_.cited) {
      FD_ASSIGN_OR_RETURN(excluded.emplace_back(), FamilyOf(cited));
    }
    v1::RecommendArticlesResponse response;
    response.set_locale(query_.locale);
    for (Recommended& one : ChooseRecommendations(std::move(candidates), excluded, query_.limit)) {
      FD_RETURN_IF_ERROR(Show(one, *response.add_recommendations()));
    }
    return response;
  }

 private:
  // An article that something speaks for.
  struct Found {
    Candidate candidate;
    std::optional<IndexedPassage> passage;  // that fits best; none: it was not found by texts
    std::vector<Word> words;                // of the text that it fits best
    double fit = 0;
    std::optional<records::ArticleRecord> record;
  };

  Found& FoundOf(const std::string& id) {
    Found& found = found_[id];
    found.candidate.article = id;
    return found;
  }
  void AddReason(const std::string& id, v1::RecommendationReason reason) {
    FoundOf(id).candidate.reasons.push_back(std::move(reason));
  }

  absl::Status GatherTexts() {
    for (size_t i = 0; i < query_.texts.size(); ++i) {
      const ContextText& text = query_.texts[i];
      // A few words that are being typed mean something after what was asked.
      const std::string before = i + 1 < query_.texts.size() ? query_.texts[i + 1].text : "";
      FD_ASSIGN_OR_RETURN(const Ranking ranking, Rank(index_, {.tenant = query_.tenant,
                                                               .locale = query_.locale,
                                                               .text = text.text,
                                                               .context = before,
                                                               .filter = query_.filter,
                                                               .vector = query_.vectors[i].get(),
                                                               .synonyms = query_.synonyms,
                                                               .candidates = kCandidatesPerText,
                                                               .one_per_article = true}));
      for (const Ranked& ranked : ranking.articles) {
        const double fit = ranked.certainty * ranking.substance;
        if (fit >= kMinFit) TakeMatch(text, ranking.words, ranked, fit);
      }
    }
    return absl::OkStatus();
  }

  void TakeMatch(const ContextText& text, const std::vector<Word>& words, const Ranked& ranked,
                 double fit) {
    const IndexedPassage& passage = ranked.passage;
    std::string article = passage.title() + "\n";
    for (const std::string& question : passage.questions()) article += question + "\n";
    const Hits hits =
        HitsIn(AnalyzeHeld(article + passage.text(), HeadsOf(words)), Question(words));
    std::vector<Word> held;
    for (size_t i = 0; i < hits.size(); ++i) {
      if (hits[i] > 0) held.push_back(words[i]);
    }
    v1::RecommendationReason reason = MakeReason(text.kind, fit * text.weight);
    reason.set_turn(text.turn);
    reason.set_text(Snippet(text.text, held, kReasonBytes));
    for (v1::TextSpan& span : Highlights(reason.text(), held))
      *reason.add_spans() = std::move(span);
    AddReason(passage.article(), std::move(reason));
    Found& found = FoundOf(passage.article());
    if (found.passage.has_value() && fit * text.weight <= found.fit) return;
    found.fit = fit * text.weight;
    found.passage = passage;
    found.words = words;
  }

  // Articles about what the texts name: an error, a product, a module.
  absl::Status GatherMentions() {
    if (query_.texts.empty()) return absl::OkStatus();
    std::vector<NodeNames> names;
    std::vector<v1::KnowledgeNodeKind> kinds;
    bool corrupt = false;
    const std::string prefix = kNodes.Key(query_.tenant);
    FD_RETURN_IF_ERROR(reader_.Scan(prefix, {}, [&](std::string_view, std::string_view value) {
      auto record = kNodes.Parse(value);
      corrupt = !record.ok();
      if (corrupt) return false;
      const v1::KnowledgeNode& node = record->knowledge_node();
      if (node.kind() == v1::KNOWLEDGE_NODE_KIND_SOLUTION) return true;
      NodeNames& added = names.emplace_back();
      added.node = IdOf(node.name());
      added.names.push_back(node.display_name());
      added.names.insert(added.names.end(), node.aliases().begin(), node.aliases().end());
      kinds.push_back(node.kind());
      return names.size() < kNodesMax;
    }));
    if (corrupt) return engine::CorruptRow("knowledge node");
    for (const Mention& mention : FindMentions(query_.texts, names)) {
      const ContextText& text = query_.texts[mention.text];
      const bool error = kinds[mention.node] == v1::KNOWLEDGE_NODE_KIND_ERROR;
      v1::RecommendationReason reason =
          MakeReason(error ? v1::RECOMMENDATION_REASON_KIND_SAME_ERROR
                           : v1::RECOMMENDATION_REASON_KIND_SAME_PRODUCT,
                     error ? kSameErrorWeight : kSameProductWeight);
      reason.set_turn(text.turn);
      reason.set_node(names[mention.node].node);
      Quote(text.text, mention.begin, mention.end, reason);
      FD_ASSIGN_OR_RETURN(
          const std::vector<std::string> ids,
          ScanIds(reader_, kArticlesByNode.Key(query_.tenant, reason.node()), kArticlesPerNode));
      for (const std::string& id : ids) AddReason(id, reason);
    }
    return absl::OkStatus();
  }

  // Where cited articles lead to, and the one that fits best.
  absl::Status GatherRelated() {
    std::vector<std::pair<std::string, double>> seeds;  // id, share of the weight
    for (size_t i = query_.cited.size(); i-- > 0 && seeds.size() < kCitedSeeds;) {
      seeds.emplace_back(query_.cited[i], 1.0);
    }
    const Found* best = nullptr;
    for (const auto& [id, found] : found_) {
      if (best == nullptr || found.fit > best->fit) best = &found;
    }
    if (best != nullptr && best->fit >= kSureFit) {
      seeds.emplace_back(best->candidate.article, kFromBestShare);
    }
    for (const auto& [seed, share] : seeds) FD_RETURN_IF_ERROR(GatherFrom(seed, share));
    return absl::OkStatus();
  }

  absl::Status GatherFrom(const std::string& seed, double share) {
    v1::ListRelatedArticlesRequest request;
    request.set_audience(query_.filter.audience);
    request.set_page_size(kRelatedPerSeed);
    request.set_locale(query_.locale);
    v1::ListRelatedArticlesResponse related;
    const absl::Status status = ReadRelated(reader_, query_.tenant, seed, request, &related);
    if (absl::IsNotFound(status)) return absl::OkStatus();  // deleted, or a name that never was
    FD_RETURN_IF_ERROR(status);
    FD_ASSIGN_OR_RETURN(const auto record, LoadArticle(reader_, query_.tenant, seed));
    for (const v1::RelatedArticle& one : related.related_articles()) {
      const auto [kind, weight] = ReasonOfRelation(one.reason());
      v1::RecommendationReason reason = MakeReason(kind, weight * share);
      reason.set_text(std::string(TruncateUtf8(record.live().title(), kReasonBytes)));
      reason.set_node(one.node());
      reason.set_article(record.article().name());
      AddReason(IdOf(one.article()), std::move(reason));
    }
    return absl::OkStatus();
  }

  static std::pair<v1::RecommendationReasonKind, double> ReasonOfRelation(v1::RelationReason why) {
    switch (why) {
      case v1::RELATION_REASON_SUPERSEDED_BY:
        return {v1::RECOMMENDATION_REASON_KIND_SUPERSEDES, kSupersedesWeight};
      case v1::RELATION_REASON_PREREQUISITE:
        return {v1::RECOMMENDATION_REASON_KIND_PREREQUISITE, kPrerequisiteWeight};
      case v1::RELATION_REASON_LINKED:
        return {v1::RECOMMENDATION_REASON_KIND_LINKED, kLinkedWeight};
      case v1::RELATION_REASON_SAME_ERROR:
        return {v1::RECOMMENDATION_REASON_KIND_SAME_ERROR, kSameErrorWeight};
      case v1::RELATION_REASON_RELATED_ERROR:
        return {v1::RECOMMENDATION_REASON_KIND_RELATED_ERROR, kRelatedErrorWeight};
      case v1::RELATION_REASON_SAME_TAG:
        return {v1::RECOMMENDATION_REASON_KIND_SAME_TAG, kSameTagWeight};
      default:
        return {v1::RECOMMENDATION_REASON_KIND_SAME_PRODUCT, kSameProductWeight};
    }
  }

  absl::StatusOr<std::string> FamilyOf(const std::string& id) {
    const auto record = LoadArticle(reader_, query_.tenant, id);
    if (absl::IsNotFound(record.status())) return id;
    FD_RETURN_IF_ERROR(record.status());
    const v1::Article& article = record->article();
    return IdOf(article.translation_of().empty() ? article.name() : article.translation_of());
  }

  // Tags, how often it was the answer, its family. False: it may not be shown.
  absl::StatusOr<bool> Complete(const std::string& id, Found& found) {
    auto record = LoadArticle(reader_, query_.tenant, id);
    if (absl::IsNotFound(record.status())) return false;
    FD_RETURN_IF_ERROR(record.status());
    if (!record->has_live() || !Admits(record->article(), record->live())) return false;
    const v1::ArticleContent& content = record->live();
    for (const std::string& tag : query_.tags) {
      if (std::find(content.tags().begin(), content.tags().end(), tag) == content.tags().end()) {
        continue;
      }
      v1::RecommendationReason reason =
          MakeReason(v1::RECOMMENDATION_REASON_KIND_SAME_TAG, kSameTagWeight);
      reason.set_text(tag);
      found.candidate.reasons.push_back(std::move(reason));
      break;
    }
    FD_ASSIGN_OR_RETURN(const bool popular, Popular(id, record->article().published_version()));
    if (found.passage.has_value() && popular) {
      // Of the text that it fits best.
      const auto& reasons = found.candidate.reasons;
      const auto best = std::max_element(
          reasons.begin(), reasons.end(),
          [](const auto& a, const auto& b) { return a.weight_bps() < b.weight_bps(); });
      v1::RecommendationReason reason = *best;
      reason.set_kind(v1::RECOMMENDATION_REASON_KIND_POPULAR);
      reason.set_weight_bps(Bps(kPopularWeight));
      found.candidate.reasons.push_back(std::move(reason));
    }
    const v1::Article& article = record->article();
    found.candidate.family =
        IdOf(article.translation_of().empty() ? article.name() : article.translation_of());
    found.record = *std::move(record);
    return true;
  }

  bool Admits(const v1::Article& article, const v1::ArticleContent& content) const {
    const SearchFilter& filter = query_.filter;
    const auto fits = [](const std::string& wanted, const std::string& is) {
      return wanted.empty() || wanted == is;
    };
    return SearchLocale(article.locale(), "") == query_.locale &&
           AudienceOf(content) <= filter.audience && fits(filter.product, content.product()) &&
           fits(filter.product_module, content.product_module()) &&
           fits(filter.error_type, content.error_type()) &&
           fits(filter.solution_kind, content.solution_kind()) &&
           Valid(content, filter.product_version);
  }

  absl::StatusOr<bool> Popular(const std::string& id, int version) {
    int64_t newest = 0;
    bool corrupt = false;
    int rows = 0;
    FD_RETURN_IF_ERROR(
        reader_.Scan(kAnswerLog.Key(query_.tenant, id, static_cast<uint32_t>(version)), {},
                     [&](std::string_view, std::string_view value) {
                       const auto record = kAnswerLog.Parse(value);
                       corrupt = !record.ok();
                       if (corrupt) return false;
                       newest = record->answer_time_us();  // the newest come first
                       return ++rows < kPopularAnswers;
                     }));
    if (corrupt) return engine::CorruptRow("answer log");
    return rows == kPopularAnswers && query_.now - absl::FromUnixMicros(newest) <= kPopularTime;
  }

  absl::Status Show(const Recommended& one, v1::ArticleRecommendation& shown) const {
    const std::string& id = one.candidate.article;
    const Found& found = found_.at(id);
    const int version = found.record->article().published_version();
    shown.set_article_version(VersionName(query_.tenant, id, version));
    shown.set_title(found.record->live().title());
    if (found.passage.has_value()) {
      shown.set_snippet(Snippet(found.passage->text(), found.words, kSnippetBytes));
    } else {
      FD_ASSIGN_OR_RETURN(const auto full, LoadVersion(reader_, query_.tenant, id, version));
      shown.set_snippet(Snippet(full.article_version().content().body(), {}, kSnippetBytes));
    }
    shown.set_score_bps(Bps(one.score));
    for (const v1::RecommendationReason& reason : one.candidate.reasons) {
      *shown.add_reasons() = reason;
    }
    return absl::OkStatus();
  }

  const SearchIndex& index_;
  const engine::Reader& reader_;
  const RecommendationQuery& query_;
  std::map<std::string, Found> found_;  // by id of the article
};

}  // namespace

bool SaysSomething(std::string_view text) {
  double weight = 0;
  for (const Word& word : AnalyzeText(text).words) weight += word.weight;
  return weight >= kTopicWeight;
}

absl::StatusOr<v1::RecommendArticlesResponse> RecommendFrom(const SearchIndex& index,
                                                            const engine::Reader& reader,
                                                            const RecommendationQuery& query) {
  return Recommender(index, reader, query).Recommend();
}

}  // namespace frontdesk::knowledge
