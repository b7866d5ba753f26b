#include "services/knowledge/answering.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/normalize.h"
#include "services/knowledge/analyzer.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kCandidates = 24;
constexpr int kMaxNearest = 3;
constexpr size_t kMaxQuestionWords = 64;
constexpr size_t kMaxAnswerBytes = 4 << 10;
constexpr size_t kMaxQuoteBytes = 2000;
constexpr size_t kMaxSnippetBytes = 500;
constexpr int kSearchDefault = 10;
constexpr int kSearchMax = 50;
// Below this total weight a question leans on what was asked before, and its confidence is scaled
// down: "how long?" alone asks for nothing.
constexpr double kShortQuestionWeight = 1.0;
constexpr double kContextShare = 0.5;

struct Candidate {
  const IndexedPassage* passage = nullptr;
  double confidence = 0;
  double passage_coverage = 0;
};

double TotalWeight(const std::vector<Word>& words) {
  double weight = 0;
  for (const Word& word : words) weight += word.weight;
  return weight;
}

// The words of the question, and of the context for a short one. Empty: nothing is asked.
std::vector<Word> QuestionWords(const v1::AnswerQuestionRequest& request) {
  std::vector<Word> words = AnalyzeText(request.question()).words;
  if (!words.empty() && TotalWeight(words) < kShortQuestionWeight && !request.context().empty()) {
    for (Word& word : AnalyzeText(request.context()).words) {
      const bool known = std::any_of(words.begin(), words.end(),
                                     [&](const Word& w) { return w.text == word.text; });
      if (known) continue;
      word.weight *= kContextShare;
      words.push_back(std::move(word));
    }
  }
  if (words.size() > kMaxQuestionWords) words.resize(kMaxQuestionWords);
  return words;
}

void WeighByRarity(const SearchReply& reply, std::vector<Word>& words) {
  const auto documents = static_cast<double>(reply.documents);
  for (Word& word : words) {
    double holding = documents;
    for (const std::string& term : TermsOf(word)) {
      const auto found = reply.holding.find(term);
      const double of_term = found == reply.holding.end() ? 0 : static_cast<double>(found->second);
      holding = std::min(holding, of_term);
    }
    word.weight *= Rarity(documents, holding);
  }
}

std::vector<Candidate> Judge(const SearchReply& reply, const std::vector<Word>& words) {
  std::vector<Candidate> candidates;
  std::map<std::string, CandidateView> articles;  // title and variants are the same in an article
  for (const SearchHit& hit : reply.hits) {
    auto [found, is_new] = articles.try_emplace(hit.passage.article());
    CandidateView& view = found->second;
    if (is_new) {
      view.title = AnalyzeText(hit.passage.title());
      for (const std::string& question : hit.passage.questions()) {
        view.questions.push_back(AnalyzeText(question));
      }
    }
    view.passage = AnalyzeText(hit.passage.text());
    candidates.push_back({&hit.passage, Confidence(words, view), Coverage(words, view.passage)});
  }
  // The first passage of an article is its short answer: it wins a tie.
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     if (a.confidence != b.confidence) return a.confidence > b.confidence;
                     if (a.passage->article() != b.passage->article()) return false;
                     if (a.passage_coverage != b.passage_coverage)
                       return a.passage_coverage > b.passage_coverage;
                     return a.passage->start_byte() < b.passage->start_byte();
                   });
  return candidates;
}

common::v1::Citation Cite(const IndexedPassage& passage) {
  common::v1::Citation citation;
  citation.set_article_version(passage.article_version());
  citation.set_title(passage.title());
  citation.set_start_byte(passage.start_byte());
  citation.set_end_byte(passage.end_byte());
  citation.set_quote(std::string(TruncateUtf8(passage.text(), kMaxQuoteBytes)));
  return citation;
}

// The passage without its Markdown heading lines.
std::string AnswerText(std::string_view passage) {
  std::string text;
  while (!passage.empty()) {
    const size_t end = std::min(passage.find('\n'), passage.size() - 1) + 1;
    const std::string_view line = passage.substr(0, end);
    passage.remove_prefix(end);
    if (line.front() == '#') continue;
    if (text.empty() && line.find_first_not_of(" \r\n") == std::string_view::npos) continue;
    text.append(line);
  }
  return std::string(TruncateUtf8(text, kMaxAnswerBytes));
}

