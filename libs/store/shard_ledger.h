#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/ulid.h"
#include "libs/store/command.h"
#include "libs/store/commit_batch.h"
#include "libs/store/engine_keys.h"

namespace frontdesk::store {

// What the engine counts for a shard: event sequence numbers, the last one of each partition,
// consumer positions, the outbox's low-water mark, the timer floor and the last time given out.
// Kept in memory, written with each batch. Committer thread only, but for the members marked.
class ShardLedger {
 public:
  enum class Verdict { kApply, kDuplicate, kStaleEpoch, kGap, kOutOfOrder };

  explicit ShardLedger(const StoreIdentity& identity, uint64_t epoch)
      : identity_(identity), epoch_(epoch) {}

  absl::Status Load(const Reader& reader);

  // Outbox: gives the event its place and puts its row.
  absl::Status AppendEvent(OutgoingEvent event, const Command& cause, absl::Time now,
                           CommitBatch& batch);
  // Deletes published rows, at most `max`, up to the mark that the relay has set. True if any.
  bool Trim(size_t max, CommitBatch& batch);

  // Consumer side: whether this delivery is the next one of its partition. After an error (the
  // position can't be read) it is blocked, as by Block.
  absl::StatusOr<Verdict> Judge(const Delivery& delivery, const Reader& reader);
  // The delivery has had its effect, or needs none.
  void Advance(const Delivery& delivery);
  // Its handler failed for a passing reason, or one before it is missing: nothing behind it may
  // pass.
  void Block(const Delivery& delivery);
  void SetPosition(rows::PositionRow row);
  // Where a consumer begins that has no position yet; without effect when it has one by now.
  void StartPosition(rows::PositionRow row);
  // The one bus that this shard reads from and publishes to.
  void SetBus(const std::string& bus_id);

  // Whether WriteTo has more to say than the time.
  bool Dirty() const;
  // The state row and the dirty positions and tails join the batch, whose earliest new timer is due
  // at `first_timer`.
  void WriteTo(absl::Time first_timer, CommitBatch& batch);

  absl::Time last_now() const { return absl::FromUnixMicros(state_.last_now_us()); }
  void set_last_now(absl::Time now) { state_.set_last_now_us(absl::ToUnixMicros(now)); }
  void CountDeadLetter() { state_.set_dead_letters(state_.dead_letters() + 1); }
  uint64_t dead_letters() const { return state_.dead_letters(); }

  // Of DeadLetterShelf.
  uint64_t dead_letters_kept() const { return state_.dead_letters_kept(); }
  void set_dead_letters_kept(uint64_t kept) { state_.set_dead_letters_kept(kept); }
  bool dead_letters_indexed() const { return state_.dead_letters_indexed(); }
  void set_dead_letters_indexed() { state_.set_dead_letters_indexed(true); }

  uint64_t next_seq() const { return state_.next_seq(); }
  uint64_t trimmed() const { return state_.trimmed_seq(); }
  uint64_t outbox_bytes() const { return state_.outbox_bytes(); }

  // Timer floor: no row is due before it, so a scan begins there. Thread safe.
  // A scan calls BeginTimerScan, looks, and raises the floor to the first row it found; a timer
  // that was committed meanwhile (NoteTimerSet) keeps it from rising past that one.
  absl::Time BeginTimerScan();
  absl::Time timer_floor() const;
  void RaiseTimerFloor(absl::Time floor);
  void NoteTimerSet(absl::Time due);

  std::atomic<uint64_t> trim_mark{0};  // set by the relay

 private:
  using PartitionId = std::pair<std::string, int32_t>;
  struct Position {
    rows::PositionRow row;
    int64_t blocked_offset = -1;  // nothing behind this offset may come
    bool dirty = false;
    bool unread = false;  // only blocked: what the store says is not known yet
  };
  static Verdict Compare(const Delivery& delivery, const Position& position);
  absl::StatusOr<Position*> LoadPosition(const Delivery& delivery, const Reader& reader);

  const StoreIdentity identity_;
  const uint64_t epoch_;
  rows::ShardStateRow state_;
  bool bus_dirty_ = false;
  rows::OutboxRow scratch_row_;  // keeps its memory from event to event
  std::string scratch_bytes_;
  absl::flat_hash_map<PartitionId, uint64_t> tails_;
  std::vector<PartitionId> dirty_tails_;
  absl::flat_hash_map<PartitionId, Position> positions_;
  mutable std::mutex floor_mu_;
  absl::Time timer_floor_;                              // guarded by floor_mu_
  absl::Time set_since_scan_ = absl::InfiniteFuture();  // guarded by floor_mu_
};

// How a failed event or timer is treated: refused for good, or tried again.
bool IsTransient(absl::StatusCode code);

}  // namespace frontdesk::store
