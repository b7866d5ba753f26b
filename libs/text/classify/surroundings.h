#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/text/classify/linear.h"
#include "libs/text/classify/model.h"

namespace frontdesk::text {

inline constexpr size_t kSamplesEach = 32;     // kept of a class, in a block
inline constexpr size_t kClassesCompared = 3;  // whose samples a text is compared with

// Where the known examples lie in the space of vectors: the middle of each class and a few samples
// of it. Built over all rows or without some of them, so that a text can be compared with examples
// other than itself. Vectors in `rows` must have length 1 or 0.
class Surroundings {
 public:
  // `classes` as in LabelledRows; only rows of `members` and of a class below `labels` count.
  Surroundings(const Rows& rows, absl::Span<const uint32_t> members, absl::Span<const int> classes,
               size_t labels, size_t blocks);

  // Puts kNearest, kOwnCentre and kBestCentre of a row into `signals`. `best` = its best classes.
  void Compare(size_t row, absl::Span<const uint32_t> best, Signals& signals) const;

  // The middle of a class in a block, of length 1 or 0.
  absl::Span<const float> centre(size_t block, size_t label) const;
  const std::vector<uint32_t>& samples(size_t block, size_t label) const {
    return samples_[block * labels_ + label];
  }

 private:
  const Rows& rows_;
  const size_t labels_;
  std::vector<std::vector<float>> centres_;     // of each block: label by label
  std::vector<std::vector<uint32_t>> samples_;  // rows, of each block and label
};

// Makes `values` of length 1; nothing of nothing.
void Normalise(absl::Span<float> values);

}  // namespace frontdesk::text
