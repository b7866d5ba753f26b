#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/bounded_queue.h"
#include "libs/base/clock.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::knowledge {

// Threads for searching, which blocks on disk and must not run on gRPC's. Owned by the App. Submit
// is thread safe. Until Start (the simulation, unit tests) jobs run on the caller's thread.
class SearchPool {
 public:
  // Told OK when the work shall be done now; else why it was not: RESOURCE_EXHAUSTED (QUEUE_FULL),
  // DEADLINE_EXCEEDED, UNAVAILABLE (SHUTTING_DOWN).
  using Job = absl::AnyInvocable<void(absl::Status)>;
  struct Options {
    int threads = 2;
    size_t queue_max = 512;
  };

  SearchPool(Options options, const Clock& clock, telemetry::Metrics& metrics);
  ~SearchPool();

  // `job` is called exactly once. A job whose time `give_up_at` (steady) is over is not begun.
  void Submit(absl::Duration give_up_at, Job job);
  void Start();
  // What waits is refused. Blocks until what runs has ended.
  void Stop();

 private:
  struct Item {
    absl::Duration give_up_at;
    Job job;
  };
  void Run();

  const Options options_;
  const Clock& clock_;
  telemetry::QueueMetrics observer_;
  BoundedQueue<Item> queue_;
  std::atomic<bool> started_{false};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace frontdesk::knowledge
