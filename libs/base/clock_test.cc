#include "libs/base/clock.h"

#include <catch2/catch.hpp>

#include <ctime>

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

// Says nothing on a machine that was never suspended, where the two clocks of Linux agree; elsewhere
// (or under `unshare --time --boottime 3600`) it tells them apart.
TEST_CASE("the system's steady time counts the time the machine was suspended") {
  const auto since_boot = [] {
    timespec now = {};
    REQUIRE(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
    return absl::DurationFromTimespec(now);
  };
  const absl::Duration before = since_boot();
  const absl::Duration steady = SystemClock().Steady();
  CHECK(steady >= before);
  CHECK(steady <= since_boot());
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
