#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/base/bounded_queue.h"
#include "libs/store/store.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::store {

// Serves reads for callers that must not block: tries on the calling thread with what is in
// memory, and hands the read to a small pool when it would touch the disk. With zero threads (the
// simulation) it blocks instead. Thread safe. Owned by the process, outlives its callers.
class ReadPool {
 public:
  using ReadFn = absl::AnyInvocable<absl::Status(const Reader&)>;
  using Done = absl::AnyInvocable<void(absl::Status)>;
  struct Options {
    int threads = 2;
    size_t queue_max = 1024;  // past it: RESOURCE_EXHAUSTED (QUEUE_FULL)
  };

  ReadPool(Options options, telemetry::Metrics& metrics);
  ~ReadPool();

  // Answers what waits and reads no store afterwards; before the stores are destroyed. Blocks.
  void Stop();

  // `read` may run twice and must start from scratch each time; `done` is called exactly once.
  void Read(const Store& store, bool snapshot, ReadFn read, Done done);

 private:
  struct Job {
    const Store* store;
    bool snapshot;
    ReadFn read;
    Done done;
  };
  void Run();

  telemetry::QueueMetrics queue_metrics_;
  BoundedQueue<Job> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace frontdesk::store
