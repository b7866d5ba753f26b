#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace frontdesk::text {

// What of a text a pair is judged by; texts are read up to these, and the rest is left alone. Bounds
// the work of one pair to about a millisecond.
inline constexpr size_t kPairLettersMax = 512;
inline constexpr size_t kPairWordsMax = 256;

// A text taken apart for comparing; made once, however many others it is compared with. Any bytes
// will do. Equal texts give equal parts.
struct PairText {
  std::vector<char32_t> letters;  // of the match key
  // Hashes, each sorted and once: single letters, two in a row, words.
  std::vector<uint64_t> singles;
  std::vector<uint64_t> doubles;
  std::vector<uint64_t> words;
  std::vector<uint64_t> numbers;  // runs of digits
  std::vector<uint64_t> names;    // Latin words and other codes; only where the text is Chinese
  uint32_t questions = 0;         // which kinds of question are asked: why, how, when ...; bits
  int negations = 0;

  explicit PairText(std::string_view text);
};

// How rare a part is among the texts of a training, by hash: seldom parts say more. Without any
// training all parts are alike.
class PartWeights {
 public:
  static constexpr size_t kBuckets = size_t{1} << 15;

  PartWeights() : steps_(kBuckets, kStepsOfOne) {}
  // Of the given texts, and of any that has not been seen the most.
  static PartWeights Of(absl::Span<const PairText* const> texts);

  double Of(uint64_t part) const { return steps_[part % kBuckets] / double{kStepsOfOne}; }
  const std::vector<uint8_t>& steps() const { return steps_; }
  explicit PartWeights(std::vector<uint8_t> steps) : steps_(std::move(steps)) {}

 private:
  static constexpr uint8_t kStepsOfOne = 16;
  std::vector<uint8_t> steps_;  // kBuckets
};

inline constexpr size_t kPairSummaries = 32;
inline constexpr uint32_t kPairHashes = uint32_t{1} << 15;

// |a - b| and a * b number by number, brought to the size of the summaries: twice the vectors'
// length. Kept apart from PairFeatures because a training would need gigabytes for it.
void DenseFeatures(absl::Span<const float> a_vector, absl::Span<const float> b_vector,
                   absl::Span<float> out);

// A pair as numbers; those of (a, b) and of (b, a) are the same.
struct PairFeatures {
  std::array<float, kPairSummaries> summary{};
  std::vector<std::pair<uint32_t, float>> hashed;  // which words they share and which they do not
};

// `a_vector` and `b_vector` have one length and are of unit length; both empty where there is no
// encoder.
PairFeatures FeaturesOf(const PairText& a, const PairText& b, const PartWeights& weights,
                        absl::Span<const float> a_vector, absl::Span<const float> b_vector);

}  // namespace frontdesk::text
