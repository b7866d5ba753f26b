#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/base/random.h"
#include "libs/store/command.h"
#include "libs/store/space_guard.h"
#include "libs/store/store.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::store::v1 {
class Manifest;
}

namespace frontdesk::store {

class CommandQueues;
class DeadLetterShelf;
class ShardLedger;

// The one writer of a shard: takes waiting commands, runs their handlers one after the other,
// writes everything they changed in one batch with one sync, then delivers the replies. See
// services/README.md for the way through.
//
// Owned by bus::Shard. Submit is thread safe; Step and DeliverStep belong to one thread each (the
// same one in the simulation). It has no threads of its own.
class Committer {
 public:
  struct Options {
    size_t batch_commands_max = 256;
    size_t batch_bytes_max = 1 << 20;
    size_t rpc_queue_max = 4096;  // per input: past it commands are refused, QUEUE_FULL
    size_t event_queue_max = 4096;
    size_t timer_queue_max = 1024;
    // Answers not yet taken by DeliverStep: past it RPCs stay in their queue, which refuses in turn.
    size_t undelivered_max = 4096;
    uint64_t outbox_rows_max = 2'000'000;  // bus away: past it mutations are refused
    uint64_t dead_letters_max = 10'000;    // past it the oldest go
    absl::Duration dead_letter_age_max = absl::Hours(24 * 30);
    absl::Duration clock_back_max = absl::Seconds(60);
    absl::Duration clock_forward_max = absl::Minutes(10);
  };
  struct Collaborators {
    Store& store;
    Clock& clock;
    RandomSource& random;
    telemetry::Metrics& metrics;
    SpaceGuard& guard;
    // Called once when a sync failed: the process must exit, nothing may be retried. Callers have
    // been answered COMMIT_UNKNOWN before.
    std::function<void(const absl::Status&)> on_fatal;
  };

  static absl::StatusOr<std::unique_ptr<Committer>> Open(Collaborators collaborators,
                                                         Options options);
  virtual ~Committer();

  // Hands a command over. Never blocks. When it can't be taken (queue full, disk nearly full,
  // stopping) `done` is called at once, on this thread, with RESOURCE_EXHAUSTED or UNAVAILABLE.
  void Submit(Command command);

  // Commits one batch. False when nothing waited. Blocks: one fsync.
  bool Step();
  // Calls `done` of the commands of committed batches. False when nothing waited.
  bool DeliverStep();
  // From now on Step itself calls `done` of a batch of at most `commands` when none before it waits:
  // for so few, waking another thread costs more than it frees. For whoever runs Step and
  // DeliverStep on threads of their own; before the first Step. Without it Step never does.
  void DeliverWithin(size_t commands) { deliver_within_ = commands; }
  // Woken when Step or DeliverStep have work.
  Notifier& work() { return work_; }
  Notifier& deliveries() { return deliveries_ready_; }
  // Called after each commit that appended to the outbox.
  void OnOutboxGrown(std::function<void()> wake) { wake_relay_ = std::move(wake); }

  // Refuses further commands; what waits is still handled by Step.
  void StopAccepting();
  bool Idle() const;
  // After a failed sync nothing is written any more.
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  // The wall clock jumped: timers pause and readiness is off until the clock is back or accepted.
  bool clock_jumped() const { return clock_jumped_.load(std::memory_order_acquire); }
  void AcceptClock();

  // Outbox (for bus::Relay): rows after `after`, in order, at most `max` and about 4 MiB, at
  // least one if there is any; a row is (sequence number, serialised frontdesk.store.v1.OutboxRow).
  struct OutboxEntry {
    uint64_t seq;
    std::string row;
  };
  absl::Status ReadOutbox(uint64_t after, size_t max, std::vector<OutboxEntry>* out) const;
  uint64_t outbox_trimmed() const;  // everything up to it is on the bus and gone from the store
  uint64_t outbox_last() const;     // the newest committed one
  // What is up to `seq` is durable on the bus: it is deleted with the next batches.
  void TrimOutbox(uint64_t seq);

