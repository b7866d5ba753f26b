#include "libs/text/classify/vector_math.h"

#include <cstring>

namespace frontdesk::text {
namespace {

constexpr size_t kLanes = 4;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using Integers = int __attribute__((vector_size(kLanes * sizeof(int))));
using Bytes = signed char __attribute__((vector_size(kLanes)));

inline Lanes Load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}

inline void Store(Lanes lanes, float* to) { std::memcpy(to, &lanes, sizeof(lanes)); }

inline Lanes Widened(const signed char* from) {
  Bytes bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  return __builtin_convertvector(__builtin_convertvector(bytes, Integers), Lanes);
}

}  // namespace

float Dot(const float* a, const float* b, size_t n) {
  // Four sums at a time hide the latency of the addition.
  Lanes s0 = {}, s1 = {}, s2 = {}, s3 = {};
  size_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    s0 += Load(a + i) * Load(b + i);
    s1 += Load(a + i + kLanes) * Load(b + i + kLanes);
    s2 += Load(a + i + 2 * kLanes) * Load(b + i + 2 * kLanes);
    s3 += Load(a + i + 3 * kLanes) * Load(b + i + 3 * kLanes);
  }
  const Lanes s = (s0 + s1) + (s2 + s3);
  float sum = (s[0] + s[1]) + (s[2] + s[3]);
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

float Dot(const float* a, const signed char* b, size_t n) {
  Lanes s0 = {}, s1 = {};
  size_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    s0 += Load(a + i) * Widened(b + i);
    s1 += Load(a + i + kLanes) * Widened(b + i + kLanes);
  }
  const Lanes s = s0 + s1;
  float sum = (s[0] + s[1]) + (s[2] + s[3]);
  for (; i < n; ++i) sum += a[i] * static_cast<float>(b[i]);
  return sum;
}

void AddScaled(float scale, const float* x, float* y, size_t n) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) Store(Load(y + i) + scale * Load(x + i), y + i);
  for (; i < n; ++i) y[i] += scale * x[i];
}

void AddScaled(float scale, const signed char* x, float* y, size_t n) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Store(Load(y + i) + scale * Widened(x + i), y + i);
  }
  for (; i < n; ++i) y[i] += scale * static_cast<float>(x[i]);
}

}  // namespace frontdesk::text
