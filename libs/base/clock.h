#pragma once

#include <mutex>

#include "absl/time/time.h"

namespace frontdesk {

// Where time comes from; always a constructor argument. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall time; may jump in both directions.
  virtual absl::Time Now() const = 0;
  // Never goes back; since an arbitrary point. For deadlines, backoff and measuring.
  virtual absl::Duration Steady() const = 0;
};

class SystemClock : public Clock {
 public:
  absl::Time Now() const override;
  absl::Duration Steady() const override;
};

// Moves only when told to.
class SimulatedClock : public Clock {
 public:
  explicit SimulatedClock(absl::Time start = absl::FromUnixSeconds(1'700'000'000)) : wall_(start) {}

  absl::Time Now() const override;
  absl::Duration Steady() const override;

  // Moves wall and steady time; `by` is not negative.
  void Advance(absl::Duration by);
  // Steps the wall clock alone, as an operator or NTP would; may be negative.
  void JumpWall(absl::Duration by);

 private:
  mutable std::mutex mu_;
  absl::Time wall_;        // guarded by mu_
  absl::Duration steady_;  // guarded by mu_
};

}  // namespace frontdesk
