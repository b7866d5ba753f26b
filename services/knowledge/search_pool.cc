#include "services/knowledge/search_pool.h"

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/telemetry/thread_name.h"

namespace frontdesk::knowledge {
namespace {

absl::Status StoppingError() {
  return WithRetryDelay(
      Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the knowledge service stops"),
      absl::Seconds(1));
}

absl::Status LateError() {
  return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
               "the search was not begun in time");
}

}  // namespace

SearchPool::SearchPool(Options options, const Clock& clock, telemetry::Metrics& metrics)
    : options_(options),
      clock_(clock),
      observer_(metrics, "knowledge.search"),
      queue_(options.queue_max, &observer_) {}

SearchPool::~SearchPool() { Stop(); }

void SearchPool::Submit(absl::Duration give_up_at, Job job) {
  if (stopping_.load(std::memory_order_acquire)) return job(StoppingError());
  if (!started_.load(std::memory_order_acquire)) {
    return job(clock_.Steady() > give_up_at ? LateError() : absl::OkStatus());
  }
  Item item{give_up_at, std::move(job)};
  if (queue_.TryPush(std::move(item))) return;
  if (queue_.closed()) return item.job(StoppingError());
  item.job(WithRetryDelay(WithMetadata(WithMetadata(Error(absl::StatusCode::kResourceExhausted,
                                                          "QUEUE_FULL", "too many searches wait"),
                                                    "queue", "knowledge.search"),
                                       "limit", fmt::format("{}", options_.queue_max)),
                          absl::Milliseconds(200)));
}

void SearchPool::Start() {
  if (started_.exchange(true)) return;
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Run(); });
}

void SearchPool::Stop() {
  stopping_.store(true, std::memory_order_release);
  queue_.Close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void SearchPool::Run() {
  telemetry::NameThread("fd-know-search");
  while (true) {
    auto item = queue_.PopFor(absl::InfiniteDuration());
    if (!item.has_value()) return;
    if (stopping_.load(std::memory_order_acquire)) {
      item->job(StoppingError());
    } else {
      item->job(clock_.Steady() > item->give_up_at ? LateError() : absl::OkStatus());
    }
  }
}

}  // namespace frontdesk::knowledge
