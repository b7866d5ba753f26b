#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "libs/base/bounded_queue.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::bus {

// Runs the prepare steps of events. Owned by the process, outlives the consumers. Thread safe. With
// zero threads (the simulation) nothing runs until Step is called.
class PreparePool {
 public:
  using Job = absl::AnyInvocable<void()>;
  struct Options {
    int threads = 2;
    size_t queue_max = 1024;
  };

  PreparePool(Options options, telemetry::Metrics& metrics);
  ~PreparePool();

  // Waits for the jobs that run, drops those that wait and takes none afterwards; before the owners
  // of the jobs go. A dropped job is destroyed, not run. Blocks.
  void Stop();

  // False when the queue is full or the pool is stopped; `job` is untouched then.
  [[nodiscard]] bool TrySubmit(Job&& job);
  // Runs one waiting job on this thread. False when there is none.
  bool Step();

 private:
  void Run();

  telemetry::QueueMetrics observer_;
  BoundedQueue<Job> queue_;
  std::atomic<bool> stopped_{false};
  std::vector<std::thread> threads_;
};

}  // namespace frontdesk::bus
