#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/billing/domain/ledger.h"
#include "services/billing/domain/records.h"
#include "services/billing/keys.h"
#include "services/billing/metrics.h"

namespace frontdesk::billing {

// The usages of one command on their way into the store: each once, counted by day, rated when a
// subscription covers it, and posted as one group. Lives on the committer for one handler; Close
// writes what the usages have in common. On an error the whole command is dropped.
class UsageBook {
 public:
  // What became of a usage; `existing` is set for a conflict.
  struct Taken {
    enum class Outcome { kRecorded, kDuplicate, kConflict };
    Outcome outcome = Outcome::kRecorded;
    v1::Usage existing;
  };

  static absl::StatusOr<UsageBook> Open(const Metrics& metrics, const db::Context& ctx,
                                        db::Txn& txn);

  // Takes a usage in, without name, with use_time. OUT_OF_RANGE (AMOUNT_OVERFLOW).
  absl::StatusOr<Taken> Take(v1::Usage usage, uint64_t payload_hash);
  // Rates a usage that had been taken in before there was a subscription; nothing when it is not
  // covered or was rated.
  absl::Status RateWaiting(const records::UsageKey& key);
  // Posts, tells, and puts months and backlog. Call it last, once.
  absl::Status Close();

 private:
  UsageBook(const Metrics& metrics, const db::Context& ctx, db::Txn& txn)
      : metrics_(metrics), ctx_(ctx), txn_(txn) {}

  absl::Status CountDay(const v1::Usage& usage);
  bool IsCovered(const v1::Usage& usage) const;
  // Fills amount and ledger_group.
  absl::Status RateUsage(v1::Usage& usage);
  void AppendOutcome(const v1::Usage& usage);
  void AppendRecorded();

  const Metrics& metrics_;
  const db::Context& ctx_;
  db::Txn& txn_;
  std::optional<records::SubscriptionRecord> subscription_;
  std::map<uint32_t, records::PeriodRecord> periods_;  // by number; those that were accrued to
  std::vector<RatedUse> rated_;
  std::string group_id_;     // empty before the first amount
  std::string last_posted_;  // usage behind the last amount
  int posted_count_ = 0;
  std::vector<v1::Usage> recorded_;  // not yet in an event
  records::BacklogRecord backlog_;
};

}  // namespace frontdesk::billing
