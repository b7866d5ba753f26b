#include "libs/text/sentiment/lexicon_model.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/text/normalize.h"
#include "libs/text/sentiment/word_lists.h"

namespace frontdesk::text {
namespace {

constexpr size_t kNegationReachBytes = 36;  // Han characters have three
constexpr int kNegationReachWords = 3;      // of Latin script
constexpr double kNegatedGood = -0.8;
constexpr double kNegatedBad = -0.4;
constexpr double kAfterContrast = 1.5;
constexpr double kBeforeContrast = 0.6;
constexpr double kExclamation = 0.15;  // each, up to three
constexpr double kSpread = 1.5;
constexpr double kSurpriseWeight = 0.6;  // surprise has no polarity to weigh it by
constexpr double kNeutralWeight = 0.45;
constexpr double kUnnamedAnger = 0.35;  // share of facts without an emotion that sound angry
constexpr double kUnnamedSadness = 0.2;

using Token = Lexicon::Token;
using Kind = Lexicon::Kind;

// Walks over the tokens and keeps what a clause remembers.
class Reading {
 public:
  explicit Reading(std::string_view key) : key_(key) {}

  void Read(const Token& token) {
    switch (token.type) {
      case Token::Type::kWord:
        boost_ = 1;
        if (token.end - token.begin > 1 && (key_[token.begin] & 0x80) == 0) words_++;
        return;
      case Token::Type::kPause:
        EndClause();
        return;
      case Token::Type::kExclamation:
        exclamations_++;
        EndClause();
        return;
      case Token::Type::kEnd:
        EndSentence();
        return;
      case Token::Type::kEntry:
        ReadEntry(token, *token.entry);
        return;
    }
  }

  std::vector<FeelingWord> Finish() {
    EndSentence();
    return std::move(words_found_);
  }

 private:
  void ReadEntry(const Token& token, const Lexicon::Entry& entry) {
    // What follows an exclamation mark is a new sentence.
    if (exclamations_ > 0) EndSentence();
    switch (entry.kind) {
      case Kind::kNegation:
        // Two in a row are none: "不是不好".
        negated_ = !(negated_ && token.begin == negation_end_);
        negation_begin_ = token.begin;
        negation_end_ = token.end;
        words_ = 0;
        return;
      case Kind::kBoost:
        boost_ *= entry.value;
        return;
      case Kind::kContrast:
        for (size_t i = sentence_; i < words_found_.size(); ++i) {
          words_found_[i].value *= kBeforeContrast;
        }
        weight_ = kAfterContrast;
        EndClause();
        return;
      case Kind::kPlain:
        boost_ = 1;
        return;
      case Kind::kFeeling:
        break;
    }
    FeelingWord word{std::string(key_.substr(token.begin, token.end - token.begin)),
                     entry.value * std::min(boost_, 2.25) * weight_, entry.emotion};
    // A surprise is one with or without "not".
    if (entry.emotion == Emotion::kSurprise && entry.value == 0) word.value = 0;
    const bool near =
        words_ < kNegationReachWords && token.begin - negation_end_ <= kNegationReachBytes;
    if (negated_ && near) {
      word.value *= word.value > 0 ? kNegatedGood : kNegatedBad;
      word.emotion = Emotion::kNeutral;
      word.text = std::string(key_.substr(negation_begin_, token.end - negation_begin_));
      negated_ = false;
    }
    boost_ = 1;
    words_found_.push_back(std::move(word));
  }

  void EndClause() {
    negated_ = false;
    boost_ = 1;
    words_ = 0;
  }

  void EndSentence() {
    const double factor = 1 + kExclamation * std::min(exclamations_, 3);
    for (size_t i = sentence_; i < words_found_.size(); ++i) words_found_[i].value *= factor;
    sentence_ = words_found_.size();
    exclamations_ = 0;
    weight_ = 1;
    EndClause();
  }

  std::string_view key_;
  std::vector<FeelingWord> words_found_;
  size_t sentence_ = 0;  // first word of this sentence
  bool negated_ = false;
  size_t negation_begin_ = 0;
  size_t negation_end_ = 0;
  int words_ = 0;  // since the negation
  double boost_ = 1;
  double weight_ = 1;
  int exclamations_ = 0;
};

void AddEmotion(const FeelingWord& word, std::array<double, kEmotions>& sums) {
  const double strength = std::abs(word.value);
  const auto add = [&sums](Emotion emotion, double weight) {
    sums[static_cast<size_t>(emotion)] += weight;
  };
  if (word.emotion == Emotion::kSurprise) {
    add(Emotion::kSurprise, kSurpriseWeight + strength);
  } else if (word.emotion != Emotion::kNeutral) {
    add(word.emotion, strength);
  } else if (word.value < 0) {
    add(Emotion::kAnger, strength * kUnnamedAnger);
    add(Emotion::kSadness, strength * kUnnamedSadness);
  } else {
    add(Emotion::kJoy, strength * kUnnamedAnger);
  }
}

}  // namespace

absl::StatusOr<LexiconModel> LexiconModel::Default() {
  FD_ASSIGN_OR_RETURN(Lexicon lexicon,
                      Lexicon::Parse({kEnglishWordList, kChineseWordList, kSignWordList}));
  return LexiconModel(std::move(lexicon));
}

LexiconModel::LexiconModel(Lexicon lexicon) : lexicon_(std::move(lexicon)) {}

Feeling LexiconModel::Feel(std::string_view text) const {
  Feeling feeling;
  feeling.polarity_model = "lexicon";
  feeling.emotion_model = "lexicon";
  const std::string key = MatchKey(text);
  Reading reading(key);
  for (const Token& token : lexicon_.Scan(key)) reading.Read(token);
  feeling.words = reading.Finish();

  double sum = 0;
  std::array<double, kEmotions> emotions{kNeutralWeight};
  for (const FeelingWord& word : feeling.words) {
    sum += word.value;
    AddEmotion(word, emotions);
  }
  feeling.score = sum / std::sqrt(sum * sum + kSpread);
  feeling.polarity = feeling.score >= kPolarScoreMin    ? Polarity::kPositive
                     : feeling.score <= -kPolarScoreMin ? Polarity::kNegative
                                                        : Polarity::kNeutral;
  double total = 0;
  for (const double weight : emotions) total += weight;
  size_t best = 0;
  for (size_t i = 0; i < kEmotions; ++i) {
    feeling.emotions[i] = emotions[i] / total;
    if (emotions[i] > emotions[best]) best = i;
  }
  feeling.emotion = static_cast<Emotion>(best);
  if (feeling.words.size() > kFeelingWordsMax) feeling.words.resize(kFeelingWordsMax);
  return feeling;
}

}  // namespace frontdesk::text
