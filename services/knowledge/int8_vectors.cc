#include "services/knowledge/int8_vectors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace frontdesk::knowledge {
namespace {

constexpr size_t kWordBits = 64;

int32_t DotPlain(const int8_t* a, const int8_t* b, size_t bytes) {
  int32_t sum = 0;
  for (size_t i = 0; i < bytes; ++i) sum += int32_t{a[i]} * int32_t{b[i]};
  return sum;
}

void DifferencesPlain(const uint64_t* query, const uint64_t* rows, size_t count, size_t words,
                      uint16_t* differences) {
  for (size_t row = 0; row < count; ++row, rows += words) {
    int bits = 0;
    for (size_t i = 0; i < words; ++i) bits += std::popcount(query[i] ^ rows[i]);
    differences[row] = static_cast<uint16_t>(bits);
  }
}

#if defined(__x86_64__)

// The sum of 32 products, four to a lane. Bytes are multiplied as unsigned by signed, so the sign of the
// left side moves to the right; values of -127 to 127 cannot overflow the 16 bits between.
__attribute__((target("avx2"))) __m256i Products(const int8_t* a, const int8_t* b) {
  const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
  const __m256i right = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(left), _mm256_sign_epi8(right, left));
  return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

__attribute__((target("avx2"))) int32_t DotAvx2(const int8_t* a, const int8_t* b, size_t bytes) {
  __m256i sum = _mm256_setzero_si256();
  __m256i other = _mm256_setzero_si256();  // two chains: an addition need not wait for the last one
  size_t i = 0;
  for (; i + 64 <= bytes; i += 64) {
    sum = _mm256_add_epi32(sum, Products(a + i, b + i));
    other = _mm256_add_epi32(other, Products(a + i + 32, b + i + 32));
  }
  sum = _mm256_add_epi32(sum, other);
  __m128i low = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  low = _mm_add_epi32(low, _mm_shuffle_epi32(low, _MM_SHUFFLE(1, 0, 3, 2)));
  low = _mm_add_epi32(low, _mm_shuffle_epi32(low, _MM_SHUFFLE(2, 3, 0, 1)));
  return _mm_cvtsi128_si32(low) + DotPlain(a + i, b + i, bytes - i);
}

__attribute__((target("popcnt"))) void DifferencesPopcnt(const uint64_t* query,
                                                         const uint64_t* rows, size_t count,
                                                         size_t words, uint16_t* differences) {
  for (size_t row = 0; row < count; ++row, rows += words) {
    uint64_t bits = 0;
    for (size_t i = 0; i < words; ++i) {
      bits += static_cast<uint64_t>(_mm_popcnt_u64(query[i] ^ rows[i]));
    }
    differences[row] = static_cast<uint16_t>(bits);
  }
}

#endif

}  // namespace

std::string Quantize(std::span<const float> vector) {
  float greatest = 0;
  for (const float value : vector) greatest = std::max(greatest, std::abs(value));
  std::string bytes(vector.size(), '\0');
  if (greatest == 0) return bytes;
  for (size_t i = 0; i < vector.size(); ++i) {
    bytes[i] = static_cast<char>(static_cast<int8_t>(std::lround(vector[i] / greatest * 127)));
  }
  return bytes;
}

float InverseLength(const int8_t* vector, size_t bytes) {
  const int32_t square = DotPlain(vector, vector, bytes);
  return square == 0 ? 0 : 1 / std::sqrt(static_cast<float>(square));
}

DotFunction PlainDot() { return DotPlain; }

DotFunction BestDot() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return DotAvx2;
#endif
  return DotPlain;
}

size_t SignWords(size_t dimensions) { return (dimensions + kWordBits - 1) / kWordBits; }

void Signs(const int8_t* vector, size_t dimensions, uint64_t* words) {
  std::fill_n(words, SignWords(dimensions), 0);
  for (size_t i = 0; i < dimensions; ++i) {
    words[i / kWordBits] |= uint64_t{vector[i] > 0} << (i % kWordBits);
  }
}

void CountDifferences(const uint64_t* query, const uint64_t* rows, size_t count, size_t words,
                      uint16_t* differences) {
#if defined(__x86_64__)
  static const bool fast = __builtin_cpu_supports("popcnt") != 0;
  if (fast) return DifferencesPopcnt(query, rows, count, words, differences);
#endif
  DifferencesPlain(query, rows, count, words, differences);
}

}  // namespace frontdesk::knowledge
