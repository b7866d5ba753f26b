#include "libs/text/classify/waves.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "libs/base/random.h"
#include "libs/text/classify/vector_math.h"
#include "libs/text/classify/vectors.h"

namespace frontdesk::text {
namespace {

constexpr size_t kDirectionsMin = 512;
constexpr int kRounds = 3;  // fewer leave directions that know of one another
constexpr uint64_t kSeed = 20263;

constexpr size_t kWidth = 4;  // a vector of it is what every x86-64 and arm64 has
using Vector = float __attribute__((vector_size(kWidth * sizeof(float))));

Vector Load(const float* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof(vector));
  return vector;
}

void Store(Vector vector, float* to) { std::memcpy(to, &vector, sizeof(vector)); }

// Multiplies by the Hadamard matrix of `n` rows, a power of two of at least 2 * kWidth.
void Mix(float* values, size_t n) {
  for (size_t i = 0; i < n; i += 4) {
    const float a = values[i] + values[i + 1], b = values[i] - values[i + 1];
    const float c = values[i + 2] + values[i + 3], d = values[i + 2] - values[i + 3];
    values[i] = a + c;
    values[i + 1] = b + d;
    values[i + 2] = a - c;
    values[i + 3] = b - d;
  }
  for (size_t half = kWidth; half < n; half *= 2) {
    for (size_t begin = 0; begin < n; begin += 2 * half) {
      for (size_t i = begin; i < begin + half; i += kWidth) {
        const Vector a = Load(values + i), b = Load(values + i + half);
        Store(a + b, values + i);
        Store(a - b, values + i + half);
      }
    }
  }
}

// 1 and -1 by chance, those of a round.
const float* Signs(int round) {
  constexpr size_t kMost = std::bit_ceil(size_t{kDimensionsMax});
  static const std::vector<float>* const signs = [] {
    auto* made = new std::vector<float>(kRounds * kMost);
    SeededRandom random(kSeed);
    for (float& sign : *made) sign = random.Uniform(2) == 0 ? 1.0f : -1.0f;
    return made;
  }();
  static_assert(kMost >= kDirectionsMin);
  return signs->data() + static_cast<size_t>(round) * kMost;
}

// The sine of `turns` full circles, to a thousandth: two parabolas, the second one of the first.
Vector SineOfTurns(Vector turns) {
  constexpr float kRounding = 12582912.0f;  // adding it leaves no place for a fraction
  turns -= (turns + kRounding) - kRounding;
  const Vector size = turns < 0.0f ? -turns : turns;
  const Vector first = 8.0f * turns - 16.0f * turns * size;
  const Vector first_size = first < 0.0f ? -first : first;
  return 0.225f * (first * first_size - first) + first;
}

}  // namespace

void Normalise(absl::Span<float> values) {
  const float length = std::sqrt(Dot(values.data(), values.data(), values.size()));
  if (length > 0) {
    for (float& value : values) value /= length;
  }
}

void Shape(absl::Span<const float> values, absl::Span<const float> mean,
           std::vector<float>& shaped) {
  shaped.resize(ShapeOf(values.size()));
  const absl::Span<float> own = absl::MakeSpan(shaped).subspan(0, values.size());
  std::copy(values.begin(), values.end(), own.begin());
  AddScaled(-1.0f, mean.data(), own.data(), own.size());
  Normalise(own);
  MakeWaves(own, absl::MakeSpan(shaped).subspan(values.size()));
}

size_t ShapeOf(size_t dimensions) { return dimensions + WavesOf(dimensions); }

size_t WavesOf(size_t dimensions) {
  return 2 * std::max(std::bit_ceil(dimensions), kDirectionsMin);
}

void MakeWaves(absl::Span<const float> vector, absl::Span<float> waves) {
  const size_t n = waves.size() / 2;
  float* angles = waves.data();
  std::fill(waves.begin(), waves.end(), 0.0f);
  if (std::all_of(vector.begin(), vector.end(), [](float value) { return value == 0.0f; })) return;
  std::copy(vector.begin(), vector.end(), angles);
  for (int round = 0; round < kRounds; ++round) {
    const float* signs = Signs(round);
    for (size_t i = 0; i < n; i += kWidth) Store(Load(angles + i) * Load(signs + i), angles + i);
    Mix(angles, n);
  }
  // Each matrix but the first, whose rows are wanted with length sqrt(n), by 1/sqrt(n).
  constexpr float kCircle = 6.2831853f;
  const float scale = std::sqrt(kWaveSharpness) / static_cast<float>(n) / kCircle;
  const float height = 1.0f / std::sqrt(static_cast<float>(n));
  for (size_t i = 0; i < n; i += kWidth) {
    const Vector turns = scale * Load(angles + i);
    Store(height * SineOfTurns(turns), angles + n + i);
    Store(height * SineOfTurns(turns + 0.25f), angles + i);
  }
}

}  // namespace frontdesk::text
