#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/base/random.h"
#include "libs/bus/event_log.h"
#include "libs/bus/event_routes.h"
#include "libs/bus/prepare_pool.h"
#include "libs/store/committer.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::bus {

// One consumed partition, for the admin RPC.
struct PartitionStatus {
  enum class State {
    kReading,
    kPaused,   // for a while: backoff, disk nearly full
    kStopped,  // until a person acts: gap, overtaken position, another bus
  };
  std::string topic;
  int32_t partition = 0;
  State state = State::kReading;
  absl::Status reason;      // why it does not read
  int64_t next_offset = 0;  // as committed
  int64_t end_offset = -1;  // -1: unknown
  uint64_t epoch = 0;
  uint64_t seq = 0;
  absl::Time retry_at = absl::InfiniteFuture();
};

// Reads the partitions of one shard and turns every event into a command, in the order of each
// partition: decode, prepare (in parallel, never two of one key at once), submit. The committer
// checks sequence numbers and writes the position with the effect. Owned by Shard. Step belongs to
// one thread and never blocks but for connecting to the bus; the rest is thread safe.
class Consumer {
 public:
  struct Options {
    std::string service = "";
    uint32_t shard = 0;
    uint32_t shard_count = 1;
    size_t prepare_ahead_max = 64;      // per partition
    size_t window_max = 512;            // records taken and not committed, per partition
    size_t window_bytes_max = 4 << 20;  // the same
    absl::Duration prepare_deadline = absl::Milliseconds(300);
    absl::Duration backoff_min = absl::Milliseconds(50);
    absl::Duration backoff_max = absl::Seconds(30);
  };
  struct Collaborators {
    store::Committer& committer;
    EventLog& log;
    const EventRoutes& routes;
    PreparePool& pool;
    Clock& clock;
    RandomSource& random;
    telemetry::Metrics& metrics;
  };
  using Done = absl::AnyInvocable<void(absl::Status)>;

  // Offsets of Reposition.
  static constexpr int64_t kToEarliest = -2;
  static constexpr int64_t kToEnd = -1;

  Consumer(Collaborators collaborators, Options options);
  ~Consumer();

  // Moves everything on that can move. False when there was nothing to do.
  bool Step(absl::Time now);
  // How long the caller may sleep unless work() is notified, at most `max`.
  absl::Duration UntilNext(absl::Duration max) const;
  Notifier& work() { return work_; }

  // Takes nothing more from the bus; what was submitted is still answered.
  void StopReading();
  // True when nothing that was submitted is unanswered.
  bool Idle() const;

  std::vector<PartitionStatus> Status() const;
  // OK, or why some partition stands still until a person acts.
  absl::Status Health() const;
  // Since the connection was served or Step ran, whichever is longer ago; above a few seconds
  // something is stuck.
  absl::Duration SinceLastPoll() const;

  // Sets the position of one partition and reads on from there. `done` is called once, on any
  // thread. NOT_FOUND for a partition that is not consumed here.
  void Reposition(std::string topic, int32_t partition, int64_t next_offset, Done done);
  // Accepts the bus and the topics as they are now; positions start at the earliest record.
  void SwitchBus(Done done);

 private:
  class Impl;
  Notifier work_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frontdesk::bus
