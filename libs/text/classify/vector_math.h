#pragma once

#include <cstddef>

namespace frontdesk::text {

// The inner loops of training and prediction. Written with GCC's vector extensions at the width
// every x86-64 and arm64 has: the sums come out the same to the last bit on every machine and at
// every optimisation level, which a model's bytes depend on.

// The sum of a[i] * b[i].
float Dot(const float* a, const float* b, size_t n);
float Dot(const float* a, const signed char* b, size_t n);
// y[i] += scale * x[i].
void AddScaled(float scale, const float* x, float* y, size_t n);
// y[i] += scale * x[i], `x` being one byte a value.
void AddScaled(float scale, const signed char* x, float* y, size_t n);

}  // namespace frontdesk::text
