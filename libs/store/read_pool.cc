#include "libs/store/read_pool.h"

#include "libs/base/error.h"
#include "libs/telemetry/thread_name.h"

namespace frontdesk::store {

ReadPool::ReadPool(Options options, telemetry::Metrics& metrics)
    : queue_metrics_(metrics, "reads"), queue_(options.queue_max, &queue_metrics_) {
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { Run(); });
}

ReadPool::~ReadPool() { Stop(); }

void ReadPool::Stop() {
  queue_.Close();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ReadPool::Read(const Store& store, bool snapshot, ReadFn read, Done done) {
  const Store::Tier tier = threads_.empty() ? Store::Tier::kMayBlock : Store::Tier::kMemoryOnly;
  const absl::Status status =
      store.Read(tier, snapshot, [&read](const Reader& reader) { return read(reader); });
  if (threads_.empty() || status.ok() || ReasonOf(status) != "NOT_IN_MEMORY") {
    done(status);
    return;
  }
  Job job{&store, snapshot, std::move(read), std::move(done)};
  if (queue_.TryPush(std::move(job))) return;
  if (queue_.closed()) {
    job.done(Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping"));
    return;
  }
  job.done(WithRetryDelay(
      Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "too many reads wait"),
      absl::Milliseconds(100)));
}

void ReadPool::Run() {
  telemetry::NameThread("fd-read");
  while (!queue_.closed() || queue_.size() > 0) {
    std::optional<Job> job = queue_.PopFor(absl::Seconds(1));
    if (!job.has_value()) continue;
    job->done(job->store->Read(Store::Tier::kMayBlock, job->snapshot,
                               [&job](const Reader& reader) { return job->read(reader); }));
  }
}

}  // namespace frontdesk::store
