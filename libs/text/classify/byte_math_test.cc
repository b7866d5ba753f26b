#include "libs/text/classify/byte_math.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "libs/base/random.h"

namespace frontdesk::text {
namespace {

struct Sums {
  std::vector<float> value, scale;
  std::vector<uint32_t> index;
  std::vector<int8_t> rows;
  size_t stride;

  std::vector<float> Make(bool indexed, ByteLoops loops) const {
    std::vector<float> sums(stride, 0.5f);
    SumRows(indexed ? index.data() : nullptr, value.data(), value.size(), scale.data(), rows.data(),
            stride, sums.data(), loops);
    return sums;
  }
};

Sums MakeSums(size_t count, size_t stride) {
  SeededRandom random(7);
  Sums made;
  made.stride = stride;
  for (size_t i = 0; i < count; ++i) {
    made.value.push_back(static_cast<float>(random.Uniform(20001)) / 10000.0f - 1.0f);
    made.scale.push_back(static_cast<float>(random.Uniform(1000)) / 10000.0f);
    made.index.push_back(static_cast<uint32_t>(random.Uniform(count)));
  }
  for (size_t i = 0; i < count * stride; ++i) {
    made.rows.push_back(static_cast<int8_t>(static_cast<int>(random.Uniform(256)) - 128));
  }
  return made;
}

TEST_CASE("rows of bytes add up to what they stand for, with an index and without") {
  const size_t count = GENERATE(1, 37, 512, 1408);
  const Sums made = MakeSums(count, 48);
  const bool indexed = GENERATE(true, false);
  const std::vector<float> sums = made.Make(indexed, ByteLoops::kWidest);
  for (size_t k = 0; k < made.stride; ++k) {
    double expected = 0.5;
    double room = 1e-4;
    for (size_t i = 0; i < count; ++i) {
      const size_t at = indexed ? made.index[i] : i;
      expected += static_cast<double>(made.value[i] * made.scale[at]) * made.rows[at * 48 + k];
      room += 0.1 / 32767 / 2 * 128;
    }
    CHECK(static_cast<double>(sums[k]) == Approx(expected).margin(room));
  }
}

TEST_CASE("sums of bytes have the same bits with AVX2 and without") {
  const size_t count = GENERATE(1, 2, 37, 511, 513, 1408);
  const size_t stride = GENERATE(16, 32, 48, 80, 112, 160);
  const Sums made = MakeSums(count, stride);
  for (bool indexed : {true, false}) {
    CHECK(made.Make(indexed, ByteLoops::kWidest) == made.Make(indexed, ByteLoops::kPlain));
  }
}

TEST_CASE("the greatest numbers there are still fit into the sums") {
  constexpr size_t kCount = 600, kStride = 16;
  const std::vector<float> value(kCount, 2.0f), scale(kCount, 0.25f);
  const std::vector<int8_t> rows(kCount * kStride, -128);
  for (ByteLoops loops : {ByteLoops::kWidest, ByteLoops::kPlain}) {
    std::vector<float> sums(kStride, 0.0f);
    SumRows(nullptr, value.data(), kCount, scale.data(), rows.data(), kStride, sums.data(), loops);
    for (float sum : sums) CHECK(sum == Approx(-128.0 * 0.5 * kCount));
  }
}

TEST_CASE("nothing adds nothing") {
  const std::vector<float> zeros(5, 0.0f), ones(5, 1.0f), tiny(5, 1e-38f);
  const std::vector<int8_t> rows(5 * 16, 100);
  std::vector<float> sums(16, 0.25f);
  SumRows(nullptr, zeros.data(), 5, ones.data(), rows.data(), 16, sums.data());
  SumRows(nullptr, tiny.data(), 5, ones.data(), rows.data(), 16, sums.data());
  SumRows(nullptr, ones.data(), 0, ones.data(), rows.data(), 16, sums.data());
  CHECK(sums == std::vector<float>(16, 0.25f));
}

TEST_CASE("a rounded vector times bytes is its product, with the same bits in both ways") {
  const size_t n = GENERATE(1, 31, 64, 384, 768, 4096);
  SeededRandom random(n);
  std::vector<float> vector(n);
  std::vector<int8_t> bytes(n);
  double expected = 0;
  for (size_t i = 0; i < n; ++i) {
    vector[i] = static_cast<float>(random.Uniform(2001)) / 1000.0f - 1.0f;
    bytes[i] = static_cast<int8_t>(static_cast<int>(random.Uniform(255)) - 127);
    expected += static_cast<double>(vector[i]) * bytes[i];
  }
  RoundedVector rounded;
  Round(vector, rounded);
  const float product = Dot(rounded, bytes.data());
  CHECK(static_cast<double>(product) ==
        Approx(expected).margin(1e-5 * 127 * static_cast<double>(n)));
  CHECK(product == Dot(rounded, bytes.data(), ByteLoops::kPlain));
  Round(std::vector<float>(n, 0.0f), rounded);
  CHECK(Dot(rounded, bytes.data()) == 0.0f);
}

}  // namespace
}  // namespace frontdesk::text
