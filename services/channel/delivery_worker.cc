#include "services/channel/delivery_worker.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/status_macros.h"
#include "libs/process/sealing.h"
#include "libs/telemetry/log.h"
#include "services/channel/domain/message.h"
#include "services/channel/domain/names.h"

namespace frontdesk::channel {
namespace {

constexpr int kScanRows = 200;

std::string LaneOf(const StoredMessage& message) {
  return fmt::format("{}/{}", message.tenant, message.customer);
}

std::string LastId(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

// Everything an attempt needs; nullopt in `outbound` when there is nothing to deliver any more.
absl::Status LoadOutbound(const StoredMessage& stored, const db::Reader& reader, KeyVault& keys,
                          Outbound* outbound, bool* open) {
  *open = false;
  FD_ASSIGN_OR_RETURN(
      auto record, kMessages.Find(reader, kMessages.Key(stored.tenant, stored.customer,
                                                        static_cast<uint64_t>(stored.sequence))));
  if (!record.has_value() || IsFinal(record->message().state())) return absl::OkStatus();
  outbound->message = std::move(*record->mutable_message());
  KeyVault::Key key = keys.Cached(stored.tenant, stored.customer);
  if (key == nullptr) {
    FD_ASSIGN_OR_RETURN(auto row,
                        kDataKeys.Find(reader, kDataKeys.Key(stored.tenant, stored.customer)));
    if (row.has_value()) {
      FD_ASSIGN_OR_RETURN(key, keys.Unwrap(stored.tenant, stored.customer, *row));
    }
  }
  if (key != nullptr) {
    FD_ASSIGN_OR_RETURN(outbound->text, process::OpenText(*key, stored.tenant, stored.customer,
                                                          outbound->message.text()));
  }
  *open = true;
  return absl::OkStatus();
}

}  // namespace

DeliveryWorker::DeliveryWorker(Collaborators in, Options options, std::vector<Adapter*> adapters)
    : in_(in), options_(options), adapters_(std::move(adapters)) {}

Adapter* DeliveryWorker::Find(v1::ChannelKind kind) const {
  for (Adapter* adapter : adapters_) {
    if (adapter->describe().kind == kind) return adapter;
  }
  return nullptr;
}

void DeliveryWorker::AddLocked(const StoredMessage& message) {
  const std::string name = LaneOf(message);
  Lane& lane = lanes_[name];
  const bool known =
      std::any_of(lane.waiting.begin(), lane.waiting.end(),
                  [&](const StoredMessage& other) { return other.sequence == message.sequence; });
  if (known) return;
  const bool idle = lane.waiting.empty();
  lane.waiting.push_back(message);
  ++queued_;
  if (idle) ready_.push_back(name);
}

void DeliveryWorker::Enqueue(const StoredMessage& message) {
  {
    const std::lock_guard lock(mu_);
    if (queued_ >= options_.queue_max) {
      // Read again from the store when there is room.
      scan_shard_ = 0;
      scan_after_.clear();
      return;
    }
    AddLocked(message);
  }
  work_.Notify();
}

bool DeliveryWorker::TakeReady(std::string* lane, StoredMessage* message) {
  const std::lock_guard lock(mu_);
  const absl::Duration steady = in_.clock.Steady();
  while (!later_.empty() && later_.begin()->first <= steady) {
    ready_.push_back(std::move(later_.begin()->second));
    later_.erase(later_.begin());
  }
  if (ready_.empty()) return false;
  *lane = std::move(ready_.front());
  ready_.pop_front();
  *message = lanes_[*lane].waiting.front();
  return true;
}

bool DeliveryWorker::Step(absl::Time) {
  std::string lane;
  StoredMessage message;
  if (!TakeReady(&lane, &message)) return ScanSome();
  if (TryDeliver(lane, message) == Attempt::kNext) Next(lane);
  return true;
}

bool DeliveryWorker::ScanSome() {
  size_t shard = 0;
  std::string after;
  {
    const std::lock_guard lock(mu_);
    if (scan_shard_ >= in_.shards.size() || queued_ >= options_.queue_max / 2) return false;
    shard = scan_shard_;
    after = scan_after_;
  }
  std::vector<StoredMessage> found;
  std::string last;
  const absl::Status status = in_.shards.shard(shard).store().Read([&](const db::Reader& reader) {
    return reader.Scan(kUndelivered.Key(), after.empty() ? after : after + '\0',
                       [&](std::string_view key, std::string_view value) {
                         db::KeyReader fields(key);
                         StoredMessage message;
                         uint64_t sequence = 0;
                         auto record = kUndelivered.Parse(value);
                         last = key;
                         if (fields.Read(&message.tenant) && fields.Read(&message.customer) &&
                             fields.Read(&sequence) && record.ok()) {
                           message.sequence = static_cast<int64_t>(sequence);
                           message.channel_account = LastId(record->channel_account());
                           message.outbound = true;
                           found.push_back(std::move(message));
                         }
                         return found.size() < kScanRows;
                       });
  });
  const std::lock_guard lock(mu_);
  for (const StoredMessage& message : found) AddLocked(message);
  if (status.ok() && found.size() == kScanRows) {
    scan_after_ = last;
  } else {
    ++scan_shard_;
    scan_after_.clear();
  }
  return true;
}

DeliveryWorker::Attempt DeliveryWorker::TryDeliver(const std::string& lane,
                                                   const StoredMessage& stored) {
  Outbound outbound;
  outbound.tenant = stored.tenant;
  outbound.customer = stored.customer;
  outbound.channel_account = stored.channel_account;
  Adapter* adapter = nullptr;
  bool open = false;
  const absl::Status status =
      in_.shards.For(stored.tenant).store().Read([&](const db::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(
            auto account, kChannelAccounts.Find(
                              reader, kChannelAccounts.Key(stored.tenant, stored.channel_account)));
        if (!account.has_value()) return absl::OkStatus();
        outbound.account = std::move(*account->mutable_channel_account());
        adapter = Find(outbound.account.kind());
        if (adapter == nullptr || adapter->describe().acknowledges) return absl::OkStatus();
        return LoadOutbound(stored, reader, in_.keys, &outbound, &open);
      });
  if (!status.ok()) {
    telemetry::Log(telemetry::Level::kWarn, "delivery.not_loaded",
                   {{"tenant", stored.tenant}, {"customer", stored.customer}, {"error", status}});
    Retry(lane, options_.retry_min);
    return Attempt::kPending;
  }
  if (adapter == nullptr) return Attempt::kNext;
  if (adapter->describe().acknowledges) {
    // The customer's side reads the message itself.
    adapter->deliver(outbound, {},
                     [this](const DeliveryOutcome&) { in_.metrics.waiting.Increment(); });
    return Attempt::kNext;
  }
  if (!open) return Attempt::kNext;
  auto rendered = adapter->render(outbound);
  if (!rendered.ok() || outbound.text.size() > adapter->limits().text_bytes_max) {
    OnOutcome(lane, stored,
              {.kind = DeliveryOutcome::Kind::kRefused, .why = "can't be said there"});
    return Attempt::kPending;
  }
  if (!adapter->availability(outbound)) {
    // Waits for what wakes the channel; the expiry timer ends it.
    return Attempt::kNext;
  }
  adapter->deliver(outbound, *rendered, [this, lane, stored](DeliveryOutcome outcome) {
    OnOutcome(lane, stored, std::move(outcome));
  });
  return Attempt::kPending;
}

void DeliveryWorker::OnOutcome(const std::string& lane, const StoredMessage& message,
                               DeliveryOutcome outcome) {
  switch (outcome.kind) {
    case DeliveryOutcome::Kind::kWaiting:
      in_.metrics.waiting.Increment();
      Next(lane);
      break;
    case DeliveryOutcome::Kind::kRetry:
      in_.metrics.retried.Increment();
      telemetry::Log(telemetry::Level::kInfo, "delivery.retry",
                     {{"tenant", message.tenant},
                      {"customer", message.customer},
                      {"sequence", message.sequence},
                      {"why", outcome.why}});
      Retry(lane, outcome.retry_after);
      break;
    case DeliveryOutcome::Kind::kTaken:
      in_.metrics.delivered.Increment();
      Commit(lane, message, outcome);
      break;
    case DeliveryOutcome::Kind::kRefused:
      in_.metrics.refused.Increment();
      telemetry::Log(telemetry::Level::kWarn, "delivery.refused",
                     {{"tenant", message.tenant},
                      {"customer", message.customer},
                      {"sequence", message.sequence},
                      {"why", outcome.why}});
      Commit(lane, message, outcome);
      break;
  }
}

void DeliveryWorker::Commit(const std::string& lane, const StoredMessage& message,
                            const DeliveryOutcome& outcome) {
  const bool taken = outcome.kind == DeliveryOutcome::Kind::kTaken;
  db::Command command;
  command.method = "FinishDelivery";
  command.tenant = message.tenant;
  command.actor = "services/channel";
  command.cause = "delivery";
  command.handle = [message, taken, id = outcome.channel_message_id](const db::Context& ctx,
                                                                     db::Txn& txn, db::Reply&) {
    return FinishDelivery(
        message.customer, message.sequence,
        taken ? v1::MESSAGE_STATE_DELIVERED : v1::MESSAGE_STATE_FAILED,
        taken ? v1::MESSAGE_FAILURE_REASON_UNSPECIFIED : v1::MESSAGE_FAILURE_REASON_REJECTED, id,
        ctx, txn);
  };
  command.done = [this, lane](absl::Status status) {
    if (status.ok()) {
      Next(lane);
    } else {
      Retry(lane, options_.retry_min);
    }
  };
  in_.shards.For(message.tenant).committer().Submit(std::move(command));
}

void DeliveryWorker::Next(const std::string& lane) {
  {
    const std::lock_guard lock(mu_);
    const auto found = lanes_.find(lane);
    if (found == lanes_.end()) return;
    found->second.waiting.pop_front();
    found->second.attempts = 0;
    --queued_;
    if (found->second.waiting.empty()) {
      lanes_.erase(found);
    } else {
      ready_.push_back(lane);
    }
  }
  work_.Notify();
}

void DeliveryWorker::Retry(const std::string& lane, absl::Duration at_least) {
  {
    const std::lock_guard lock(mu_);
    const auto found = lanes_.find(lane);
    if (found == lanes_.end()) return;
    const int attempts = std::min(found->second.attempts++, 16);
    const absl::Duration pause =
        std::min(options_.retry_max, options_.retry_min * (int64_t{1} << attempts));
    later_.emplace(in_.clock.Steady() + std::max(pause, at_least), lane);
  }
  work_.Notify();
}

}  // namespace frontdesk::channel
