#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/error.h"

namespace frontdesk::telemetry {

// Keeps a line that would repeat out of the log: it passes when its state is another than last time,
// and else once in a while. One per place that logs; owned by it. Thread safe.
//   if (const auto repeated = gate_.Pass(StateOf(status), clock.Steady())) {
//     Log(Level::kWarn, "relay.stopped", {{"error", status}, {"repeated", *repeated}});
//   }
class RepeatGate {
 public:
  explicit RepeatGate(absl::Duration interval = absl::Minutes(1)) : interval_(interval) {}

  // How many lines were kept back since the last one; empty: keep this one back, too.
  std::optional<uint64_t> Pass(std::string_view state, absl::Duration now) {
    const std::lock_guard lock(mu_);
    if (state == state_ && now - passed_at_ < interval_) {
      ++kept_back_;
      return std::nullopt;
    }
    state_ = std::string(state);
    passed_at_ = now;
    return std::exchange(kept_back_, 0);
  }
  // All is well again: the next line is news.
  void Reset() {
    const std::lock_guard lock(mu_);
    passed_at_ = -absl::InfiniteDuration();
  }

 private:
  const absl::Duration interval_;
  std::mutex mu_;
  std::string state_;                                     // guarded by mu_
  absl::Duration passed_at_ = -absl::InfiniteDuration();  // guarded by mu_; steady
  uint64_t kept_back_ = 0;                                // guarded by mu_
};

// What an error is, without what varies from time to time (offsets, addresses).
inline std::string StateOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

}  // namespace frontdesk::telemetry
