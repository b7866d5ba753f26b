#include "libs/text/similar/pair_trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "libs/base/random.h"

namespace frontdesk::text {
namespace {

constexpr float kStep = 0.05F;
constexpr float kStartOfSquares = 1e-2F;  // so that the first steps are not wild

// One weight vector on its way: AdaGrad with weights held back towards zero.
class Descent {
 public:
  explicit Descent(size_t weights) : weights_(weights), squares_(weights, kStartOfSquares) {}

  void Step(size_t i, float gradient, float l2) {
    gradient += l2 * weights_[i];
    squares_[i] += gradient * gradient;
    weights_[i] -= kStep * gradient / std::sqrt(squares_[i]);
  }
  void StepDense(size_t begin, absl::Span<const float> values, float gradient, float l2) {
    float* const weights = weights_.data() + begin;
    float* const squares = squares_.data() + begin;
    for (size_t i = 0; i < values.size(); ++i) {
      const float g = gradient * values[i] + l2 * weights[i];
      squares[i] += g * g;
      weights[i] -= kStep * g / std::sqrt(squares[i]);
    }
  }
  const std::vector<float>& weights() const { return weights_; }

 private:
  std::vector<float> weights_;
  std::vector<float> squares_;
};

absl::Span<const float> DenseOf(const PairRows& rows, size_t row, std::vector<float>& scratch) {
  if (rows.dimensions == 0) return {};
  scratch.resize(2 * rows.dimensions);
  DenseFeatures(rows.vectors[row].a, rows.vectors[row].b, absl::MakeSpan(scratch));
  return scratch;
}

}  // namespace

void Shuffle(std::vector<uint32_t>& order, RandomSource& random) {
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.Uniform(i)]);
}

double PairLogit(const std::vector<float>& weights, const PairFeatures& features,
                 absl::Span<const float> dense) {
  float sum = weights[0];
  for (size_t i = 0; i < kPairSummaries; ++i) {
    sum += weights[kSummaryBegin + i] * features.summary[i];
  }
  for (const auto& [index, value] : features.hashed) sum += weights[kHashedBegin + index] * value;
  for (size_t i = 0; i < dense.size(); ++i) sum += weights[kDenseBegin + i] * dense[i];
  return sum;
}

double PairLogit(const std::vector<float>& weights, const PairRows& rows, size_t row,
                 std::vector<float>& scratch) {
  return PairLogit(weights, rows.features[row], DenseOf(rows, row, scratch));
}

std::vector<float> SolvePairs(const PairRows& rows, int left_out, const PairSolveOptions& options,
                              const std::function<bool()>& go_on) {
  std::vector<uint32_t> order;
  for (size_t i = 0; i < rows.features.size(); ++i) {
    if (rows.fold[i] != left_out) order.push_back(static_cast<uint32_t>(i));
  }
  Descent descent(kDenseBegin + 2 * rows.dimensions);
  const auto hashed_l2 = static_cast<float>(options.hashed_l2);
  const auto dense_l2 = static_cast<float>(options.dense_l2);
  std::vector<double> sum(kDenseBegin + 2 * rows.dimensions);
  SeededRandom random(options.seed);
  std::vector<float> scratch;
  int averaged = 0;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    Shuffle(order, random);
    for (const uint32_t row : order) {
      const absl::Span<const float> dense =
          options.dense ? DenseOf(rows, row, scratch) : absl::Span<const float>();
      const PairFeatures& features = rows.features[row];
      const double logit = PairLogit(descent.weights(), features, dense);
      const auto gradient = static_cast<float>(1 / (1 + std::exp(-logit)) - rows.same[row]);
      descent.Step(0, gradient, 0);
      for (size_t i = 0; i < kPairSummaries; ++i) {
        if (features.summary[i] != 0) {
          descent.Step(kSummaryBegin + i, gradient * features.summary[i], 0);
        }
      }
      if (options.hashed) {
        for (const auto& [index, value] : features.hashed) {
          descent.Step(kHashedBegin + index, gradient * value, hashed_l2);
        }
      }
      descent.StepDense(kDenseBegin, dense, gradient, dense_l2);
    }
    if (!go_on()) return {};
    if (epoch * 2 < options.epochs) continue;
    averaged++;
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(descent.weights()[i]);
  }
  std::vector<float> mean(sum.size());
  for (size_t i = 0; i < sum.size(); ++i) mean[i] = static_cast<float>(sum[i] / averaged);
  return mean;
}

}  // namespace frontdesk::text
