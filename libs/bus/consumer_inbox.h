#pragma once

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
#include "libs/bus/visits.h"

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

  // Held while a prepare step runs, which uses what the service owns. Empty once the consumer is
  // gone.
  std::optional<Visits::Visit> Enter() { return visits_.Enter(); }
  // The consumer goes. Blocks until no prepare step runs; nobody is woken any more.
  void Detach() {
    {
      const std::lock_guard lock(mu_);
      wake_ = nullptr;
    }
    visits_.Close();
  }

 private:
  Visits visits_;
  std::mutex mu_;
  Notifier* wake_;               // guarded by mu_; null once the consumer is gone
  std::vector<Answer> answers_;  // guarded by mu_
  std::vector<Result> results_;  // guarded by mu_
};

}  // namespace frontdesk::bus
