#include "libs/text/classify/byte_math.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "libs/text/classify/widest.h"

namespace frontdesk::text {
namespace {

constexpr size_t kColumns = 16;  // that a row's bytes come in
constexpr float kStepsMost = 32767.0f;
constexpr float kNothing = 1e-30f;  // less cannot be divided by
constexpr int64_t kByteMost = 128;
// So many products of 16 and 8 bits fit into a sum of 32.
constexpr size_t kChunk = 512;
static_assert(kChunk * 32767 * kByteMost <= std::numeric_limits<int32_t>::max());

// Some rows and what each is multiplied with; an even number of them, the last one with 0 if need
// be, as they are multiplied in pairs.
struct Chunk {
  size_t count = 0;
  float unit = 0;
  const int8_t* rows[kChunk + 1];
  float factors[kChunk + 1];
  int16_t rounded[kChunk + 1];
};

// Halves to even: what the processor's own rounding does, too.
FD_INLINE int16_t ToWhole(float value) {
  constexpr float kRounding = 12582912.0f;  // adding it leaves no place for a fraction
  return static_cast<int16_t>((value + kRounding) - kRounding);
}

// The greatest of the numbers' sizes becomes `steps`; returns what 1 stands for then, 0 when all
// are as good as nothing.
FD_INLINE float RoundAll(const float* values, size_t n, float steps, int16_t* rounded) {
  float most = 0;
  for (size_t i = 0; i < n; ++i) most = std::max(most, std::abs(values[i]));
  if (most < kNothing) return 0;
  const float factor = steps / most;
  for (size_t i = 0; i < n; ++i) rounded[i] = ToWhole(values[i] * factor);
  return most / steps;
}

FD_INLINE void Finish(size_t count, Chunk& chunk) {
  chunk.count = count;
  chunk.unit = RoundAll(chunk.factors, count, kStepsMost, chunk.rounded);
  if (count % 2 == 0) return;
  chunk.rows[count] = chunk.rows[count - 1];
  chunk.rounded[count] = 0;
  ++chunk.count;
}

void FillIndexed(const uint32_t* index, const float* value, size_t count, const float* scale,
                 const int8_t* rows, size_t stride, Chunk& chunk) {
  constexpr size_t kLine = 64;
  for (size_t i = 0; i < count; ++i) {
    const int8_t* row = rows + index[i] * stride;
    // The rows lie anywhere: all are fetched before the first one is needed.
    for (size_t k = 0; k < stride; k += kLine) __builtin_prefetch(row + k);
    __builtin_prefetch(row + stride - 1);
    chunk.rows[i] = row;
    chunk.factors[i] = value[i] * scale[index[i]];
  }
  Finish(count, chunk);
}

void FillAll(size_t begin, const float* value, size_t count, const float* scale, const int8_t* rows,
             size_t stride, Chunk& chunk) {
  for (size_t i = 0; i < count; ++i) {
    chunk.rows[i] = rows + (begin + i) * stride;
    chunk.factors[i] = value[begin + i] * scale[begin + i];
  }
  Finish(count, chunk);
}

void AddPlain(const Chunk& chunk, size_t stride, float* sums) {
  for (size_t column = 0; column < stride; column += kColumns) {
    int32_t totals[kColumns] = {};
    for (size_t i = 0; i < chunk.count; ++i) {
      for (size_t k = 0; k < kColumns; ++k) {
        totals[k] += chunk.rounded[i] * chunk.rows[i][column + k];
      }
    }
    for (size_t k = 0; k < kColumns; ++k) {
      sums[column + k] += chunk.unit * static_cast<float>(totals[k]);
    }
  }
}

int32_t DotPlain(const int16_t* values, const int8_t* bytes, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += values[i] * bytes[i];
  return sum;
}

#if defined(__x86_64__)

// Groups of 16 columns side by side, so that the rows' bytes pass once. Two rows are interleaved:
// the processor multiplies pairs of numbers and adds the two products.
template <size_t kGroups>
FD_AVX2 void AddColumns(const Chunk& chunk, size_t column, float* sums) {
  __m256i totals[2 * kGroups];
#pragma GCC unroll 8
  for (__m256i& total : totals) total = _mm256_setzero_si256();
  for (size_t i = 0; i < chunk.count; i += 2) {
    int32_t pair;
    std::memcpy(&pair, chunk.rounded + i, sizeof(pair));
    const __m256i factors = _mm256_set1_epi32(pair);
    const int8_t* even = chunk.rows[i] + column;
    const int8_t* odd = chunk.rows[i + 1] + column;
#pragma GCC unroll 4
    for (size_t g = 0; g < kGroups; ++g) {
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(even + g * kColumns));
      const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(odd + g * kColumns));
      const __m256i low = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(a, b));
      const __m256i high = _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(a, b));
      totals[2 * g] = _mm256_add_epi32(totals[2 * g], _mm256_madd_epi16(low, factors));
      totals[2 * g + 1] = _mm256_add_epi32(totals[2 * g + 1], _mm256_madd_epi16(high, factors));
    }
  }
  const __m256 unit = _mm256_set1_ps(chunk.unit);
