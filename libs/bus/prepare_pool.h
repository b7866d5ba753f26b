#pragma once

#include <string>
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

  // False when the queue is full; `job` is untouched then.
  [[nodiscard]] bool TrySubmit(Job&& job);
  // Runs one waiting job on this thread. False when there is none.
  bool Step();

 private:
  void Run();

  telemetry::QueueMetrics observer_;
  BoundedQueue<Job> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace frontdesk::bus
