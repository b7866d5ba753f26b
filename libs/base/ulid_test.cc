#include "libs/base/ulid.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

#include "libs/base/strong_id.h"

namespace frontdesk {
namespace {

class ConstantRandom : public RandomSource {
 public:
  explicit ConstantRandom(uint64_t value) : value_(value) {}
  uint64_t Next64() override { return value_; }

 private:
  const uint64_t value_;
};

TEST_CASE("a ULID has the published form") {
  // The example of the ULID specification: 01ARZ3NDEKTSV4RRFFQ69G5FAV is 1469922850259 ms.
  ConstantRandom zero(0);
  const std::string ulid = NewUlid(absl::FromUnixMillis(1469922850259), zero);
  CHECK(ulid == "01arz3ndek0000000000000000");
  ConstantRandom ones(~uint64_t{0});
  CHECK(NewUlid(absl::FromUnixMillis(0), ones) == "0000000000zzzzzzzzzzzzzzzz");
  CHECK(UlidTime("01arz3ndektsv4rrffq69g5fav") == absl::FromUnixMillis(1469922850259));
}

TEST_CASE("a ULID is a valid id and keeps its millisecond") {
  SeededRandom random(5);
  for (int i = 0; i < 100; ++i) {
    const absl::Time time = absl::FromUnixMillis(static_cast<int64_t>(random.Uniform(1ULL << 48)));
    const std::string ulid = NewUlid(time, random);
    CHECK(IsUlid(ulid));
    CHECK(IsId(ulid));
    CHECK(UlidTime(ulid) == time);
  }
}

TEST_CASE("only the canonical lower-case form is a ULID") {
  CHECK(IsUlid("7zzzzzzzzzzzzzzzzzzzzzzzzz"));
  CHECK_FALSE(IsUlid("8zzzzzzzzzzzzzzzzzzzzzzzzz"));
  CHECK_FALSE(IsUlid("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
  CHECK_FALSE(IsUlid("01arz3ndektsv4rrffq69g5fa"));
  CHECK_FALSE(IsUlid("01arz3ndektsv4rrffq69g5fau"));
  CHECK_FALSE(IsUlid(""));
  CHECK(UlidTime("nonsense") == absl::InfinitePast());
}

TEST_CASE("a source gives rising ULIDs in one millisecond and when the clock steps back") {
  SeededRandom random(6);
  UlidSource source(random);
  const absl::Time start = absl::FromUnixMillis(1'700'000'000'000);
  std::string last = source.Next(start);
  for (int i = 0; i < 1000; ++i) {
    const absl::Time now =
        start + absl::Milliseconds(static_cast<int64_t>(random.Uniform(50)) - 25);
    const std::string next = source.Next(now);
    REQUIRE(last < next);
    last = next;
  }
}

TEST_CASE("counting past the random bits goes on into the time") {
  ConstantRandom ones(~uint64_t{0});
  UlidSource source(ones);
  const absl::Time now = absl::FromUnixMillis(1000);
  const std::string first = source.Next(now);
  const std::string second = source.Next(now);
  CHECK(first < second);
  CHECK(UlidTime(second) == absl::FromUnixMillis(1001));
}

TEST_CASE("threads sharing a source never get the same ULID") {
  SeededRandom random(8);
  UlidSource source(random);
  std::vector<std::vector<std::string>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : seen) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) mine.push_back(source.Next(absl::FromUnixMillis(i / 100)));
      });
    }
  }
  std::set<std::string> all;
  for (const auto& mine : seen) {
    CHECK(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  CHECK(all.size() == 2000);
}

}  // namespace
}  // namespace frontdesk
