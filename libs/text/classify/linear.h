#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/text/classify/vocabulary.h"

namespace frontdesk::text {

// Examples as numbers: a sparse row each, and at most one dense vector, which stands in one of
// several blocks (one an encoder). Filled by one thread, then read by many.
class Rows {
 public:
  static constexpr int kNoBlock = -1;

  Rows() = default;
  // `sparse` features, and the lengths of the dense blocks.
  Rows(uint32_t sparse, std::vector<uint32_t> blocks);

  // `dense` has the block's length; empty with kNoBlock.
  void Add(const SparseRow& row, int block, absl::Span<const float> dense);

  size_t size() const { return ends_.size(); }
  // Of a weight vector: sparse features, the blocks, and one for the constant.
  size_t weights() const { return weights_; }
  size_t sparse_weights() const { return sparse_; }
  size_t block_begin(int block) const { return block_begins_[static_cast<size_t>(block)]; }

  int block(size_t row) const { return dense_[row].block; }
  absl::Span<const float> dense(size_t row) const;
  absl::Span<const uint32_t> index(size_t row) const;
  absl::Span<const float> value(size_t row) const;

 private:
  struct Dense {
    size_t begin;
    int block;
  };
  uint32_t sparse_ = 0;
  std::vector<uint32_t> blocks_;
  std::vector<size_t> block_begins_;
  size_t weights_ = 1;
  std::vector<size_t> ends_;
  std::vector<uint32_t> index_;
  std::vector<float> value_;
  std::vector<Dense> dense_;
  std::vector<float> dense_values_;
};

// By what the two parts of a row are multiplied before a weight is learnt.
struct PartScale {
  float sparse = 1.0f;
  float dense = 1.0f;

  bool operator==(const PartScale&) const = default;
};

struct SolveOptions {
  PartScale scale;
  double c = 1.0;        // what a mistake costs
  double epsilon = 0.1;  // how far from the optimum is near enough, as LIBLINEAR counts it
  int epochs_max = 60;
  uint64_t seed = 1;
};

// Support vector machines with squared hinge loss, each telling one class from all the others, by
// dual coordinate descent: the problem and the method of LIBLINEAR's solver 1, for kLanes classes at
// a time. Not LIBLINEAR itself, because that takes one class after the other through rows of 16
// bytes a number and its order from the process-wide rand(), so that two trainings at once would
// not be reproducible. linear_test.cc holds the two against each other.
//
// `subset` names the rows to learn from and `classes` the class of every row (not only of the
// subset); rows of no class in question count against all. Learns the classes `first` to
// `first + count - 1`; `count` is at most kLanes. Returns a weight vector for each, for rows as they
// are (the scale is already in them), the constant last. Deterministic: equal arguments give equal
// bits, on every machine and however many threads are at work.
//
// `pull` is how much each row of the subset pulls at each class, LanesOf(count) numbers a row: where
// the descent begins (empty: at nothing), and where it ended. A near problem's end is a good begin.
std::vector<std::vector<float>> Solve(const Rows& rows, absl::Span<const uint32_t> subset,
                                      absl::Span<const int> classes, int first, int count,
                                      const SolveOptions& options,
                                      std::vector<float>* pull = nullptr);
// What `asked` rows score by such weights, which are not kept: LanesOf(count) numbers a row of
// `asked`, the last ones of them zero. Far cheaper than Score for each class.
std::vector<float> SolveAndScore(const Rows& rows, absl::Span<const uint32_t> subset,
                                 absl::Span<const int> classes, int first, int count,
                                 const SolveOptions& options, absl::Span<const uint32_t> asked,
                                 std::vector<float>* pull = nullptr);
size_t LanesOf(int count);

// The weighted sum of a row and the constant.
float Score(const Rows& rows, size_t row, absl::Span<const float> weights);

}  // namespace frontdesk::text