  // Consumer positions (for bus::Consumer), as of the last commit. Thread safe.
  struct Position {
    std::string topic_id;
    int64_t next_offset = -1;  // -1: never read
    uint64_t epoch = 0;
    uint64_t seq = 0;
  };
  absl::StatusOr<Position> FindPosition(const std::string& bus_id, const std::string& topic,
                                        int32_t partition) const;
  // The one bus this shard belongs to; empty before it first saw one. FAILED_PRECONDITION
  // (BUS_MISMATCH) when a store of an earlier version has positions of several.
  absl::StatusOr<std::string> CurrentBus() const;
  // Makes the command that records it.
  Command RecordBusCommand(const std::string& bus_id);
  // Makes the command that sets a position (audited `frontdesk bus reposition` and `bus switch`):
  // the next event's source sequence is accepted as it comes.
  Command RepositionCommand(const std::string& bus_id, const std::string& topic,
                            const std::string& topic_id, int32_t partition, int64_t next_offset);
  // The same for a partition that was never read, so that what comes and goes before it first is
  // shows as overtaken; without effect once it was.
  Command StartPositionCommand(const std::string& bus_id, const std::string& topic,
                               const std::string& topic_id, int32_t partition, int64_t first);

  // As of the last commit, for operators. Thread safe.
  struct Stats {
    size_t rpc_waiting = 0;
    size_t event_waiting = 0;
    size_t timer_waiting = 0;
    uint64_t outbox_bytes = 0;
    uint64_t dead_letters = 0;
    absl::Time last_now;
  };
  Stats stats() const;

  Store& store() { return in_.store; }
  SpaceGuard& guard() { return in_.guard; }

 protected:
  Committer(Collaborators collaborators, Options options);
  // Reads what the shard had counted; before the first Step.
  absl::Status Load();
  // The seam of DESIGN section 7: called with the serialised batch before the local write.
  virtual absl::Status Append(std::string_view batch);

 private:
  friend class TimerScanner;
  struct Round;
  struct Deliveries;
  struct Metrics;

  absl::Status CheckAccepting(const Command& command) const;
  absl::Time AdvanceNow();
  // Each returns what `done` is told.
  absl::Status Handle(Command& command, Round& round);
  absl::Status HandleRpc(Command& command, Round& round);
  absl::Status HandleEvent(Command& command, Round& round);
  absl::Status HandleTimer(Command& command, Round& round);
  // Runs the handler in a Txn and, when it is OK, moves its changes into the round.
  absl::Status RunHandler(Command& command, Round& round);
  absl::Status ApplyTxn(Txn& txn, const Command& command, Round& round);
  // The kept outcome of a repeated request; nullopt for a new one.
  absl::StatusOr<std::optional<absl::Status>> FindOutcome(Command& command, Round& round);
  absl::Status KeepOutcome(const Command& command, const Reply& reply, Round& round);
  absl::Status WriteDeadLetter(const Delivery& delivery, const absl::Status& why,
                               const Command& command, Round& round);
  absl::Status AnnounceRestore(Round& round);
  absl::Status AppendSourceRestored(const ::frontdesk::store::v1::Manifest& manifest,
                                    const std::string& topic, const std::string& key, Round& round);
  void Commit(Round& round, bool sync);
  // What other threads may know of the ledger.
  void PublishLedger();
  void Deliver(Round& round);
  void TrimWhenIdle();

  Collaborators in_;
  const Options options_;
  std::unique_ptr<CommandQueues> queues_;
  std::unique_ptr<ShardLedger> ledger_;
  std::unique_ptr<DeadLetterShelf> dead_letter_shelf_;
  UlidSource ids_;
  Notifier work_;
  Notifier deliveries_ready_;
  std::function<void()> wake_relay_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Deliveries> deliveries_;
  // Committer thread only.
  size_t deliver_within_ = 0;
  bool clock_known_ = false;
  absl::Time clock_base_wall_;
  absl::Duration clock_base_steady_;
  absl::Duration last_commit_;
  size_t last_batch_bytes_ = 0;
  // Shared.
  std::atomic<bool> failed_{false};
  std::atomic<bool> clock_jumped_{false};
  std::atomic<bool> accept_clock_{false};
  std::atomic<bool> busy_{false};
  std::atomic<uint64_t> outbox_last_{0};
  std::atomic<uint64_t> outbox_trimmed_{0};
  std::atomic<uint64_t> outbox_bytes_{0};
  std::atomic<uint64_t> dead_letters_{0};
  std::atomic<int64_t> last_now_us_{0};
};

}  // namespace frontdesk::store
