#pragma once

#include <cstddef>
#include <cstdint>

namespace frontdesk::text {

// The inner loops of training and prediction. They use what the processor has (AVX2 where it is
// there), but every sum is made in the same order and nothing is fused: the bits are the same on
// every machine and at every optimisation level, which a model's bytes depend on.

// The sum of a[i] * b[i].
float Dot(const float* a, const float* b, size_t n);
float Dot(const float* a, const signed char* b, size_t n);
// y[i] += scale * x[i].
void AddScaled(float scale, const float* x, float* y, size_t n);

// sums[k] += value[i] * scale[at] * rows[at * stride + k] for all i and for k below `stride`, a
// multiple of 16; `at` is index[i], or i without an index.
void SumRows(const uint32_t* index, const float* value, size_t n, const float* scale,
             const signed char* rows, size_t stride, float* sums);

}  // namespace frontdesk::text
