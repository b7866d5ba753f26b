#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/store/command.h"
#include "libs/store/commit_batch.h"
#include "libs/store/engine_keys.h"
#include "libs/store/shard_ledger.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::store {

// Where the committer keeps the dead letters of its shard: one row per event, however often it is
// refused, and the oldest go when there are too many or when they are too old. Owned by the
// Committer, on its thread. It neither replays (bus::DeadLetters) nor publishes.
class DeadLetterShelf {
 public:
  struct Limits {
    uint64_t count_max = 10'000;
    absl::Duration age_max = absl::Hours(24 * 30);  // since the first refusal
  };

  DeadLetterShelf(const StoreIdentity& identity, ShardLedger& ledger, Limits limits,
                  telemetry::Metrics& metrics);

  // Keeps the letter and gives its row. One that is there already counts another attempt, and
  // stays replayed if it was. An error: it can't be told whether it is there; nothing was kept.
  absl::StatusOr<rows::DeadLetterRow> Keep(const Delivery& delivery, const absl::Status& why,
                                           absl::Time now, CommitBatch& batch);

  // Whether TrimStep would find something to do.
  bool Due(absl::Time now) const;
  // Deletes the oldest beyond the limits, a bounded number at once.
  void TrimStep(absl::Time now, CommitBatch& batch);

 private:
  absl::Status Trim(absl::Time now, CommitBatch& batch);
  // Stores of an earlier version have letters that the index by age does not know.
  absl::Status IndexAll(CommitBatch& batch);
  void SetKept(uint64_t kept);

  const StoreIdentity& identity_;
  ShardLedger& ledger_;
  const Limits limits_;
  telemetry::Gauge kept_;
  telemetry::Counter trimmed_;
  absl::Time next_look_ = absl::InfinitePast();  // when the oldest is too old
};

}  // namespace frontdesk::store
