#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/text/classify/linear.h"
#include "libs/text/classify/model.h"
#include "libs/text/classify/vectors.h"

namespace frontdesk::text {

inline constexpr size_t kSamplesEach = 32;     // kept of a class, in a block
inline constexpr size_t kClassesCompared = 3;  // whose samples a text is compared with
inline constexpr size_t kCentresCompared = 8;  // classes whose middle it is compared with

// Where the known examples lie in the space of vectors: the middle of each class and a few samples
// of it. Built over all rows or without some of them, so that a text can be compared with examples
// other than itself. `rows` hold vectors as Shape makes them; `blocks` must outlive it.
class Surroundings {
 public:
  // `classes` as in LabelledRows; only rows of `members` and of a class below `labels` count.
  Surroundings(const Rows& rows, absl::Span<const uint32_t> members, absl::Span<const int> classes,
               size_t labels, absl::Span<const VectorBlock> blocks);

  // Puts kNearest, kOwnCentre and kBestCentre of a row into `signals`. `best` = its best classes, kCentresCompared or all.
  void Compare(size_t row, absl::Span<const uint32_t> best, Signals& signals) const;

  // The middle of a class in a block, of length 1 or 0.
  absl::Span<const float> centre(size_t block, size_t label) const;
  const std::vector<uint32_t>& samples(size_t block, size_t label) const {
    return samples_[block * labels_ + label];
  }

 private:
  const Rows& rows_;
  absl::Span<const float> VectorOf(size_t row) const;

  const size_t labels_;
  const absl::Span<const VectorBlock> blocks_;
  std::vector<std::vector<float>> centres_;     // of each block: label by label
  std::vector<std::vector<uint32_t>> samples_;  // rows, of each block and label
};

}  // namespace frontdesk::text
