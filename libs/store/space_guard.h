#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::store {

// Watches the free space of one file system, because RocksDB aborts on a full disk instead of
// returning an error. Below the soft limit mutations are refused and readiness is off; below the
// hard limit the process must exit. Step belongs to one thread; state() is thread safe.
class SpaceGuard {
 public:
  enum class State { kOk, kSoft, kHard };
  struct Options {
    std::string directory;
    uint64_t soft_limit_bytes = 512ull << 20;
    uint64_t hard_limit_bytes = 128ull << 20;
    absl::Duration interval = absl::Seconds(1);
    // Replaced in tests and in the simulation; null: statvfs.
    std::function<absl::StatusOr<uint64_t>(const std::string&)> free_bytes;
  };

  SpaceGuard(Options options, telemetry::Metrics& metrics);

  // Measures when the interval has passed. True when it measured.
  bool Step(absl::Duration steady_now);
  uint64_t free_bytes() const { return last_free_.load(std::memory_order_relaxed); }
  State state() const { return state_.load(std::memory_order_acquire); }
  // OK, or RESOURCE_EXHAUSTED (DISK_SPACE_LOW) with a retry delay.
  absl::Status CheckWritable() const;

 private:
  Options options_;
  telemetry::Gauge free_gauge_;
  telemetry::Gauge state_gauge_;
  absl::Duration next_ = absl::ZeroDuration();
  std::atomic<uint64_t> last_free_{0};
  std::atomic<State> state_{State::kOk};
};

}  // namespace frontdesk::store
