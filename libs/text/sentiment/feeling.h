#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frontdesk::text {

enum class Polarity { kNegative, kNeutral, kPositive };

// What the suite tells apart. Data with other labels are mapped to these before training.
enum class Emotion { kNeutral, kJoy, kAnger, kSadness, kFear, kSurprise };
inline constexpr size_t kEmotions = 6;

// "negative", "neutral", "positive"; "neutral", "joy", "anger", "sadness", "fear", "surprise". The
// same words are the labels of training data.
std::string_view NameOf(Polarity polarity);
std::string_view NameOf(Emotion emotion);
std::optional<Polarity> PolarityOf(std::string_view name);
std::optional<Emotion> EmotionOf(std::string_view name);

// A word or sign that counted.
struct FeelingWord {
  std::string text;  // as in the match key
  double value = 0;  // after negation, strengthening and contrast
  Emotion emotion = Emotion::kNeutral;
};

// What a text says about how its writer feels.
struct Feeling {
  double score = 0;  // -1 wholly negative, 1 wholly positive
  Polarity polarity = Polarity::kNeutral;
  std::array<double, kEmotions> emotions{1, 0, 0, 0, 0, 0};  // by Emotion; sum 1
  Emotion emotion = Emotion::kNeutral;                       // the likeliest
  std::vector<FeelingWord> words;  // from the lexicon, in order, at most kFeelingWordsMax
  std::string polarity_model;      // "lexicon", or the name of the trained model
  std::string emotion_model;
};

inline constexpr size_t kFeelingWordsMax = 100;

}  // namespace frontdesk::text
