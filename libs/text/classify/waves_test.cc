#include "libs/text/classify/waves.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "libs/base/random.h"
#include "libs/text/classify/vector_math.h"

namespace frontdesk::text {
namespace {

// Of length 1, at random, and one that has the given cosine with it.
std::pair<std::vector<float>, std::vector<float>> Pair(size_t dimensions, float cosine,
                                                       uint64_t seed) {
  SeededRandom random(seed);
  std::vector<float> a(dimensions), b(dimensions);
  for (float& value : a) value = static_cast<float>(random.Uniform(2001)) / 1000.0f - 1.0f;
  for (float& value : b) value = static_cast<float>(random.Uniform(2001)) / 1000.0f - 1.0f;
  Normalise(absl::MakeSpan(a));
  AddScaled(-Dot(a.data(), b.data(), dimensions), a.data(), b.data(), dimensions);
  Normalise(absl::MakeSpan(b));
  for (float& value : b) value *= std::sqrt(1.0f - cosine * cosine);
  AddScaled(cosine, a.data(), b.data(), dimensions);
  return {a, b};
}

TEST_CASE("waves of two vectors multiply to nearly the exponential of their cosine") {
  const size_t dimensions = GENERATE(16, 384, 512, 768);
  const float cosine = GENERATE(-0.5f, 0.0f, 0.5f, 0.9f, 1.0f);
  double sum = 0;
  constexpr int kPairs = 20;
  std::vector<float> of_a(WavesOf(dimensions)), of_b(WavesOf(dimensions));
  for (int i = 0; i < kPairs; ++i) {
    const auto [a, b] = Pair(dimensions, cosine, static_cast<uint64_t>(i));
    MakeWaves(a, absl::MakeSpan(of_a));
    MakeWaves(b, absl::MakeSpan(of_b));
    const float product = Dot(of_a.data(), of_b.data(), of_a.size());
    CHECK(product == Approx(std::exp(kWaveSharpness * (cosine - 1))).margin(0.15));
    sum += static_cast<double>(product);
  }
  INFO(dimensions << " dimensions, cosine " << cosine);
  CHECK(sum / kPairs == Approx(std::exp(kWaveSharpness * (cosine - 1))).margin(0.02));
}

TEST_CASE("a vector is shaped to itself without the mean, and its waves") {
  std::vector<float> shaped;
  Shape(std::vector<float>{3.0f, 1.0f}, std::vector<float>{0.0f, 1.0f}, shaped);
  REQUIRE(shaped.size() == ShapeOf(2));
  CHECK(shaped[0] == 1.0f);
  CHECK(shaped[1] == 0.0f);
  CHECK(Dot(shaped.data() + 2, shaped.data() + 2, shaped.size() - 2) == Approx(1.0f).margin(0.01));
  Shape(std::vector<float>{1.0f, 1.0f}, std::vector<float>{1.0f, 1.0f}, shaped);
  CHECK(std::all_of(shaped.begin(), shaped.end(), [](float value) { return value == 0.0f; }));
}

}  // namespace
}  // namespace frontdesk::text
