#include "services/knowledge/domain/confidence.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace frontdesk::knowledge {
namespace {

constexpr double kTitleFactor = 0.92;
constexpr double kScatteredFactor = 0.86;
// A variant that says more than the question is a somewhat weaker match.
constexpr double kReverseShare = 0.2;
// "shipment" for "ship": not the word, but its family.
constexpr double kSameFamily = 0.8;
constexpr size_t kFamilyPrefixBytes = 4;
constexpr size_t kHanBytes = 3;
// Below it a rival counts as near.
constexpr double kNear = 0.12;
constexpr double kNearPenalty = 0.4;
constexpr double kNearByMeaning = 0.2;
constexpr double kNearPenaltyByMeaning = 0.8;
// Of the best question or title beside the best passage, in the cosine of an article.
constexpr double kSentenceShare = 0.7;
// A passage alone counts so much less: titles may say nothing of what the passage is about.
constexpr double kPassageAlone = 0.1;
// Of the meaning beside the words.
constexpr double kMeaningShare = 0.75;

bool SameFamily(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return a.size() >= kFamilyPrefixBytes && b.substr(0, a.size()) == a;
}

// Share of the two-character pieces of a longer Chinese word that `folded` holds.
double PieceShare(std::string_view word, const std::string& folded) {
  if (word.size() <= 2 * kHanBytes) return 0;
  int pieces = 0, found = 0;
  for (size_t at = 0; at + 2 * kHanBytes <= word.size(); at += kHanBytes) {
    ++pieces;
    found += folded.find(word.substr(at, 2 * kHanBytes)) != std::string::npos;
  }
  return static_cast<double>(found) / pieces;
}

double OwnHit(const Word& word, const TextView& text) {
  if (word.han) {
    if (text.folded.find(word.text) != std::string::npos) return 1;
    return PieceShare(word.text, text.folded);
  }
  if (text.stems.contains(word.text)) return 1;
  for (const std::string& stem : text.stems) {
    if (SameFamily(word.text, stem)) return kSameFamily;
  }
  return 0;
}

double Hit(const Word& word, const TextView& text) {
  double best = OwnHit(word, text);
  for (const std::vector<Word>& same : word.same) {
    double worst = same.empty() ? 0 : 1;
    for (const Word& other : same) worst = std::min(worst, OwnHit(other, text));
    best = std::max(best, worst);
  }
  return best;
}

double TotalWeight(const std::vector<Word>& words) {
  double total = 0;
  for (const Word& word : words) total += word.weight;
  return total;
}

double ScatteredCoverage(const std::vector<Word>& words, const CandidateView& candidate) {
  const double total = TotalWeight(words);
  if (total <= 0) return 0;
  double covered = 0;
  for (const Word& word : words) {
    double best = std::max(Hit(word, candidate.title), Hit(word, candidate.passage));
    for (const TextView& variant : candidate.questions) best = std::max(best, Hit(word, variant));
    covered += word.weight * best;
  }
  return covered / total;
}

// How well the question and one sentence of the article say the same.
double Likeness(const std::vector<Word>& question, const TextView& question_view,
                const TextView& sentence) {
  const double forward = Coverage(question, sentence);
  if (forward <= 0) return 0;
  const double reverse = Coverage(sentence.words, question_view);
  return forward * (1 - kReverseShare + kReverseShare * reverse);
}

}  // namespace

double Coverage(const std::vector<Word>& words, const TextView& text) {
  const double total = TotalWeight(words);
  if (total <= 0) return 0;
  double covered = 0;
  for (const Word& word : words) covered += word.weight * Hit(word, text);
  return covered / total;
}

double Confidence(const std::vector<Word>& question, const CandidateView& candidate) {
  TextView question_view;
  question_view.words = question;
  for (const Word& word : question) {
    if (word.han) {
      question_view.folded += word.text;
      question_view.folded += ' ';
    } else {
      question_view.stems.insert(word.text);
    }
  }
  double best = kTitleFactor * Likeness(question, question_view, candidate.title);
  for (const TextView& variant : candidate.questions) {
    best = std::max(best, Likeness(question, question_view, variant));
  }
  return std::max(best, kScatteredFactor * ScatteredCoverage(question, candidate));
}

CosineScale ScaleOf(std::string_view locale) {
  if (locale == "zh") return {.unrelated = 0.30, .same = 0.88};
  return {.unrelated = 0.50, .same = 0.92};
}

double Certainty(const Evidence& evidence, const CosineScale& scale) {
  if (!evidence.has_meaning) return evidence.words;
  const double sentence = std::max(evidence.question, evidence.title);
  const double cosine =
      std::max(kSentenceShare * sentence + (1 - kSentenceShare) * evidence.passage,
               evidence.passage - kPassageAlone);
  const double meaning =
      std::clamp((cosine - scale.unrelated) / (scale.same - scale.unrelated), 0.0, 1.0);
  return kMeaningShare * meaning + (1 - kMeaningShare) * evidence.words;
}

int ConfidenceBps(double best, double rival, bool by_meaning) {
  const double near = by_meaning ? kNearByMeaning : kNear;
  const double lead = best - rival;
  const double penalty = lead < near ? (by_meaning ? kNearPenaltyByMeaning : kNearPenalty) *
                                           (near - std::max(0.0, lead))
                                     : 0;
  const double value = std::clamp(best - penalty, 0.0, 1.0);
  return static_cast<int>(std::lround(value * 10'000));
}

double Rarity(double documents, double holding) {
  // The 1 keeps common words of the subject from drowning beside one that was never seen.
  return 1 + std::log1p((documents + 1) / (holding + 0.5));
}

}  // namespace frontdesk::knowledge