#pragma GCC unroll 8
  for (size_t g = 0; g < 2 * kGroups; ++g) {
    float* out = sums + column + g * kColumns / 2;
    const __m256 added = _mm256_mul_ps(unit, _mm256_cvtepi32_ps(totals[g]));
    _mm256_storeu_ps(out, _mm256_add_ps(_mm256_loadu_ps(out), added));
  }
}

FD_AVX2 void AddAvx2(const Chunk& chunk, size_t stride, float* sums) {
  size_t column = 0;
  for (; column + 4 * kColumns <= stride; column += 4 * kColumns) {
    AddColumns<4>(chunk, column, sums);
  }
  if (column + 2 * kColumns <= stride) {
    AddColumns<2>(chunk, column, sums);
    column += 2 * kColumns;
  }
  if (column < stride) AddColumns<1>(chunk, column, sums);
}

FD_AVX2 int32_t DotAvx2(const int16_t* values, const int8_t* bytes, size_t n) {
  __m256i totals[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
#pragma GCC unroll 2
    for (size_t k = 0; k < 2; ++k) {
      const size_t at = i + k * 16;
      const __m256i weights =
          _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at)));
      const __m256i numbers = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values + at));
      totals[k] = _mm256_add_epi32(totals[k], _mm256_madd_epi16(numbers, weights));
    }
  }
  int32_t lanes[8];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), _mm256_add_epi32(totals[0], totals[1]));
  int32_t sum = DotPlain(values + i, bytes + i, n - i);
  for (int32_t lane : lanes) sum += lane;
  return sum;
}

#else

void AddAvx2(const Chunk& chunk, size_t stride, float* sums) { AddPlain(chunk, stride, sums); }
int32_t DotAvx2(const int16_t* values, const int8_t* bytes, size_t n) {
  return DotPlain(values, bytes, n);
}

#endif

bool Wide(ByteLoops loops) { return loops == ByteLoops::kWidest && HasAvx2(); }

}  // namespace

void SumRows(const uint32_t* index, const float* value, size_t n, const float* scale,
             const int8_t* rows, size_t stride, float* sums, ByteLoops loops) {
  Chunk chunk;
  for (size_t begin = 0; begin < n; begin += kChunk) {
    const size_t count = std::min(kChunk, n - begin);
    if (index != nullptr) {
      FillIndexed(index + begin, value + begin, count, scale, rows, stride, chunk);
    } else {
      FillAll(begin, value, count, scale, rows, stride, chunk);
    }
    if (chunk.unit == 0) continue;
    Wide(loops) ? AddAvx2(chunk, stride, sums) : AddPlain(chunk, stride, sums);
  }
}

void Round(absl::Span<const float> vector, RoundedVector& rounded) {
  rounded.values.assign(vector.size(), 0);
  const auto fits = static_cast<float>(std::numeric_limits<int32_t>::max() / kByteMost /
                                       std::max<int64_t>(1, static_cast<int64_t>(vector.size())));
  rounded.unit =
      RoundAll(vector.data(), vector.size(), std::min(kStepsMost, fits), rounded.values.data());
}

float Dot(const RoundedVector& vector, const int8_t* bytes, ByteLoops loops) {
  const size_t n = vector.values.size();
  const int32_t sum = Wide(loops) ? DotAvx2(vector.values.data(), bytes, n)
                                  : DotPlain(vector.values.data(), bytes, n);
  return vector.unit * static_cast<float>(sum);
}

}  // namespace frontdesk::text
