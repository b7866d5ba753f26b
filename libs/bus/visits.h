#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace frontdesk::bus {

// Lets callbacks that may outlive an owner use what it owns: each enters before it does, and the
// owner closes before it goes. Shared between both. Thread safe.
class Visits {
 public:
  class Visit {
   public:
    explicit Visit(Visits* visits) : visits_(visits) {}
    Visit(Visit&& other) noexcept : visits_(std::exchange(other.visits_, nullptr)) {}
    Visit& operator=(Visit&&) = delete;
    ~Visit() {
      if (visits_ != nullptr) visits_->Leave();
    }

   private:
    Visits* visits_;
  };

  // Empty once it is closed.
  std::optional<Visit> Enter() {
    const std::lock_guard lock(mu_);
    if (closed_) return std::nullopt;
    ++inside_;
    return std::optional<Visit>(std::in_place, this);
  }
  // Nobody enters any more. Blocks until all have left; not from within a visit.
  void Close() {
    std::unique_lock lock(mu_);
    closed_ = true;
    left_.wait(lock, [this] { return inside_ == 0; });
  }

 private:
  void Leave() {
    const std::lock_guard lock(mu_);
    if (--inside_ == 0) left_.notify_all();
  }

  std::mutex mu_;
  std::condition_variable left_;
  bool closed_ = false;  // guarded by mu_
  int inside_ = 0;       // guarded by mu_
};

}  // namespace frontdesk::bus
