#include "libs/base/clock.h"

#include <catch2/catch.hpp>

namespace frontdesk {
namespace {

TEST_CASE("advancing moves wall and steady time alike") {
  SimulatedClock clock(absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  CHECK(clock.Now() == absl::FromUnixSeconds(105));
  CHECK(clock.Steady() == absl::Seconds(5));
}

TEST_CASE("a jump of the wall clock leaves steady time alone") {
  SimulatedClock clock(absl::FromUnixSeconds(100));
  clock.JumpWall(-absl::Seconds(60));
  CHECK(clock.Now() == absl::FromUnixSeconds(40));
  CHECK(clock.Steady() == absl::ZeroDuration());
}

TEST_CASE("the system's steady time never goes back") {
  const SystemClock clock;
  absl::Duration last = clock.Steady();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = clock.Steady();
    REQUIRE(now >= last);
    last = now;
  }
  CHECK(clock.Now() > absl::FromUnixSeconds(1'700'000'000));
}

}  // namespace
}  // namespace frontdesk
