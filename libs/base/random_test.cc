#include "libs/base/random.h"

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

namespace frontdesk {
namespace {

TEST_CASE("a seed replays the same sequence everywhere") {
  // xoshiro256** seeded by splitmix64, computed by an independent implementation.
  SeededRandom random(42);
  CHECK(random.Next64() == 0x15780b2e0c2ec716ULL);
  CHECK(random.Next64() == 0x6104d9866d113a7eULL);
  CHECK(random.Next64() == 0xae17533239e499a1ULL);
  CHECK(SeededRandom(0).Next64() == 0x99ec5f36cb75f2b4ULL);
}

TEST_CASE("uniform numbers stay below the bound and reach all of it") {
  SeededRandom random(1);
  std::array<int, 7> hits{};
  for (int i = 0; i < 7000; ++i) ++hits.at(random.Uniform(7));
  for (const int hit : hits) CHECK(hit > 850);
  CHECK(random.Uniform(1) == 0);
  CHECK(random.Uniform(0) == 0);
}

TEST_CASE("chances hold") {
  SeededRandom random(2);
  int hits = 0;
  for (int i = 0; i < 10000; ++i) hits += random.Bool(0.25);
  CHECK(hits > 2300);
  CHECK(hits < 2700);
  CHECK_FALSE(random.Bool(0));
  CHECK(random.Bool(1));
}

TEST_CASE("random bytes have the length asked for") {
  SeededRandom random(3);
  for (size_t n : {0, 1, 7, 8, 9, 33}) CHECK(random.Bytes(n).size() == n);
}

TEST_CASE("the system's randomness does not repeat, across threads too") {
  SystemRandom random;
  std::vector<std::vector<uint64_t>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : seen) {
      threads.emplace_back([&random, &mine] {
        for (int i = 0; i < 1000; ++i) mine.push_back(random.Next64());
      });
    }
  }
  std::set<uint64_t> all;
  for (const auto& mine : seen) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == 4000);
  CHECK(all.count(0) == 0);
}

}  // namespace
}  // namespace frontdesk
