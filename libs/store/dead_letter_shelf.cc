#include "libs/store/dead_letter_shelf.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/status_macros.h"
#include "libs/store/dead_letter.h"
#include "libs/telemetry/log.h"

namespace frontdesk::store {
namespace {

constexpr size_t kTrimPerBatch = 64;
constexpr absl::Duration kTrimRetry = absl::Minutes(1);

std::string AgeKey(const rows::DeadLetterRow& row) {
  return kDeadLetterAges.Key(absl::FromUnixMicros(row.first_seen_us()), row.ce_id());
}

}  // namespace

DeadLetterShelf::DeadLetterShelf(const StoreIdentity& identity, ShardLedger& ledger, Limits limits,
                                 telemetry::Metrics& metrics)
    : identity_(identity), ledger_(ledger), limits_(limits) {
  const telemetry::Labels labels = {{"service", identity.service},
                                    {"shard", std::to_string(identity.shard)}};
  kept_ = metrics.GetGauge("frontdesk_dead_letters", "Dead letters that are kept", labels);
  trimmed_ =
      metrics.GetCounter("frontdesk_dead_letters_trimmed_total",
                         "Dead letters that went because they were too many or too old", labels);
}

absl::StatusOr<rows::DeadLetterRow> DeadLetterShelf::Keep(const Delivery& delivery,
                                                          const absl::Status& why, absl::Time now,
                                                          CommitBatch& batch) {
  rows::DeadLetterRow row = MakeDeadLetterRow(delivery, why, now);
  const std::string key = kDeadLetters.Key(row.ce_id());
  FD_ASSIGN_OR_RETURN(const auto before, kDeadLetters.Find(batch, key));
  if (before.has_value()) {
    row.set_first_seen_us(before->first_seen_us());
    row.set_attempts(before->attempts() + 1);
    row.set_replayed(before->replayed());
    row.set_replay_time_us(before->replay_time_us());
  } else {
    batch.Put(AgeKey(row), "");
    SetKept(ledger_.dead_letters_kept() + 1);
    next_look_ = std::min(next_look_, now + limits_.age_max);
  }
  batch.Put(key, row.SerializeAsString());
  return row;
}

bool DeadLetterShelf::Due(absl::Time now) const {
  return !ledger_.dead_letters_indexed() || ledger_.dead_letters_kept() > limits_.count_max ||
         now >= next_look_;
}

void DeadLetterShelf::TrimStep(absl::Time now, CommitBatch& batch) {
  if (!Due(now)) return;
  absl::Status status;
  if (!ledger_.dead_letters_indexed()) status = IndexAll(batch);
  if (status.ok()) status = Trim(now, batch);
  if (status.ok()) return;
  next_look_ = now + kTrimRetry;
  telemetry::Log(telemetry::Level::kError, "dead_letters.not_trimmed",
                 {{"service", identity_.service}, {"shard", identity_.shard}, {"error", status}});
}

absl::Status DeadLetterShelf::Trim(absl::Time now, CommitBatch& batch) {
  const uint64_t kept = ledger_.dead_letters_kept();
  std::vector<std::pair<std::string, std::string>> going;  // key by age, ce_id
  absl::Time next_look = absl::InfiniteFuture();
  absl::Status row_status;
  FD_RETURN_IF_ERROR(
      batch.Scan(kDeadLetterAges.Key(), "", [&](std::string_view key, std::string_view) {
        absl::Time first_seen;
        std::string ce_id;
        KeyReader fields(key);
        if (!fields.Read(&first_seen) || !fields.Read(&ce_id)) {
          row_status = CorruptRow(kDeadLetterAges.name);
          return false;
        }
        next_look = first_seen + limits_.age_max;
        const bool goes = next_look <= now || kept - going.size() > limits_.count_max;
        if (!goes || going.size() == kTrimPerBatch) return false;
        next_look = absl::InfiniteFuture();
        going.emplace_back(std::string(key), std::move(ce_id));
        return true;
      }));
  FD_RETURN_IF_ERROR(row_status);
  next_look_ = next_look;
  kept_.Set(static_cast<double>(kept));
  if (going.empty()) return absl::OkStatus();
  for (auto& [key, ce_id] : going) {
    batch.Delete(std::move(key));
    batch.Delete(kDeadLetters.Key(ce_id));
  }
  SetKept(kept - std::min<uint64_t>(kept, going.size()));
  trimmed_.Increment(static_cast<double>(going.size()));
  telemetry::Log(telemetry::Level::kWarn, "dead_letters.trimmed",
                 {{"service", identity_.service},
                  {"shard", identity_.shard},
                  {"count", going.size()},
                  {"kept", ledger_.dead_letters_kept()}});
  return absl::OkStatus();
}

absl::Status DeadLetterShelf::IndexAll(CommitBatch& batch) {
  std::vector<std::string> keys;
  absl::Status row_status;
  FD_RETURN_IF_ERROR(
      batch.Scan(kDeadLetters.Key(), "", [&](std::string_view, std::string_view value) {
        const auto row = kDeadLetters.Parse(value);
        row_status = row.status();
        if (row.ok()) keys.push_back(AgeKey(*row));
        return row.ok();
      }));
  FD_RETURN_IF_ERROR(row_status);
  for (std::string& key : keys) batch.Put(std::move(key), "");
  ledger_.set_dead_letters_indexed();
  SetKept(keys.size());
  return absl::OkStatus();
}

void DeadLetterShelf::SetKept(uint64_t kept) {
  ledger_.set_dead_letters_kept(kept);
  kept_.Set(static_cast<double>(kept));
}

}  // namespace frontdesk::store
