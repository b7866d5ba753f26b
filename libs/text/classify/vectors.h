#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace frontdesk::text {

// An encoder whose vectors a model was taught with. Vectors of another fingerprint mean nothing to
// it.
struct VectorBlock {
  std::string fingerprint;
  std::string name;  // for people
  uint32_t dimensions = 0;

  bool operator==(const VectorBlock&) const = default;
};

// The vector of one text: of the encoder of its language, so at most one of the blocks.
struct TextVector {
  int block = -1;  // -1: the text has none
  std::vector<float> values;
};

// Those of all examples of a dataset, in its order. Empty = none at all.
struct TextVectors {
  std::vector<VectorBlock> blocks;
  std::vector<TextVector> rows;
};

// INVALID_ARGUMENT: not one row an example, a block that isn't there, a wrong length, a value that
// is no number.
absl::Status CheckVectors(const TextVectors& vectors, size_t examples);
// The same for one vector.
absl::Status CheckVector(absl::Span<const float> values, size_t dimensions);

inline constexpr uint32_t kDimensionsMax = 4096;
inline constexpr size_t kBlocksMax = 8;

}  // namespace frontdesk::text