std::string AnswerId(const std::string& tenant, const v1::AnswerQuestionRequest& request,
                     const v1::Answer& answer) {
  std::string text = fmt::format("{}\n{}\n", tenant, text::MatchKey(request.question()));
  for (const auto& citation : answer.citations()) {
    text += fmt::format("{}@{}-{}\n", citation.article_version(), citation.start_byte(),
                        citation.end_byte());
  }
  return fmt::format("{:016x}{:016x}", Fingerprint64("1" + text), Fingerprint64("2" + text));
}

}  // namespace

absl::StatusOr<v1::Answer> AnswerFrom(const SearchIndex& index, const std::string& tenant,
                                      const v1::AnswerQuestionRequest& request, int threshold_bps) {
  v1::Answer answer;
  answer.set_threshold_bps(threshold_bps);
  answer.set_locale(SearchLocale(request.locale(), request.question()));
  std::vector<Word> words = QuestionWords(request);
  if (!words.empty()) {
    FD_ASSIGN_OR_RETURN(const SearchReply reply, index.Search({.tenant = tenant,
                                                               .locale = answer.locale(),
                                                               .tag = {},
                                                               .terms = QueryTerms(words),
                                                               .limit = kCandidates}));
    const double substance = std::min(1.0, TotalWeight(words) / kShortQuestionWeight);
    WeighByRarity(reply, words);
    const std::vector<Candidate> candidates = Judge(reply, words);
    if (!candidates.empty()) {
      const Candidate& best = candidates.front();
      const auto rival = std::find_if(
          candidates.begin(), candidates.end(),
          [&](const Candidate& c) { return c.passage->article() != best.passage->article(); });
      const double next = rival == candidates.end() ? 0 : rival->confidence;
      answer.set_confidence_bps(ConfidenceBps(best.confidence * substance, next * substance));
      answer.set_known(answer.confidence_bps() >= threshold_bps);
      if (answer.known()) answer.set_text(AnswerText(best.passage->text()));
      std::set<std::string> cited;
      for (const Candidate& candidate : candidates) {
        if (answer.citations_size() >= (answer.known() ? 1 : kMaxNearest)) break;
        if (!cited.insert(candidate.passage->article()).second) continue;
        *answer.add_citations() = Cite(*candidate.passage);
      }
    }
  }
  answer.set_answer_id(AnswerId(tenant, request, answer));
  return answer;
}

absl::StatusOr<v1::SearchArticlesResponse> SearchIn(const SearchIndex& index,
                                                    const std::string& tenant,
                                                    const v1::SearchArticlesRequest& request) {
  v1::SearchArticlesResponse response;
  response.set_locale(SearchLocale(request.locale(), request.query()));
  std::vector<Word> words = AnalyzeText(request.query()).words;
  if (words.size() > kMaxQuestionWords) words.resize(kMaxQuestionWords);
  const std::vector<std::string> terms = QueryTerms(words);
  if (terms.empty()) return response;
  const int limit =
      request.page_size() == 0 ? kSearchDefault : std::min(request.page_size(), kSearchMax);
  FD_ASSIGN_OR_RETURN(const SearchReply reply, index.Search({.tenant = tenant,
                                                             .locale = response.locale(),
                                                             .tag = request.tag(),
                                                             .terms = terms,
                                                             .limit = limit,
                                                             .one_per_article = true}));
  for (const SearchHit& hit : reply.hits) {
    v1::SearchResult& result = *response.add_results();
    result.set_article_version(hit.passage.article_version());
    result.set_title(hit.passage.title());
    result.set_snippet(std::string(TruncateUtf8(hit.passage.text(), kMaxSnippetBytes)));
    const double share = hit.score / reply.hits.front().score;
    result.set_score_bps(std::clamp(static_cast<int>(share * 10'000), 1, 10'000));
    *result.mutable_tags() = hit.passage.tags();
  }
  return response;
}

}  // namespace frontdesk::knowledge
