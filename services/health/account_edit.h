#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "frontdesk/health/store/v1/health_store.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/health/metrics.h"
#include "services/health/names.h"

namespace frontdesk::health {

// How many scores of an account are kept.
inline constexpr int64_t kMaxScoresKept = 1'000;

// Rows, events and timers that one changed account costs at most; what a command may take in is
// bounded by it.
inline constexpr size_t kMaxRowsPerAccount = 8;

// One account inside one command: takes changes to the record, then Put scores it anew and writes
// what has changed with history, index, events and the timer for the next moment at which something
// becomes too old. Lives on the stack of a handler.
//
//   FD_ASSIGN_OR_RETURN(AccountEdit edit, AccountEdit::LoadOrMake(metrics, ctx, txn, ref));
//   AddOutcome(kind, time, ctx.now, edit.record());
//   FD_RETURN_IF_ERROR(edit.Put("frontdesk.ticket.v1.SlaBreached").status());
class AccountEdit {
 public:
  // NOT_FOUND, DATA_LOSS.
  static absl::StatusOr<AccountEdit> Load(const Metrics& metrics,
                                          const ::frontdesk::store::Context& ctx,
                                          ::frontdesk::store::Txn& txn, AccountRef ref);
  // A placeholder when there is none. DATA_LOSS.
  static absl::StatusOr<AccountEdit> LoadOrMake(const Metrics& metrics,
                                                const ::frontdesk::store::Context& ctx,
                                                ::frontdesk::store::Txn& txn, AccountRef ref);

  store::v1::AccountRecord& record() { return record_; }
  bool is_new() const { return before_.empty(); }

  // The timer that runs this command is gone from the store: Put sets the next one.
  void ForgetTimer() { record_.clear_timer_due_time(); }

  // `cause`: of the score, should it change. True when it changed. DATA_LOSS.
  absl::StatusOr<bool> Put(std::string_view cause);

 private:
  AccountEdit(const Metrics& metrics, const ::frontdesk::store::Context& ctx,
              ::frontdesk::store::Txn& txn, AccountRef ref)
      : metrics_(metrics), ctx_(ctx), txn_(txn), ref_(std::move(ref)) {}

  bool Score(const v1::HealthPolicy& policy, std::string_view cause);
  void KeepScore(const v1::HealthScore& score);
  void MoveTimer();

  const Metrics& metrics_;
  const ::frontdesk::store::Context& ctx_;
  ::frontdesk::store::Txn& txn_;
  AccountRef ref_;
  store::v1::AccountRecord record_;
  std::string before_;  // the stored record; empty for a new one
};

}  // namespace frontdesk::health
