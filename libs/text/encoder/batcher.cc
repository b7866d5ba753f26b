#include "libs/text/encoder/batcher.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::text {
namespace {

// After so long without work the traffic that made the last batch large is over.
constexpr absl::Duration kIdle = absl::Milliseconds(20);

absl::Status FullError() {
  return WithRetryDelay(Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                              "too many texts wait to be encoded"),
                        absl::Milliseconds(100));
}

absl::Status StoppedError() {
  return Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the encoder is being stopped");
}

absl::Status ExpiredError() {
  return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
               "the deadline passed before the text was encoded");
}

}  // namespace

Batcher::Batcher(Encoder& encoder, const Clock& clock, BatcherOptions options)
    : encoder_(encoder), clock_(clock), options_(std::move(options)) {}

Batcher::~Batcher() { Stop(); }

absl::Status Batcher::Encode(std::string_view text, absl::Time deadline, Done done) {
  FD_RETURN_IF_ERROR(CheckEncodable({text}));
  if (deadline <= clock_.Now()) return ExpiredError();
  std::vector<float> cached;
  if (encoder_.FindCached(text, cached)) {
    done(std::move(cached));
    return absl::OkStatus();
  }
  {
    const std::lock_guard lock(mu_);
    if (stopped_) return StoppedError();
    if (queue_.size() >= options_.queue_texts_max ||
        queued_bytes_ + text.size() > options_.queue_bytes_max) {
      if (options_.observer != nullptr) options_.observer->OnRejected();
      return FullError();
    }
    queue_.push_back({std::string(text), deadline, clock_.Steady(), std::move(done)});
    queued_bytes_ += text.size();
    ReportDepthLocked();
  }
  changed_.notify_one();
  return absl::OkStatus();
}

absl::Duration Batcher::DueLocked() const {
  if (queue_.empty()) return absl::InfiniteDuration();
  const absl::Duration first = queue_.front().queued_at;
  const bool idle = first - last_ended_ > kIdle;
  const size_t wanted = idle ? 1 : std::min(last_batch_, options_.batch_texts_max);
  if (stopped_ || queue_.size() >= wanted) return -absl::InfiniteDuration();
  return first + options_.wait_max;
}

std::vector<Batcher::Item> Batcher::TakeLocked() {
  std::vector<Item> batch;
  while (!queue_.empty() && batch.size() < options_.batch_texts_max) {
    queued_bytes_ -= queue_.front().text.size();
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  ReportDepthLocked();
  return batch;
}

void Batcher::ReportDepthLocked() const {
  if (options_.observer != nullptr) options_.observer->OnDepth(queue_.size());
}

std::vector<Batcher::Item> Batcher::DropExpired(std::vector<Item> batch) const {
  const absl::Time now = clock_.Now();
  std::vector<Item> alive;
  for (Item& item : batch) {
    if (item.deadline > now) {
      alive.push_back(std::move(item));
      continue;
    }
    if (options_.observer != nullptr) options_.observer->OnExpired();
    item.done(ExpiredError());
  }
  return alive;
}

void Batcher::EncodeBatch(std::vector<Item> taken) {
  const std::vector<Item> batch = DropExpired(std::move(taken));
  if (!batch.empty()) {
    if (options_.observer != nullptr) {
      options_.observer->OnBatch(batch.size(), clock_.Steady() - batch.front().queued_at);
    }
    std::vector<std::string_view> texts;
    for (const Item& item : batch) texts.push_back(item.text);
    const absl::StatusOr<std::vector<float>> vectors = encoder_.Encode(texts);
    {
      // Before the answers: a caller that comes back at once meets the new state.
      const std::lock_guard lock(mu_);
      last_batch_ = batch.size();
      last_ended_ = clock_.Steady();
    }
    const auto dimensions = static_cast<size_t>(encoder_.info().dimensions);
    for (size_t i = 0; i < batch.size(); ++i) {
      if (!vectors.ok()) {
        batch[i].done(vectors.status());
        continue;
      }
      const float* first = vectors->data() + i * dimensions;
      batch[i].done(std::vector<float>(first, first + dimensions));
    }
  }
}

bool Batcher::Step() {
  std::vector<Item> batch;
  {
    const std::lock_guard lock(mu_);
    if (DueLocked() > clock_.Steady()) return false;
    batch = TakeLocked();
  }
  if (batch.empty()) return false;
  EncodeBatch(std::move(batch));
  return true;
}

absl::Duration Batcher::DueAt() const {
  const std::lock_guard lock(mu_);
  return DueLocked();
}

void Batcher::Start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
}

void Batcher::Run() {
  pthread_setname_np(pthread_self(), fmt::format("fd-{}", options_.name).substr(0, 15).c_str());
  while (true) {
    if (Step()) continue;
    std::unique_lock lock(mu_);
    if (stopped_) return;
    const absl::Duration due = DueLocked();
    if (due == absl::InfiniteDuration()) {
      changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    } else if (const absl::Duration left = due - clock_.Steady(); left > absl::ZeroDuration()) {
      changed_.wait_for(lock, absl::ToChronoNanoseconds(left));
    }
  }
}

void Batcher::Stop() {
  std::deque<Item> left;
  {
    const std::lock_guard lock(mu_);
    stopped_ = true;
    left.swap(queue_);
    queued_bytes_ = 0;
    ReportDepthLocked();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (Item& item : left) item.done(StoppedError());
}

size_t Batcher::depth() const {
  const std::lock_guard lock(mu_);
  return queue_.size();
}

}  // namespace frontdesk::text
