#include "libs/text/classify/linear.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "libs/base/random.h"
#include "libs/text/classify/lanes.h"
#include "libs/text/classify/vector_math.h"

namespace frontdesk::text {
namespace {

float SparseDot(absl::Span<const uint32_t> index, absl::Span<const float> value,
                const float* weights) {
  // Four sums, as additions wait for one another.
  float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  size_t i = 0;
  for (; i + 4 <= index.size(); i += 4) {
    s0 += value[i] * weights[index[i]];
    s1 += value[i + 1] * weights[index[i + 1]];
    s2 += value[i + 2] * weights[index[i + 2]];
    s3 += value[i + 3] * weights[index[i + 3]];
  }
  for (; i < index.size(); ++i) s0 += value[i] * weights[index[i]];
  return (s0 + s1) + (s2 + s3);
}

float Square(absl::Span<const float> values) {
  return Dot(values.data(), values.data(), values.size());
}

// Steps too small to matter are not made, and points that barely want to move are not looked at for
// some epochs: most of the work otherwise. In parts of the precision that is asked for.
constexpr double kStill = 0.05;
constexpr double kCalm = 0.5;
constexpr uint8_t kRest = 2;

// One run of the descent for up to L classes. The weights are those of scaled rows until the end.
template <size_t L>
class Descent {
 public:
  Descent(const Rows& rows, absl::Span<const uint32_t> subset, absl::Span<const int> classes,
          int first, int count, const SolveOptions& options, std::vector<float> pull)
      : rows_(rows),
        subset_(subset),
        options_(options),
        count_(static_cast<size_t>(count)),
        diagonal_(static_cast<float>(0.5 / options.c)),
        loops_(LoopsFor(L)),
        random_(options.seed),
        weights_(rows.weights() * L, 0.0f),
        alpha_(std::move(pull)) {
    squares_.reserve(subset.size());
    own_.reserve(subset.size());
    const float sparse = options.scale.sparse * options.scale.sparse;
    const float dense = options.scale.dense * options.scale.dense;
    for (uint32_t row : subset) {
      squares_.push_back(diagonal_ + sparse * Square(rows.value(row)) +
                         dense * Square(rows.dense(row)) + 1.0f);
      own_.push_back(classes[row] - first);
    }
    resting_.assign(subset.size(), 0);
    order_.resize(subset.size());
    std::iota(order_.begin(), order_.end(), 0u);
    alpha_.resize(subset.size() * L, 0.0f);
    for (uint32_t point = 0; point < subset.size(); ++point) Begin(point);
  }

  void Run() {
    for (int epoch = 0; epoch < options_.epochs_max; ++epoch) {
      lowest_ = highest_ = 0.0f;
      for (size_t i = order_.size(); i > 1; --i) {
        std::swap(order_[i - 1], order_[random_.Next64() % i]);
      }
      for (const uint32_t point : order_) {
        if (resting_[point] > 0) {
          --resting_[point];
        } else {
          Visit(point);
        }
      }
      if (static_cast<double>(highest_ - lowest_) <= options_.epsilon) break;
    }
  }

  std::vector<float> TakePull() { return std::move(alpha_); }

  std::vector<float> ScoresOf(absl::Span<const uint32_t> asked) const {
    std::vector<float> scores(asked.size() * L);
    for (size_t i = 0; i < asked.size(); ++i) SumUp(asked[i], scores.data() + i * L);
    return scores;
  }

  std::vector<std::vector<float>> Unscaled() const {
    std::vector<std::vector<float>> out(count_, std::vector<float>(rows_.weights()));
    const size_t sparse = rows_.sparse_weights();
    for (size_t i = 0; i < rows_.weights(); ++i) {
      const float scale = i < sparse                ? options_.scale.sparse
                          : i + 1 < rows_.weights() ? options_.scale.dense
                                                    : 1.0f;
      for (size_t lane = 0; lane < count_; ++lane) out[lane][i] = scale * weights_[i * L + lane];
    }
    return out;
  }

