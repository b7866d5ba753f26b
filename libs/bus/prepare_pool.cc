#include "libs/bus/prepare_pool.h"

#include <utility>

#include "libs/telemetry/thread_name.h"

namespace frontdesk::bus {

PreparePool::PreparePool(Options options, telemetry::Metrics& metrics)
    : observer_(metrics, "prepare"), queue_(options.queue_max, &observer_) {
  for (int i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

PreparePool::~PreparePool() { Stop(); }

void PreparePool::Stop() {
  stopped_ = true;
  queue_.Close();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  while (queue_.PopFor(absl::ZeroDuration()).has_value()) {
  }
}

bool PreparePool::TrySubmit(Job&& job) { return queue_.TryPush(std::move(job)); }

bool PreparePool::Step() {
  auto job = queue_.PopFor(absl::ZeroDuration());
  if (!job.has_value()) return false;
  (*job)();
  return true;
}

void PreparePool::Run() {
  telemetry::NameThread("fd-prepare");
  while (!stopped_) {
    auto job = queue_.PopFor(absl::InfiniteDuration());
    if (!job.has_value()) return;
    if (!stopped_) (*job)();
  }
}

}  // namespace frontdesk::bus
