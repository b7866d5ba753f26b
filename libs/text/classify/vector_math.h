#pragma once

#include <cstddef>

namespace frontdesk::text {

// The inner loops of training. They use what the processor has (AVX2 where it is there), but every
// sum is made in the same order and nothing is fused: the bits are the same on every machine and at
// every optimisation level, which a model's bytes depend on.

// The sum of a[i] * b[i].
float Dot(const float* a, const float* b, size_t n);
// y[i] += scale * x[i].
void AddScaled(float scale, const float* x, float* y, size_t n);

}  // namespace frontdesk::text