 private:
  // The weights that a point's pull stands for.
  void Begin(uint32_t point) {
    float steps[L] = {};
    bool any = false;
    for (size_t lane = 0; lane < count_; ++lane) {
      const float alpha = alpha_[point * L + lane];
      steps[lane] = own_[point] == static_cast<int>(lane) ? alpha : -alpha;
      any = any || alpha != 0.0f;
    }
    if (any) Move(subset_[point], steps);
  }

  void Visit(uint32_t point) {
    const auto still = static_cast<float>(options_.epsilon * kStill);
    const auto calm = static_cast<float>(options_.epsilon * kCalm);
    float sums[L];
    SumUp(subset_[point], sums);
    float* alpha = alpha_.data() + point * L;
    float steps[L] = {};
    float strongest = 0.0f;
    for (size_t lane = 0; lane < count_; ++lane) {
      const float sign = own_[point] == static_cast<int>(lane) ? 1.0f : -1.0f;
      const float gradient = sign * sums[lane] - 1.0f + alpha[lane] * diagonal_;
      const float projected = alpha[lane] > 0.0f ? gradient : std::min(gradient, 0.0f);
      lowest_ = std::min(lowest_, projected);
      highest_ = std::max(highest_, projected);
      strongest = std::max(strongest, std::abs(projected));
      if (std::abs(projected) < still) continue;
      const float after = std::max(alpha[lane] - gradient / squares_[point], 0.0f);
      steps[lane] = (after - alpha[lane]) * sign;
      alpha[lane] = after;
    }
    if (strongest >= still) Move(subset_[point], steps);
    if (strongest < calm) resting_[point] = kRest;
  }

  void SumUp(uint32_t row, float* sums) const {
    const absl::Span<const uint32_t> index = rows_.index(row);
    const float* constant = weights_.data() + (rows_.weights() - 1) * L;
    float sparse[L] = {};
    float dense[L] = {};
    if (options_.scale.sparse != 0.0f) {
      loops_.sum_sparse(index.data(), rows_.value(row).data(), index.size(), weights_.data(),
                        sparse);
    }
    const absl::Span<const float> vector = rows_.dense(row);
    if (!vector.empty() && options_.scale.dense != 0.0f) {
      loops_.sum_dense(vector.data(), vector.size(), Block(row), dense);
    }
    for (size_t lane = 0; lane < L; ++lane) {
      sums[lane] = options_.scale.sparse * sparse[lane] + options_.scale.dense * dense[lane] +
                   constant[lane];
    }
  }

  void Move(uint32_t row, const float* steps) {
    float scaled[L];
    if (options_.scale.sparse != 0.0f) {
      for (size_t lane = 0; lane < L; ++lane) scaled[lane] = options_.scale.sparse * steps[lane];
      const absl::Span<const uint32_t> index = rows_.index(row);
      loops_.add_sparse(index.data(), rows_.value(row).data(), index.size(), scaled,
                        weights_.data());
    }
    const absl::Span<const float> vector = rows_.dense(row);
    if (!vector.empty() && options_.scale.dense != 0.0f) {
      for (size_t lane = 0; lane < L; ++lane) scaled[lane] = options_.scale.dense * steps[lane];
      loops_.add_dense(vector.data(), vector.size(), scaled, const_cast<float*>(Block(row)));
    }
    float* constant = weights_.data() + (rows_.weights() - 1) * L;
    for (size_t lane = 0; lane < L; ++lane) constant[lane] += steps[lane];
  }

  const float* Block(uint32_t row) const {
    return weights_.data() + rows_.block_begin(rows_.block(row)) * L;
  }

