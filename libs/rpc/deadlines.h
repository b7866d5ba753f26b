#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace frontdesk::rpc {

// Something that ends when its time is over. While it is in a Deadlines, that holds a reference.
class Deadline {
 public:
  // On the deadline thread or that of ExpireAll, without the lock. Must not block. The reference is dropped afterwards.
  virtual void OnDeadline() = 0;

 protected:
  ~Deadline() = default;

 private:
  friend class Deadlines;
  virtual void RefDeadline() = 0;
  virtual void UnrefDeadline() = 0;
  // Says, under the lock, whether it still wants to be added.
  virtual bool StillWanted() = 0;

  int64_t tick_ = 0;
  bool listed_ = false;
  Deadline* next_ = nullptr;
  Deadline* prev_ = nullptr;
};

// A timer wheel with a thread of its own, for very many deadlines of which nearly all are removed
// before they pass: adding and removing are a lock and four pointers. Fires at most two ticks (20
// ms each) late. Thread safe. The thread starts with the first deadline.
class Deadlines {
 public:
  Deadlines(Clock& clock, const char* thread_name);
  // Fires nothing more; what is still listed is dropped.
  ~Deadlines();

  // Not when StillWanted() says no. `at` is steady time.
  void Add(Deadline& deadline, absl::Duration at);
  // False when it is not listed (any more).
  bool Remove(Deadline& deadline);
  // Fires all that is listed, on this thread, as if their time had come.
  void ExpireAll();

 private:
  static constexpr size_t kSlots = 512;
  static constexpr absl::Duration kTick = absl::Milliseconds(20);
  // Listens for an idle moment this long before it sleeps until the next Add.
  static constexpr int kIdleTicks = 50;

  void Run();
  void Unlink(Deadline& deadline);
  static void Fire(const std::vector<Deadline*>& expired);
  void TakeExpired(int64_t now_tick, std::vector<Deadline*>& expired);
  int64_t NowTick() const { return clock_.Steady() / kTick; }

  Clock& clock_;
  const char* thread_name_;

  std::mutex mu_;
  std::condition_variable changed_;
  std::array<Deadline*, kSlots> slots_{};  // guarded by mu_
  int64_t swept_ = 0;                      // guarded by mu_; every tick up to it has fired
  size_t size_ = 0;                        // guarded by mu_
  bool asleep_ = false;                    // guarded by mu_
  bool stopping_ = false;                  // guarded by mu_
  std::thread thread_;                     // started under mu_
};

}  // namespace frontdesk::rpc
