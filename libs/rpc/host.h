#pragma once

#include <atomic>
#include <memory>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/rpc/authenticator.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::rpc {

class Deadlines;

// What all RPC services of a process share. Owned by the process, outlives the Server, the services
// and everything that may still hold a Finish. Thread safe. Owns the thread "rpc-deadlines", which
// ends calls whose time is over: a call that nobody finishes must not hang the server's stop.
class Host {
 public:
  struct Options {
    absl::Duration default_deadline = absl::Seconds(5);  // for callers that set none
    absl::Duration deadline_max = absl::Seconds(60);     // unary calls: a longer one is cut
  };

  Host(Authenticator& authenticator, Clock& clock, RandomSource& random,
       telemetry::Metrics& metrics, Options options);
  ~Host();

  Authenticator& authenticator() { return authenticator_; }
  Clock& clock() { return clock_; }
  RandomSource& random() { return random_; }
  telemetry::Metrics& metrics() { return metrics_; }
  Deadlines& deadlines() { return *deadlines_; }
  const Options& options() const { return options_; }

  // For the Server, when its grace is over: ends every call that runs with SHUTTING_DOWN.
  void EndCalls();
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }

 private:
  Authenticator& authenticator_;
  Clock& clock_;
  RandomSource& random_;
  telemetry::Metrics& metrics_;
  Options options_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Deadlines> deadlines_;
};

}  // namespace frontdesk::rpc
