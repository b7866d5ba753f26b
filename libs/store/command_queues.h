#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "libs/base/clock.h"
#include "libs/store/command.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::store {

// The three bounded inputs of a committer. Takes are weighted, so that a flood of one input never
// starves the others, and RPCs are taken in turn from the tenants that wait. A queue of RPCs that is
// half full is shared: a tenant then holds at most its part, one part being kept for a tenant that
// is not there yet, so that a flood of one is refused before it shuts out the rest. Thread safe.
class CommandQueues {
 public:
  struct Limits {
    size_t rpc = 0;
    size_t event = 0;
    size_t timer = 0;
  };

  CommandQueues(Limits limits, const Clock& clock, telemetry::Metrics& metrics,
                const std::string& service);

  // RESOURCE_EXHAUSTED (QUEUE_FULL) or, after Close, UNAVAILABLE (SHUTTING_DOWN); the command is
  // untouched then.
  absl::Status Push(Command& command);
  // Up to `commands_max` commands of together about `bytes_max` bytes, at least one if any waits;
  // without `rpcs` those stay.
  std::vector<std::unique_ptr<Command>> Take(size_t commands_max, size_t bytes_max,
                                             bool rpcs = true);
  void Close();
  bool empty() const;
  size_t Waiting(Command::Source source) const;

 private:
  // A command is large: it is moved into the heap once, and its pointer from there on.
  struct Entry {
    std::unique_ptr<Command> command;
    absl::Duration since;
  };
  struct Input {
    size_t limit = 0;
    size_t weight = 0;
    size_t size = 0;
    telemetry::Gauge depth;
    telemetry::Histogram wait;
    telemetry::Counter rejected;
  };
  using Queue = std::deque<Entry>;

  Input& input(Command::Source source) { return inputs_[static_cast<size_t>(source)]; }
  // Its tenant holds its part of a queue that is half full. Guarded by mu_.
  bool OverShare(const Command& command) const;
  // The next command of an input; the input must not be empty. Guarded by mu_.
  Entry PopFront(Command::Source source);

  const Clock& clock_;
  mutable std::mutex mu_;
  bool closed_ = false;
  Input inputs_[3];
  absl::flat_hash_map<std::string, Queue> rpcs_;  // by tenant; no empty queues
  std::deque<std::string> turns_;                 // tenants of rpcs_, whose turn it is first
  Queue events_;
  Queue timers_;
};

}  // namespace frontdesk::store
