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
  SentenceFit sentences;
  Ranked ranked;
  double bm25 = 0;
  double passage_fit = -1;
};

// Looks at all words of the sentence only where they can count.
void Compare(SentenceKind kind, const std::string& text, int number, const Question& question,
             const Heads& heads, SentenceFit& fit) {
  const Hits hits = HitsIn(AnalyzeHeld(text, heads), question);
  const double coverage = Coverage(question, hits);
  if (coverage <= 0) return;
  fit.hits.resize(hits.size());
  for (size_t i = 0; i < hits.size(); ++i) fit.hits[i] = std::max(fit.hits[i], hits[i]);
  if (kind == SentenceKind::kQuestion && coverage > fit.best_coverage) {
    fit.best_coverage = coverage;
    fit.best_question = number;
  }
  if (LikenessAtMost(kind, coverage) <= fit.likeness) return;
  fit.likeness =
      std::max(fit.likeness, Likeness(kind, question, coverage, AnalyzeText(text).words));
}

SentenceFit CompareSentences(const SearchHit& hit, const Question& question, const Heads& heads) {
  SentenceFit fit;
  const auto& questions = hit.passage.questions();
  const int nearest = hit.cosines.has_value() ? hit.cosines->best_question : -1;
  // The words of others than the nearest hardly change what is known, and cost as much as the scan.
  const bool one = nearest >= 0 && nearest < questions.size();
  for (int i = one ? nearest : 0; i < (one ? nearest + 1 : questions.size()); ++i) {
    Compare(SentenceKind::kQuestion, questions[i], i, question, heads, fit);
  }
  Compare(SentenceKind::kTitle, hit.passage.title(), -1, question, heads, fit);
  return fit;
}

void Judge(SearchHit& hit, const Question& question, const Heads& heads, Candidate& candidate) {
  const Hits passage = HitsIn(AnalyzeHeld(hit.passage.text(), heads), question);
  Evidence& evidence = candidate.ranked.evidence;
  evidence.words = std::max(evidence.words, Confidence(question, candidate.sentences, passage));
  candidate.bm25 = std::max(candidate.bm25, hit.score);
  double fit = Coverage(question, passage);
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
    candidate.ranked.passage = std::move(hit.passage);
  }
}

// Takes the passages out of the reply.
std::vector<Ranked> Order(SearchReply& reply, const Asked& asked, const std::vector<Word>& words) {
  std::vector<Candidate> candidates;
  std::map<std::string, size_t> places;
  const Question question(words);
  const Heads heads = HeadsOf(words);
  for (SearchHit& hit : reply.hits) {
    const auto [found, is_new] = places.try_emplace(hit.passage.article(), candidates.size());
    if (is_new) candidates.emplace_back().sentences = CompareSentences(hit, question, heads);
    Judge(hit, question, heads, candidates[found->second]);
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
    if (ranked.best_question < 0) ranked.best_question = candidate.sentences.best_question;
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
