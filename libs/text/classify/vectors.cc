#include "libs/text/classify/vectors.h"

#include <cmath>

#include <fmt/format.h>

#include "libs/base/status_macros.h"
#include "libs/text/classify/errors.h"

namespace frontdesk::text {

absl::Status CheckVector(absl::Span<const float> values, size_t dimensions) {
  if (values.size() != dimensions) {
    return BadVectorError(fmt::format("has {} values instead of {}", values.size(), dimensions));
  }
  for (float value : values) {
    if (!std::isfinite(value)) return BadVectorError("holds a value that is no number");
  }
  return absl::OkStatus();
}

absl::Status CheckVectors(const TextVectors& vectors, size_t examples) {
  if (vectors.rows.empty() && vectors.blocks.empty()) return absl::OkStatus();
  if (vectors.rows.size() != examples) {
    return BadVectorError(fmt::format("{} of them for {} texts", vectors.rows.size(), examples));
  }
  if (vectors.blocks.size() > kBlocksMax) {
    return TrainingLimitError("encoders", vectors.blocks.size(), kBlocksMax);
  }
  for (const VectorBlock& block : vectors.blocks) {
    if (block.dimensions == 0 || block.dimensions > kDimensionsMax) {
      return TrainingLimitError("dimensions", block.dimensions, kDimensionsMax);
    }
  }
  for (const TextVector& row : vectors.rows) {
    if (row.block < 0) continue;
    const auto block = static_cast<size_t>(row.block);
    if (block >= vectors.blocks.size()) return BadVectorError("is of an encoder not listed");
    FD_RETURN_IF_ERROR(CheckVector(row.values, vectors.blocks[block].dimensions));
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::text