  const Rows& rows_;
  const absl::Span<const uint32_t> subset_;
  const SolveOptions& options_;
  const size_t count_;
  const float diagonal_;
  const LaneLoops& loops_;
  SeededRandom random_;
  std::vector<float> weights_;  // L of each feature
  std::vector<float> alpha_;    // L of each point
  std::vector<float> squares_;
  std::vector<int> own_;  // the lane of a point's class; none of ours when outside of 0 … L - 1
  std::vector<uint8_t> resting_;  // epochs for which a point is left alone
  std::vector<uint32_t> order_;
  float lowest_ = 0.0f;  // projected gradients of the epoch
  float highest_ = 0.0f;
};

}  // namespace

Rows::Rows(uint32_t sparse, std::vector<uint32_t> blocks)
    : sparse_(sparse), blocks_(std::move(blocks)), weights_(sparse) {
  for (uint32_t length : blocks_) {
    block_begins_.push_back(weights_);
    weights_ += length;
  }
  ++weights_;
}

void Rows::Add(const SparseRow& row, int block, absl::Span<const float> dense) {
  index_.insert(index_.end(), row.index.begin(), row.index.end());
  value_.insert(value_.end(), row.value.begin(), row.value.end());
  ends_.push_back(index_.size());
  dense_.push_back({dense_values_.size(), block});
  dense_values_.insert(dense_values_.end(), dense.begin(), dense.end());
}

absl::Span<const float> Rows::dense(size_t row) const {
  if (dense_[row].block == kNoBlock) return {};
  return {dense_values_.data() + dense_[row].begin,
          blocks_[static_cast<size_t>(dense_[row].block)]};
}

absl::Span<const uint32_t> Rows::index(size_t row) const {
  const size_t begin = row == 0 ? 0 : ends_[row - 1];
  return {index_.data() + begin, ends_[row] - begin};
}

absl::Span<const float> Rows::value(size_t row) const {
  const size_t begin = row == 0 ? 0 : ends_[row - 1];
  return {value_.data() + begin, ends_[row] - begin};
}

namespace {

// Runs the descent for `count` classes and gives what `read` makes of it.
template <typename Read>
auto Descend(const Rows& rows, absl::Span<const uint32_t> subset, absl::Span<const int> classes,
             int first, int count, const SolveOptions& options, std::vector<float>* pull,
             const Read& read) {
  const auto run = [&](auto descent) {
    descent.Run();
    if (pull != nullptr) *pull = descent.TakePull();
    return read(descent);
  };
  std::vector<float> begin = pull != nullptr ? std::move(*pull) : std::vector<float>();
  if (count == 1) {
    return run(Descent<1>(rows, subset, classes, first, count, options, std::move(begin)));
  }
  return run(Descent<kLanes>(rows, subset, classes, first, count, options, std::move(begin)));
}

}  // namespace

std::vector<std::vector<float>> Solve(const Rows& rows, absl::Span<const uint32_t> subset,
                                      absl::Span<const int> classes, int first, int count,
                                      const SolveOptions& options, std::vector<float>* pull) {
  return Descend(rows, subset, classes, first, count, options, pull,
                 [](const auto& descent) { return descent.Unscaled(); });
}

std::vector<float> SolveAndScore(const Rows& rows, absl::Span<const uint32_t> subset,
                                 absl::Span<const int> classes, int first, int count,
                                 const SolveOptions& options, absl::Span<const uint32_t> asked,
                                 std::vector<float>* pull) {
  return Descend(rows, subset, classes, first, count, options, pull,
                 [asked](const auto& descent) { return descent.ScoresOf(asked); });
}

size_t LanesOf(int count) { return count == 1 ? 1 : kLanes; }

float Score(const Rows& rows, size_t row, absl::Span<const float> weights) {
  float sum = SparseDot(rows.index(row), rows.value(row), weights.data());
  const absl::Span<const float> dense = rows.dense(row);
  if (!dense.empty()) {
    sum += Dot(dense.data(), weights.data() + rows.block_begin(rows.block(row)), dense.size());
  }
  return sum + weights.back();
}

}  // namespace frontdesk::text
