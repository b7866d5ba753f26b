#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "libs/base/random.h"
#include "libs/text/similar/pair_features.h"
#include "libs/text/similar/pair_model.h"

namespace frontdesk::text {

// Weights of a pair model: the constant, kPairSummaries, kPairHashes, and twice the vectors' length.
inline constexpr size_t kSummaryBegin = 1;
inline constexpr size_t kHashedBegin = kSummaryBegin + kPairSummaries;
inline constexpr size_t kDenseBegin = kHashedBegin + kPairHashes;

// Pairs as numbers, what a solver sees. Refers to the vectors it was made from.
struct PairRows {
  std::vector<PairFeatures> features;
  std::vector<uint8_t> same;
  std::vector<uint8_t> fold;
  absl::Span<const PairVectors> vectors;
  size_t dimensions = 0;
};

struct PairSolveOptions {
  bool hashed = true;
  bool dense = true;
  double hashed_l2 = 0.1;  // how strongly weights are held back
  double dense_l2 = 0.003;
  int epochs = 8;
  uint64_t seed = 1;
};

inline constexpr int kNoFold = -1;

void Shuffle(std::vector<uint32_t>& order, RandomSource& random);

// Logistic regression over all rows but those of one fold, by stochastic gradients with a step of
// its own for each weight; the weights of the second half of the way are averaged. Deterministic.
// An empty result: `go_on` said no.
std::vector<float> SolvePairs(const PairRows& rows, int left_out, const PairSolveOptions& options,
                              const std::function<bool()>& go_on);

// The logit before calibration.
double PairLogit(const std::vector<float>& weights, const PairFeatures& features,
                 absl::Span<const float> dense);
// `scratch` is for the dense features.
double PairLogit(const std::vector<float>& weights, const PairRows& rows, size_t row,
                 std::vector<float>& scratch);

}  // namespace frontdesk::text
