#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace frontdesk {

// Told of what happens in a queue, for metrics. Called under the queue's lock: only add to atomics.
class QueueObserver {
 public:
  virtual ~QueueObserver() = default;
  virtual void OnDepth(size_t depth) { (void)depth; }
  virtual void OnRejected() {}
  // How long one item stood in the queue.
  virtual void OnWaited(absl::Duration waited) { (void)waited; }
};

// A first-in first-out queue with a fixed bound, for many producers and consumers. Producers never
// block: a full or closed queue refuses. After Close, consumers get what is left, then nothing.
// Thread-safe. Owns its items; the observer must outlive it. std::mutex rather than absl::Mutex,
// because a system Abseil is invisible to TSan.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity, QueueObserver* observer = nullptr)
      : capacity_(capacity), observer_(observer) {}

  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // False when full or closed; `item` is untouched then.
  [[nodiscard]] bool TryPush(T&& item) {
    {
      std::lock_guard lock(mu_);
      if (closed_ || items_.size() >= capacity_) {
        rejected_.fetch_add(1, std::memory_order_relaxed);
        if (observer_ != nullptr) observer_->OnRejected();
        return false;
      }
      items_.push_back({std::move(item), observer_ != nullptr ? SteadyNow() : SteadyPoint{}});
      ReportDepth();
    }
    ready_.notify_one();
    return true;
  }

  // Blocking: waits at most `timeout` (zero = only looks). Empty on timeout, or closed and drained.
  std::optional<T> PopFor(absl::Duration timeout) {
    std::unique_lock lock(mu_);
    if (!WaitReady(lock, timeout)) return std::nullopt;
    return Take();
  }

  // Blocking: waits at most `timeout` for the first item, then takes up to `max` of what is there.
  std::vector<T> PopBatch(size_t max, absl::Duration timeout) {
    std::vector<T> batch;
    std::unique_lock lock(mu_);
    if (!WaitReady(lock, timeout)) return batch;
    batch.reserve(items_.size() < max ? items_.size() : max);
    while (!items_.empty() && batch.size() < max) batch.push_back(Take());
    return batch;
  }

  // Refuses pushes from now on and wakes every consumer.
  void Close() {
    {
      std::lock_guard lock(mu_);
      closed_ = true;
    }
    ready_.notify_all();
  }

  size_t size() const {
    std::lock_guard lock(mu_);
    return items_.size();
  }
  bool closed() const {
    std::lock_guard lock(mu_);
    return closed_;
  }
  size_t capacity() const { return capacity_; }
  uint64_t rejected() const { return rejected_.load(std::memory_order_relaxed); }

 private:
  using SteadyPoint = std::chrono::steady_clock::time_point;
  struct Entry {
    T item;
    SteadyPoint pushed;
  };

  // Beyond it a time point would overflow, and "for ever" is what was meant.
  static constexpr absl::Duration kLongestTimedWait = absl::Hours(24 * 365);

  static SteadyPoint SteadyNow() { return std::chrono::steady_clock::now(); }

  void ReportDepth() {
    if (observer_ != nullptr) observer_->OnDepth(items_.size());
  }

  bool WaitReady(std::unique_lock<std::mutex>& lock, absl::Duration timeout) {
    auto ready = [this] { return !items_.empty() || closed_; };
    if (!ready() && timeout > absl::ZeroDuration()) {
      if (timeout > kLongestTimedWait) {
        ready_.wait(lock, ready);
      } else {
        ready_.wait_until(lock, SteadyNow() + absl::ToChronoNanoseconds(timeout), ready);
      }
    }
    return !items_.empty();
  }

  T Take() {
    Entry entry = std::move(items_.front());
    items_.pop_front();
    ReportDepth();
    if (observer_ != nullptr) {
      observer_->OnWaited(absl::FromChrono(SteadyNow() - entry.pushed));
    }
    return std::move(entry.item);
  }

  const size_t capacity_;
  QueueObserver* const observer_;
  std::atomic<uint64_t> rejected_{0};

  mutable std::mutex mu_;
  std::condition_variable ready_;
  std::deque<Entry> items_;  // guarded by mu_
  bool closed_ = false;      // guarded by mu_
};

}  // namespace frontdesk
