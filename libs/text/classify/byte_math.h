#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace frontdesk::text {

// The inner loops of prediction: numbers times weights of one byte each. The numbers are rounded to
// 16 bits with one scale, so that products and sums are whole numbers: exact in any order, and the
// same on every machine, with AVX2 where it is there and without.

// The two ways to the same sums; for tests.
enum class ByteLoops { kWidest, kPlain };

// sums[k] += value[i] * scale[at] * rows[at * stride + k] for all i and for k below `stride`, a
// multiple of 16; `at` is index[i], or i without an index. Numbers are rounded to a 32767th of the
// greatest of each 512 factors.
void SumRows(const uint32_t* index, const float* value, size_t n, const float* scale,
             const int8_t* rows, size_t stride, float* sums, ByteLoops loops = ByteLoops::kWidest);

// A vector that is multiplied with many rows of bytes.
struct RoundedVector {
  std::vector<int16_t> values;
  float unit = 0;  // what 1 stands for
};
void Round(absl::Span<const float> vector, RoundedVector& rounded);
// The sum of the products; `bytes` has as many numbers.
float Dot(const RoundedVector& vector, const int8_t* bytes, ByteLoops loops = ByteLoops::kWidest);

}  // namespace frontdesk::text
