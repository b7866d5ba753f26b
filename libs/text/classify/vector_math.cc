#include "libs/text/classify/vector_math.h"

#include <cstring>

#include "libs/text/classify/widest.h"

namespace frontdesk::text {
namespace {

constexpr size_t kWidth = 8;
using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));

FD_INLINE void Load(const float* from, Vector& to) { std::memcpy(&to, from, sizeof(to)); }

FD_INLINE void LoadTwo(const float* from, Vector& low, Vector& high) {
  Load(from, low);
  Load(from + kWidth, high);
}

FD_INLINE void Store(const Vector& vector, float* to) { std::memcpy(to, &vector, sizeof(vector)); }

FD_INLINE float SumOf(const Vector& v) {
  return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

FD_INLINE float DotLoop(const float* a, const float* b, size_t n) {
  // Four sums at a time hide the latency of the addition.
  Vector sums[4] = {};
  size_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
#pragma GCC unroll 2
    for (size_t k = 0; k < 4; k += 2) {
      Vector x[2], y[2];
      LoadTwo(a + i + k * kWidth, x[0], x[1]);
      LoadTwo(b + i + k * kWidth, y[0], y[1]);
      sums[k] += x[0] * y[0];
      sums[k + 1] += x[1] * y[1];
    }
  }
  const Vector all = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  float sum = SumOf(all);
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

FD_INLINE void AddLoop(float scale, const float* x, float* y, size_t n) {
  size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    Vector from, to;
    Load(x + i, from);
    Load(y + i, to);
    to += scale * from;
    Store(to, y + i);
  }
  for (; i < n; ++i) y[i] += scale * x[i];
}

FD_AVX2 float DotAvx2(const float* a, const float* b, size_t n) { return DotLoop(a, b, n); }
FD_AVX2 void AddAvx2(float scale, const float* x, float* y, size_t n) { AddLoop(scale, x, y, n); }

}  // namespace

float Dot(const float* a, const float* b, size_t n) {
  return HasAvx2() ? DotAvx2(a, b, n) : DotLoop(a, b, n);
}

void AddScaled(float scale, const float* x, float* y, size_t n) {
  HasAvx2() ? AddAvx2(scale, x, y, n) : AddLoop(scale, x, y, n);
}

}  // namespace frontdesk::text
