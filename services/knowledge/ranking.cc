#include "services/knowledge/ranking.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/status_macros.h"
#include "services/knowledge/analyzer.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kMaxQuestionWords = 64;
// Below this total weight a question leans on what was asked before, and its confidence is scaled
// down: "how long?" alone asks for nothing.
constexpr double kShortQuestionWeight = 1.0;
constexpr double kContextShare = 0.5;
// Of the best score by words, in the order of articles that are equally sure.
constexpr double kScoreShare = 0.05;
constexpr double kScoreShareByMeaning = 0.01;
// A passage's cosine beside the share of the words that it holds.
constexpr double kPassageMeaning = 2.0;
// The first passage of an article is its short answer: it wins when others are hardly better.
constexpr double kFirstPassage = 0.02;

double TotalWeight(const std::vector<Word>& words) {
  double weight = 0;
  for (const Word& word : words) weight += word.weight;
  return weight;
}

// The words of the question, and of the context for a short one. Empty: nothing is asked.
std::vector<Word> QuestionWords(const Asked& asked) {
  std::vector<Word> words = AnalyzeText(asked.text).words;
  if (!words.empty() && TotalWeight(words) < kShortQuestionWeight && !asked.context.empty()) {
    for (Word& word : AnalyzeText(asked.context).words) {
      const bool known = std::any_of(words.begin(), words.end(),
                                     [&](const Word& w) { return w.text == word.text; });
      if (known) continue;
      word.weight *= kContextShare;
      words.push_back(std::move(word));
    }
  }
  if (words.size() > kMaxQuestionWords) words.resize(kMaxQuestionWords);
  if (asked.synonyms != nullptr) asked.synonyms->Extend(words);
  return words;
}

double Holding(const SearchReply& reply, const Word& word) {
  auto holding = static_cast<double>(reply.documents);
  for (const std::string& term : TermsOf(word)) {
    const auto found = reply.holding.find(term);
    holding =
        std::min(holding, found == reply.holding.end() ? 0 : static_cast<double>(found->second));
  }
  return holding;
}

void WeighByRarity(const SearchReply& reply, Ranking& ranking) {
  for (Word& word : ranking.words) {
    double holding = Holding(reply, word);
    for (const std::vector<Word>& same : word.same) {
      double worst = same.empty() ? 0 : static_cast<double>(reply.documents);
      for (const Word& other : same) worst = std::min(worst, Holding(reply, other));
      holding = std::max(holding, worst);
    }
    if (holding == 0 && reply.documents > 0) ranking.unseen.push_back(word.text);
    word.weight *= Rarity(static_cast<double>(reply.documents), holding);
  }
}

// An article of the reply while its hits are gone through.
struct Candidate {
  CandidateView view;  // of title and questions; the passage changes
  Ranked ranked;
  double bm25 = 0;
  double passage_fit = -1;
};

void Judge(const SearchHit& hit, const std::vector<Word>& words, const Heads& heads,
           Candidate& candidate) {
  candidate.view.passage = AnalyzeHeld(hit.passage.text(), heads);
  Evidence& evidence = candidate.ranked.evidence;
  evidence.words = std::max(evidence.words, Confidence(words, candidate.view));
  candidate.bm25 = std::max(candidate.bm25, hit.score);
  double fit = Coverage(words, candidate.view.passage);
  if (hit.cosines.has_value()) {
    evidence.has_meaning = true;
    evidence.title = hit.cosines->title;
    evidence.question = hit.cosines->question;
    evidence.passage = std::max<double>(evidence.passage, hit.cosines->passage);
    candidate.ranked.best_question = hit.cosines->best_question;
    fit += kPassageMeaning * hit.cosines->passage;
  }
  if (hit.passage.start_byte() == 0) fit += kFirstPassage;
  if (fit > candidate.passage_fit ||
      (fit == candidate.passage_fit &&
       hit.passage.start_byte() < candidate.ranked.passage.start_byte())) {
    candidate.passage_fit = fit;
    candidate.ranked.passage = hit.passage;
  }
}

// By words, where meaning did not say it.
int BestQuestion(const std::vector<Word>& words, const CandidateView& view) {
  int best = -1;
  double best_coverage = 0;
  for (size_t i = 0; i < view.questions.size(); ++i) {
    const double coverage = Coverage(words, view.questions[i]);
    if (coverage <= best_coverage) continue;
    best = static_cast<int>(i);
    best_coverage = coverage;
  }
  return best;
}

std::vector<Ranked> Order(const SearchReply& reply, const Asked& asked,
                          const std::vector<Word>& words) {
  std::vector<Candidate> candidates;
  std::map<std::string, size_t> places;
  const Heads heads = HeadsOf(words);
  for (const SearchHit& hit : reply.hits) {
    const auto [found, is_new] = places.try_emplace(hit.passage.article(), candidates.size());
    if (is_new) {
      CandidateView& view = candidates.emplace_back().view;
      view.title = AnalyzeText(hit.passage.title());
      const auto& questions = hit.passage.questions();
      const int nearest = hit.cosines.has_value() ? hit.cosines->best_question : -1;
      if (nearest >= 0 && nearest < questions.size()) {
        // The words of the others hardly change what is known, and cost as much as the scan.
        view.questions.push_back(AnalyzeText(questions[nearest]));
      } else {
        for (const std::string& question : questions) {
          view.questions.push_back(AnalyzeText(question));
        }
      }
    }
    Judge(hit, words, heads, candidates[found->second]);
  }
  const double best_bm25 = reply.hits.empty() ? 0 : reply.hits.front().score;
  const CosineScale scale = ScaleOf(asked.locale);
  std::vector<Ranked> articles;
  for (Candidate& candidate : candidates) {
    Ranked& ranked = articles.emplace_back(std::move(candidate.ranked));
    ranked.certainty = Certainty(ranked.evidence, scale);
    const double share = best_bm25 > 0 ? candidate.bm25 / best_bm25 : 0;
    ranked.score = ranked.certainty +
                   (ranked.evidence.has_meaning ? kScoreShareByMeaning : kScoreShare) * share;
    if (ranked.best_question < 0) ranked.best_question = BestQuestion(words, candidate.view);
  }
  std::stable_sort(articles.begin(), articles.end(),
                   [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
  return articles;
}

}  // namespace

bool StandsAlone(std::string_view question) {
  return TotalWeight(AnalyzeText(question).words) >= kShortQuestionWeight;
}

absl::StatusOr<Ranking> Rank(const SearchIndex& index, const Asked& asked) {
  Ranking ranking;
  ranking.words = QuestionWords(asked);
  if (ranking.words.empty()) return ranking;
  ranking.substance = std::min(1.0, TotalWeight(ranking.words) / kShortQuestionWeight);
  std::vector<Word> wanted = ranking.words;
  for (const Word& word : ranking.words) {
    for (const std::vector<Word>& same : word.same) {
      wanted.insert(wanted.end(), same.begin(), same.end());
    }
  }
  FD_ASSIGN_OR_RETURN(SearchReply reply, index.Search({.tenant = asked.tenant,
                                                       .locale = asked.locale,
                                                       .filter = asked.filter,
                                                       .terms = QueryTerms(wanted),
                                                       .vector = asked.vector,
                                                       .limit = asked.candidates,
                                                       .one_per_article = asked.one_per_article,
                                                       .with_facets = asked.with_facets}));
  WeighByRarity(reply, ranking);
  ranking.articles = Order(reply, asked, ranking.words);
  ranking.facets = std::move(reply.facets);
  return ranking;
}

}  // namespace frontdesk::knowledge
