#pragma once

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace frontdesk {

// Wakes a loop that calls Step: work arrived, or it is time to stop. Signals before a wait are not
// lost; several before one wait count as one. Thread-safe.
class Notifier {
 public:
  void Notify();

  // Blocking: until notified or `timeout` has passed. True when notified; the signal is used up.
  bool WaitFor(absl::Duration timeout);

 private:
  std::mutex mu_;
  std::condition_variable woken_;
  bool notified_ = false;  // guarded by mu_
};

}  // namespace frontdesk
