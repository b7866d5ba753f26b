#include "libs/base/clock.h"

#include <chrono>

#include "absl/time/clock.h"
#include "libs/base/check.h"

namespace frontdesk {

absl::Time SystemClock::Now() const { return absl::Now(); }

absl::Duration SystemClock::Steady() const {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
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
