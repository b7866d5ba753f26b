#include "libs/text/classify/vector_math.h"

#include <cstring>

#include "libs/text/classify/widest.h"

namespace frontdesk::text {
namespace {

constexpr size_t kWidth = 8;
using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));
using Integers = int __attribute__((vector_size(kWidth * sizeof(int))));
using Bytes = signed char __attribute__((vector_size(2 * kWidth)));
using Shorts = short __attribute__((vector_size(2 * kWidth * sizeof(short))));
using HalfShorts = short __attribute__((vector_size(kWidth * sizeof(short))));

FD_INLINE void Load(const float* from, Vector& to) { std::memcpy(&to, from, sizeof(to)); }

FD_INLINE void LoadTwo(const float* from, Vector& low, Vector& high) {
  Load(from, low);
  Load(from + kWidth, high);
}

// By way of 16 bits, step by step: GCC 12 would widen each number alone.
FD_INLINE void LoadTwo(const signed char* from, Vector& low, Vector& high) {
  Bytes bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  const Shorts shorts = __builtin_convertvector(bytes, Shorts);
  const HalfShorts first = __builtin_shufflevector(shorts, shorts, 0, 1, 2, 3, 4, 5, 6, 7);
  const HalfShorts second = __builtin_shufflevector(shorts, shorts, 8, 9, 10, 11, 12, 13, 14, 15);
  low = __builtin_convertvector(__builtin_convertvector(first, Integers), Vector);
  high = __builtin_convertvector(__builtin_convertvector(second, Integers), Vector);
}

FD_INLINE void Store(const Vector& vector, float* to) { std::memcpy(to, &vector, sizeof(vector)); }

FD_INLINE float SumOf(const Vector& v) {
  return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

template <typename T>
FD_INLINE float DotLoop(const float* a, const T* b, size_t n) {
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
  for (; i < n; ++i) sum += a[i] * static_cast<float>(b[i]);
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

// 16 columns of every row, then the next 16, so that sums stay in registers.
FD_INLINE void RowsLoop(const uint32_t* index, const float* value, size_t n, const float* scale,
                        const signed char* rows, size_t stride, float* sums) {
  for (size_t column = 0; column < stride; column += 2 * kWidth) {
    Vector even[2] = {}, odd[2] = {};
    const auto add = [&](size_t i, Vector(&to)[2]) __attribute__((always_inline)) {
      const size_t at = index != nullptr ? index[i] : i;
      const float factor = value[i] * scale[at];
      const signed char* row = rows + at * stride + column;
      Vector low, high;
      LoadTwo(row, low, high);
      to[0] += factor * low;
      to[1] += factor * high;
    };
    size_t i = 0;
    for (; i + 2 <= n; i += 2) {
      add(i, even);
      add(i + 1, odd);
    }
    if (i < n) add(i, even);
#pragma GCC unroll 2
    for (size_t k = 0; k < 2; ++k) {
      Vector to;
      Load(sums + column + k * kWidth, to);
      to += even[k] + odd[k];
      Store(to, sums + column + k * kWidth);
    }
  }
}

FD_AVX2 float DotAvx2(const float* a, const float* b, size_t n) { return DotLoop(a, b, n); }
FD_AVX2 float DotAvx2(const float* a, const signed char* b, size_t n) { return DotLoop(a, b, n); }
FD_AVX2 void AddAvx2(float scale, const float* x, float* y, size_t n) { AddLoop(scale, x, y, n); }
FD_AVX2 void RowsAvx2(const uint32_t* index, const float* value, size_t n, const float* scale,
                      const signed char* rows, size_t stride, float* sums) {
  RowsLoop(index, value, n, scale, rows, stride, sums);
}

}  // namespace

float Dot(const float* a, const float* b, size_t n) {
  return HasAvx2() ? DotAvx2(a, b, n) : DotLoop(a, b, n);
}

float Dot(const float* a, const signed char* b, size_t n) {
  return HasAvx2() ? DotAvx2(a, b, n) : DotLoop(a, b, n);
}

void AddScaled(float scale, const float* x, float* y, size_t n) {
  HasAvx2() ? AddAvx2(scale, x, y, n) : AddLoop(scale, x, y, n);
}

void SumRows(const uint32_t* index, const float* value, size_t n, const float* scale,
             const signed char* rows, size_t stride, float* sums) {
  if (HasAvx2()) {
    RowsAvx2(index, value, n, scale, rows, stride, sums);
  } else {
    RowsLoop(index, value, n, scale, rows, stride, sums);
  }
}

}  // namespace frontdesk::text
