#include "services/knowledge/domain/confidence.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "libs/base/find_text.h"

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

// Share of the two-character pieces of a longer Chinese word that `folded` holds.
double PieceShare(std::string_view word, const std::string& folded) {
  if (word.size() <= 2 * kHanBytes) return 0;
  int pieces = 0, found = 0;
  for (size_t at = 0; at + 2 * kHanBytes <= word.size(); at += kHanBytes) {
    ++pieces;
    found += FindText(folded, word.substr(at, 2 * kHanBytes)) != std::string::npos;
  }
  return static_cast<double>(found) / pieces;
}

// A stem of the same family: one of both is the other's beginning.
bool HoldsFamily(std::string_view word, const std::set<std::string>& stems) {
  if (word.size() < kFamilyPrefixBytes) return false;
  const std::string prefix(word.substr(0, kFamilyPrefixBytes));
  for (auto stem = stems.lower_bound(prefix); stem != stems.end() && stem->starts_with(prefix);
       ++stem) {
    if (stem->starts_with(word) || word.starts_with(*stem)) return true;
  }
  return false;
}

double OwnHit(const Word& word, const TextView& text) {
  if (word.han) {
    if (FindText(text.folded, word.text) != std::string::npos) return 1;
    return PieceShare(word.text, text.folded);
  }
  if (text.stems.contains(word.text)) return 1;
  return HoldsFamily(word.text, text.stems) ? kSameFamily : 0;
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

double KindFactor(SentenceKind kind) { return kind == SentenceKind::kTitle ? kTitleFactor : 1; }

}  // namespace

Question::Question(std::vector<Word> asked) : words(std::move(asked)) {
  for (const Word& word : words) {
    weight += word.weight;
    if (word.han) {
      view.folded += word.text;
      view.folded += ' ';
    } else {
      view.stems.insert(word.text);
    }
  }
}

Hits HitsIn(const TextView& text, const Question& question) {
  Hits hits;
  hits.reserve(question.words.size());
  for (const Word& word : question.words) hits.push_back(Hit(word, text));
  return hits;
}

double Coverage(const Question& question, const Hits& hits) {
  if (question.weight <= 0) return 0;
  double covered = 0;
  for (size_t i = 0; i < hits.size(); ++i) covered += question.words[i].weight * hits[i];
  return covered / question.weight;
}

double LikenessAtMost(SentenceKind kind, double coverage) { return KindFactor(kind) * coverage; }

double Likeness(SentenceKind kind, const Question& question, double coverage,
                const std::vector<Word>& words) {
  double weight = 0, asked = 0;
  for (const Word& word : words) {
    weight += word.weight;
    asked += word.weight * Hit(word, question.view);
  }
  const double reverse = weight > 0 ? asked / weight : 0;
  return LikenessAtMost(kind, coverage) * (1 - kReverseShare + kReverseShare * reverse);
}

double Confidence(const Question& question, const SentenceFit& sentences, const Hits& passage) {
  Hits scattered = passage;
  for (size_t i = 0; i < scattered.size() && i < sentences.hits.size(); ++i) {
    scattered[i] = std::max(scattered[i], sentences.hits[i]);
  }
  return std::max(sentences.likeness, kScatteredFactor * Coverage(question, scattered));
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
