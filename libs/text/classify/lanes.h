#pragma once

#include <cstddef>
#include <cstdint>

namespace frontdesk::text {

// The inner loops of training. Weights stand feature by feature, each with kLanes values side by
// side (one a class), so that one number of a row meets all classes at once. Every lane adds in the
// order of the features and nothing is fused: the sums are the same to the last bit at every
// optimisation level, and a model's bytes depend on it.
inline constexpr size_t kLanes = 16;

struct LaneLoops {
  // sums[lane] += value[i] * weights[index[i]][lane], for all i.
  void (*sum_sparse)(const uint32_t* index, const float* value, size_t n, const float* weights,
                     float* sums);
  // weights[index[i]][lane] += value[i] * steps[lane].
  void (*add_sparse)(const uint32_t* index, const float* value, size_t n, const float* steps,
                     float* weights);
  // The same for rows without gaps.
  void (*sum_dense)(const float* value, size_t n, const float* weights, float* sums);
  void (*add_dense)(const float* value, size_t n, const float* steps, float* weights);
};

// Those for `lanes` = kLanes or 1.
const LaneLoops& LoopsFor(size_t lanes);

}  // namespace frontdesk::text
