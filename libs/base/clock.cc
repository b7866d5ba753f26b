#include "libs/base/clock.h"

#include <ctime>

#include "absl/time/clock.h"
#include "libs/base/check.h"

namespace frontdesk {

absl::Time SystemClock::Now() const { return absl::Now(); }

absl::Duration SystemClock::Steady() const {
  // Not CLOCK_MONOTONIC, which stands still while the machine is suspended: deadlines would stretch
  // by that time, and the wall clock would look as if it had jumped.
  timespec now = {};
  FD_CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0, "Linux has CLOCK_BOOTTIME since 2.6.39");
  return absl::DurationFromTimespec(now);
}

absl::Time SimulatedClock::Now() const {
  std::lock_guard lock(mu_);
  return wall_;
}

absl::Duration SimulatedClock::Steady() const {
  std::lock_guard lock(mu_);
  return steady_;
}

void SimulatedClock::Advance(absl::Duration by) {
  FD_CHECK(by >= absl::ZeroDuration(), "steady time never goes back: {}", absl::FormatDuration(by));
  std::lock_guard lock(mu_);
  wall_ += by;
  steady_ += by;
}

void SimulatedClock::JumpWall(absl::Duration by) {
  std::lock_guard lock(mu_);
  wall_ += by;
}

}  // namespace frontdesk
