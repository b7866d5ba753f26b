#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/notifier.h"
#include "libs/bus/event_routes.h"

namespace frontdesk::bus {

// How committer and prepare steps answer a consumer, which may be gone by then. Shared between the
// consumer and the callbacks it has given away. Thread safe.
class ConsumerInbox {
 public:
  struct Answer {  // of the committer
    size_t partition;
    uint64_t item;
    absl::Status status;
  };
  struct Result {  // of a prepare step
    size_t partition;
    uint64_t item;
    uint32_t attempt;
    Prepared prepared;
  };

  explicit ConsumerInbox(Notifier* wake) : wake_(wake) {}

  void Add(Answer answer) {
    const std::lock_guard lock(mu_);
    answers_.push_back(std::move(answer));
    if (wake_ != nullptr) wake_->Notify();
  }
  void Add(Result result) {
    const std::lock_guard lock(mu_);
    results_.push_back(std::move(result));
    if (wake_ != nullptr) wake_->Notify();
  }
  void Take(std::vector<Answer>* answers, std::vector<Result>* results) {
    answers->clear();
    results->clear();
    const std::lock_guard lock(mu_);
    answers_.swap(*answers);
    results_.swap(*results);
  }

  // Held while a prepare step runs, which uses what the service owns.
  class Visit {
   public:
    explicit Visit(ConsumerInbox* inbox) : inbox_(inbox) {}
    Visit(Visit&& other) noexcept : inbox_(std::exchange(other.inbox_, nullptr)) {}
    Visit& operator=(Visit&&) = delete;
    ~Visit() {
      if (inbox_ != nullptr) inbox_->Leave();
    }

   private:
    ConsumerInbox* inbox_;
  };
  // Empty once the consumer is gone.
  std::optional<Visit> Enter() {
    const std::lock_guard lock(mu_);
    if (wake_ == nullptr) return std::nullopt;
    ++visits_;
    return std::optional<Visit>(std::in_place, this);
  }
  // The consumer goes. Blocks until no prepare step runs; nobody is woken any more.
  void Detach() {
    std::unique_lock lock(mu_);
    wake_ = nullptr;
    left_.wait(lock, [this] { return visits_ == 0; });
  }

 private:
  void Leave() {
    const std::lock_guard lock(mu_);
    if (--visits_ == 0) left_.notify_all();
  }

  std::mutex mu_;
  std::condition_variable left_;
  Notifier* wake_;               // guarded by mu_; null once the consumer is gone
  int visits_ = 0;               // guarded by mu_
  std::vector<Answer> answers_;  // guarded by mu_
  std::vector<Result> results_;  // guarded by mu_
};

}  // namespace frontdesk::bus
