#include "libs/store/committer.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <mutex>

#include <fmt/core.h>
#include <google/protobuf/message.h>

#include "frontdesk/common/v1/event.pb.h"
#include "libs/base/check.h"
#include "libs/base/error.h"
#include "libs/base/fault_point.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/topics.h"
#include "libs/store/command_queues.h"
#include "libs/store/commit_batch.h"
#include "libs/store/dead_letter.h"
#include "libs/store/dead_letter_shelf.h"
#include "libs/store/engine_keys.h"
#include "libs/store/shard_ledger.h"
#include "libs/telemetry/log.h"

namespace frontdesk::store {
namespace {

constexpr size_t kTrimPerBatch = 1024;
// What ReadOutbox reads at once: events may have 256 KiB each.
constexpr size_t kOutboxReadBytes = 4 << 20;
// A published row is deleted with the next batch, or after this long when none comes.
constexpr absl::Duration kIdleTrimInterval = absl::Milliseconds(200);
constexpr absl::Duration kTimerBackoffMax = absl::Minutes(1);
// Kept for a week where the method can't make it again, so bounded as the command's own rows are.
constexpr size_t kReplyBytesMax = 1 << 20;

absl::Status CommitUnknown() {
  return WithRetryDelay(
      Error(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN",
            "the outcome is unknown: repeat the request with the same request id"),
      absl::Seconds(1));
}

// Our code does not throw, but a library below it may: a poisoned event must not become a crash
// loop, so it ends like any refusal for good.
template <class Fn>
absl::Status Guarded(Fn fn) {
  try {
    return fn();
  } catch (const std::exception& error) {
    return Error(absl::StatusCode::kInternal, "INTERNAL",
                 fmt::format("a handler threw: {}", error.what()));
  } catch (...) {
    return Error(absl::StatusCode::kInternal, "INTERNAL", "a handler threw");
  }
}

absl::Duration TimerBackoff(int attempts) {
  return std::min(kTimerBackoffMax, absl::Seconds(1) * (1 << std::min(attempts, 6)));
}

}  // namespace

struct Committer::Metrics {
  Metrics(telemetry::Metrics& metrics, const std::string& service) {
    const telemetry::Labels labels = {{"service", service}};
    batch_commands =
        metrics.GetHistogram("frontdesk_commit_batch_commands", "Commands in one batch", labels,
                             telemetry::SizeBuckets());
    sync_seconds = metrics.GetHistogram("frontdesk_commit_sync_seconds",
                                        "Time of the synced write of one batch", labels);
    const auto outcome = [&](const char* name) {
      return metrics.GetCounter("frontdesk_commands_total", "Commands handled, by outcome",
                                {{"service", service}, {"outcome", name}});
    };
    applied = outcome("applied");
    refused = outcome("refused");
    replayed = outcome("replayed");
    duplicate = outcome("duplicate");
    stale_epoch = outcome("stale_epoch");
    dead = outcome("dead_letter");
    retried = outcome("transient");
    failed_handlers = metrics.GetCounter("frontdesk_handler_exceptions_total",
                                         "Handlers that broke an invariant or threw", labels);
    outbox_rows = metrics.GetGauge("frontdesk_outbox_rows", "Events not yet on the bus", labels);
    clock_jumped = metrics.GetGauge("frontdesk_clock_jumped",
                                    "1 while timers pause because the wall clock jumped", labels);
    corrupt_rows = metrics.GetGauge("frontdesk_store_corrupt_rows", "Corrupt rows met", labels);
  }

  telemetry::Histogram batch_commands, sync_seconds;
  telemetry::Counter applied, refused, replayed, duplicate, stale_epoch, dead, retried;
  telemetry::Counter failed_handlers;
  telemetry::Gauge outbox_rows, clock_jumped, corrupt_rows;
};

// Commands of committed batches, on their way to `done`.
struct Committer::Deliveries {
  struct Item {
    std::unique_ptr<Command> command;
    absl::Status status;
  };
  // Calls `done` of each, on the calling thread.
  void Answer(std::vector<Item>& items) {
    for (Item& item : items) {
      if (item.status.ok()) {
        for (auto& wake : item.command->after_commit) wake();
      }
      item.command->done(std::move(item.status));
      // Before the count falls: what the command holds may refer to what the owner tears down next.
      item.command.reset();
      --undelivered;
    }
  }

  std::mutex mu;
  std::deque<std::vector<Item>> ready;  // guarded by mu
  std::atomic<size_t> undelivered{0};
  // Step has left RPCs in their queue because too much is undelivered, and wants to be woken.
  std::atomic<bool> holding_rpcs{false};
};

// One batch in the making.
struct Committer::Round {
  Round(const Store& store, size_t bytes) : batch(store, bytes) {}

  CommitBatch batch;
  absl::Time now;
  absl::Time first_timer = absl::InfiniteFuture();
  uint64_t first_seq = 0;
  std::vector<Deliveries::Item> items;
};

Committer::Committer(Collaborators collaborators, Options options)
    : in_(std::move(collaborators)),
      options_(options),
      ids_(in_.random),
      metrics_(std::make_unique<Metrics>(in_.metrics, in_.store.identity().service)),
      deliveries_(std::make_unique<Deliveries>()) {
  queues_ = std::make_unique<CommandQueues>(
      CommandQueues::Limits{options.rpc_queue_max, options.event_queue_max,
                            options.timer_queue_max},
      in_.clock, in_.metrics, in_.store.identity().service);
  ledger_ = std::make_unique<ShardLedger>(in_.store.identity(), in_.store.epoch());
  dead_letter_shelf_ = std::make_unique<DeadLetterShelf>(
      in_.store.identity(), *ledger_,
      DeadLetterShelf::Limits{options_.dead_letters_max, options_.dead_letter_age_max},
      in_.metrics);
}

Committer::~Committer() = default;

absl::StatusOr<std::unique_ptr<Committer>> Committer::Open(Collaborators collaborators,
                                                           Options options) {
  std::unique_ptr<Committer> committer(new Committer(std::move(collaborators), options));
  FD_RETURN_IF_ERROR(committer->Load());
  return committer;
}

absl::Status Committer::Load() {
  FD_RETURN_IF_ERROR(
      in_.store.Read([this](const Reader& reader) { return ledger_->Load(reader); }));
  PublishLedger();
  return absl::OkStatus();
}

void Committer::PublishLedger() {
  in_.store.NoteTime(ledger_->last_now());
  outbox_trimmed_.store(ledger_->trimmed(), std::memory_order_release);
  outbox_last_.store(ledger_->next_seq() - 1, std::memory_order_release);
  outbox_bytes_.store(ledger_->outbox_bytes(), std::memory_order_relaxed);
  dead_letters_.store(ledger_->dead_letters(), std::memory_order_relaxed);
  last_now_us_.store(absl::ToUnixMicros(ledger_->last_now()), std::memory_order_relaxed);
}

Committer::Stats Committer::stats() const {
  Stats stats;
  stats.rpc_waiting = queues_->Waiting(Command::Source::kRpc);
  stats.event_waiting = queues_->Waiting(Command::Source::kEvent);
  stats.timer_waiting = queues_->Waiting(Command::Source::kTimer);
  stats.outbox_bytes = outbox_bytes_;
  stats.dead_letters = dead_letters_;
  stats.last_now = absl::FromUnixMicros(last_now_us_);
  return stats;
}

absl::Status Committer::CheckAccepting(const Command& command) const {
  if (failed()) return CommitUnknown();
  if (command.frees_space) return absl::OkStatus();
  FD_RETURN_IF_ERROR(in_.guard.CheckWritable());
  // The older mark first: read after it, `last` can't be behind it.
  const uint64_t trimmed = outbox_trimmed();
  if (outbox_last() - trimmed > options_.outbox_rows_max) {
    return WithRetryDelay(Error(absl::StatusCode::kResourceExhausted, "OUTBOX_FULL",
                                "the bus is away and the outbox has reached its limit"),
                          absl::Seconds(5));
  }
  return absl::OkStatus();
}

void Committer::Submit(Command command) {
  absl::Status status = CheckAccepting(command);
  if (status.ok()) status = queues_->Push(command);
  if (!status.ok()) {
    command.done(std::move(status));
    return;
  }
  work_.Notify();
}

absl::Time Committer::AdvanceNow() {
  const absl::Time wall = in_.clock.Now();
  const absl::Duration steady = in_.clock.Steady();
  if (!clock_known_ || accept_clock_.exchange(false)) {
    clock_base_wall_ = clock_known_ ? wall : std::max(wall, ledger_->last_now());
    clock_base_steady_ = steady;
    clock_known_ = true;
  }
  const absl::Time expected = clock_base_wall_ + (steady - clock_base_steady_);
  const absl::Duration drift = wall - expected;
  const bool jumped = drift < -options_.clock_back_max || drift > options_.clock_forward_max;
  if (jumped != clock_jumped()) {
    clock_jumped_.store(jumped, std::memory_order_release);
    metrics_->clock_jumped.Set(jumped ? 1 : 0);
    telemetry::Log(telemetry::Level::kError, jumped ? "clock.jumped" : "clock.back",
                   {{"service", in_.store.identity().service}, {"drift", drift}});
  }
  if (!jumped) {
    // Slow drift and small steps are followed.
    clock_base_wall_ = wall;
    clock_base_steady_ = steady;
  }
  const absl::Time now = std::max(ledger_->last_now(), jumped ? expected : wall);
  ledger_->set_last_now(now);
  return ledger_->last_now();  // to the microsecond, as it will be read back
}

void Committer::AcceptClock() {
  accept_clock_ = true;
  work_.Notify();
}

bool Committer::Step() {
  if (failed()) return false;
  // Before anything is taken: who finds the queues empty must find this, see Idle.
  busy_ = true;
  // A caller who is slow to take answers must not fill the memory with them. Set before the count
  // is read: whoever delivers the last answer after that sees it and wakes this thread.
  deliveries_->holding_rpcs = true;
  const bool take_rpcs = deliveries_->undelivered < options_.undelivered_max;
  if (take_rpcs) deliveries_->holding_rpcs = false;
  std::vector<std::unique_ptr<Command>> commands =
      queues_->Take(options_.batch_commands_max, options_.batch_bytes_max, take_rpcs);
  if (commands.empty() && !in_.store.restored()) {
    busy_ = false;
    // Without traffic, too, it must be noticed that the clock is right again: timers wait for it.
    if (clock_jumped()) AdvanceNow();
    TrimWhenIdle();
    return false;
  }
  auto round = std::make_unique<Round>(in_.store, last_batch_bytes_);
  round->now = AdvanceNow();
  round->first_seq = ledger_->next_seq();
  if (in_.store.restored()) {
    if (absl::Status status = AnnounceRestore(*round); !status.ok()) {
      telemetry::Log(telemetry::Level::kError, "restore.not_announced", {{"error", status}});
    }
  }
  metrics_->batch_commands.Observe(static_cast<double>(commands.size()));
  round->items.reserve(commands.size());
  for (std::unique_ptr<Command>& command : commands) {
    if (round->batch.bytes() > options_.batch_bytes_max) {
      Commit(*round, /*sync=*/true);
      round = std::make_unique<Round>(in_.store, last_batch_bytes_);
      round->now = ledger_->last_now();
      round->first_seq = ledger_->next_seq();
    }
    absl::Status status = failed() ? CommitUnknown() : Handle(*command, *round);
    round->items.push_back({std::move(command), std::move(status)});
  }
  Commit(*round, /*sync=*/true);
  busy_ = false;
  return true;
}

absl::Status Committer::Handle(Command& command, Round& round) {
  if (command.give_up_at < in_.clock.Steady()) {
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                 "the deadline passed while the command waited; it was not applied");
  }
  switch (command.source) {
    case Command::Source::kRpc:
      return HandleRpc(command, round);
    case Command::Source::kEvent:
      return HandleEvent(command, round);
    case Command::Source::kTimer:
      return HandleTimer(command, round);
  }
  return Error(absl::StatusCode::kInternal, "INTERNAL", "a command of unknown source");
}

absl::Status Committer::RunHandler(Command& command, Round& round) {
  const Context context{.now = round.now,
                        .ids = ids_,
                        .tenant = command.tenant,
                        .actor = command.actor,
                        .cause = command.cause,
                        .correlation = command.correlation,
                        .traceparent = command.traceparent,
                        .unprepared = command.unprepared,
                        .due = command.timer ? command.timer->due : absl::InfinitePast(),
                        .generation = command.timer ? command.timer->generation : 0};
  Txn txn(round.batch);
  Reply reply{command.response, {}};
  absl::Status status = Guarded([&] {
    absl::Status handled = command.handle(context, txn, reply);
    FD_FAULT_THROW(in_.store.identity().service, command.method);
    return handled;
  });
  if (status.code() == absl::StatusCode::kInternal) metrics_->failed_handlers.Increment();
  // Before anything is applied: what can't be kept must not be done.
  if (status.ok() && !command.request_id.empty() && reply.message != nullptr &&
      reply.message->ByteSizeLong() > kReplyBytesMax) {
    status = Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_ROWS",
                   "the reply is over 1 MiB: it can't be kept with the request id");
  }
  if (status.ok()) status = ApplyTxn(txn, command, round);
  if (status.ok() && !command.request_id.empty()) status = KeepOutcome(command, reply, round);
  if (status.ok()) command.after_commit = std::move(txn.after_commit());
  if (!status.ok() && command.response != nullptr) command.response->Clear();
  return status;
}

absl::Status Committer::ApplyTxn(Txn& txn, const Command& command, Round& round) {
  FD_RETURN_IF_ERROR(txn.CheckLimits());
  for (const OutgoingEvent& event : txn.events()) {
    if (FindTopic(event.topic) == nullptr) {
      return Error(absl::StatusCode::kInternal, "INTERNAL",
                   fmt::format("an event for the undeclared topic {}", event.topic));
    }
  }
  round.batch.Apply(txn.overlay());
  for (const Timer& timer : txn.timers_cancelled()) {
    round.batch.Delete(kTimers.Key(timer.due, timer.kind, timer.subject));
  }
  for (const Timer& timer : txn.timers_set()) {
    rows::TimerRow row;
    row.set_generation(timer.generation);
    round.batch.Put(kTimers.Key(timer.due, timer.kind, timer.subject), row.SerializeAsString());
    round.first_timer = std::min(round.first_timer, timer.due);
  }
  for (OutgoingEvent& event : txn.events()) {
    FD_RETURN_IF_ERROR(ledger_->AppendEvent(std::move(event), command, round.now, round.batch));
  }
  return absl::OkStatus();
}

absl::Status Committer::HandleRpc(Command& command, Round& round) {
  if (!command.request_id.empty()) {
    FD_ASSIGN_OR_RETURN(std::optional<absl::Status> kept, FindOutcome(command, round));
    if (kept.has_value()) {
      metrics_->replayed.Increment();
      return *std::move(kept);
    }
  }
  absl::Status status = RunHandler(command, round);
  (status.ok() ? metrics_->applied : metrics_->refused).Increment();
  return status;
}

absl::StatusOr<std::optional<absl::Status>> Committer::FindOutcome(Command& command, Round& round) {
  const std::string key =
      kRequests.Key(command.tenant, command.actor, command.method, command.request_id);
  FD_ASSIGN_OR_RETURN(auto row, kRequests.Find(round.batch, key));
  if (!row.has_value() || row->expire_time_us() < absl::ToUnixMicros(round.now)) {
    return std::optional<absl::Status>();
  }
  if (row->payload_hash() != EncodeKey(0, command.payload_hash)) {
    return std::optional<absl::Status>(Error(absl::StatusCode::kFailedPrecondition,
                                             "REQUEST_ID_REUSED",
                                             "this request id was used with another payload"));
  }
  if (command.response == nullptr) return std::optional<absl::Status>(absl::OkStatus());
  if (!row->resource().empty() && row->reply().empty() && command.rebuild != nullptr) {
    absl::Status status =
        Guarded([&] { return command.rebuild(round.batch, row->resource(), command.response); });
    if (!status.ok()) command.response->Clear();
    return std::optional<absl::Status>(std::move(status));
  }
  if (!command.response->ParseFromString(row->reply())) return CorruptRow(kRequests.name);
  return std::optional<absl::Status>(absl::OkStatus());
}

absl::Status Committer::KeepOutcome(const Command& command, const Reply& reply, Round& round) {
  rows::IdempotencyRow row;
  row.set_payload_hash(EncodeKey(0, command.payload_hash));
  row.set_expire_time_us(absl::ToUnixMicros(round.now + kRequestIdLife));
  if (reply.message != nullptr) {
    const bool rebuilt = command.rebuild != nullptr && !reply.resource.empty() &&
                         reply.message->ByteSizeLong() > kMaxStoredReplyBytes;
    if (rebuilt) {
      row.set_resource(reply.resource);
    } else {
      reply.message->SerializeToString(row.mutable_reply());
    }
  }
  round.batch.Put(kRequests.Key(command.tenant, command.actor, command.method, command.request_id),
                  row.SerializeAsString());
  return absl::OkStatus();
}

absl::Status Committer::HandleEvent(Command& command, Round& round) {
  const Delivery& delivery = *command.delivery;
  FD_ASSIGN_OR_RETURN(const ShardLedger::Verdict verdict, ledger_->Judge(delivery, round.batch));
  switch (verdict) {
    case ShardLedger::Verdict::kApply:
      break;
    case ShardLedger::Verdict::kDuplicate:
      metrics_->duplicate.Increment();
      ledger_->Advance(delivery);
      return absl::OkStatus();
    case ShardLedger::Verdict::kStaleEpoch:
      metrics_->stale_epoch.Increment();
      ledger_->Advance(delivery);
      return absl::OkStatus();
    case ShardLedger::Verdict::kGap:
      ledger_->Block(delivery);
      return Error(
          absl::StatusCode::kDataLoss, "SEQUENCE_GAP",
          fmt::format("{}/{} offset {}: sequence {} follows {}, which was not seen", delivery.topic,
                      delivery.partition, delivery.offset, delivery.seq, delivery.prev));
    case ShardLedger::Verdict::kOutOfOrder:
      return Error(absl::StatusCode::kAborted, "OUT_OF_ORDER",
                   "an earlier event of the partition has to pass first");
  }
  absl::Status status;
  if (command.handle != nullptr) status = RunHandler(command, round);
  const bool dead = !status.ok() && !IsTransient(status.code());
  if (dead) status = WriteDeadLetter(delivery, status, command, round);
  if (!status.ok()) {
    metrics_->retried.Increment();
    ledger_->Block(delivery);
    return status;
  }
  if (!dead) metrics_->applied.Increment();
  ledger_->Advance(delivery);
  return absl::OkStatus();
}

absl::Status Committer::WriteDeadLetter(const Delivery& delivery, const absl::Status& why,
                                        const Command& command, Round& round) {
  FD_ASSIGN_OR_RETURN(const rows::DeadLetterRow row,
                      dead_letter_shelf_->Keep(delivery, why, round.now, round.batch));
  telemetry::Log(telemetry::Level::kError, "event.dead_letter",
                 {{"service", in_.store.identity().service},
                  {"topic", delivery.topic},
                  {"partition", delivery.partition},
                  {"offset", delivery.offset},
                  {"event", delivery.event_id},
                  {"error", why}});
  metrics_->dead.Increment();
  ledger_->CountDeadLetter();
  const absl::Status status = ledger_->AppendEvent(MakeDeadLetterEvent(row, command.tenant),
                                                   command, round.now, round.batch);
  FD_CHECK(status.ok(), "the dead-letter topic is declared: {}", status);
  return absl::OkStatus();
}

absl::Status Committer::HandleTimer(Command& command, Round& round) {
  const Timer timer = *command.timer;
  const std::string key = kTimers.Key(timer.due, timer.kind, timer.subject);
  FD_ASSIGN_OR_RETURN(auto row, kTimers.Find(round.batch, key));
  // Cancelled or set anew by a command before this one.
  if (!row.has_value() || row->generation() != timer.generation) return absl::OkStatus();
  // Found by a wall clock that has jumped ahead: it stays, and is found again when it is due.
  if (timer.due > round.now) return absl::OkStatus();
  // First: the handler may set the same timer again.
  round.batch.Delete(key);
  const absl::Status status = RunHandler(command, round);
  if (status.ok()) {
    metrics_->applied.Increment();
    return status;
  }
  if (IsTransient(status.code())) {
    metrics_->retried.Increment();
    const int attempts = static_cast<int>(row->attempts()) + 1;
    row->set_attempts(static_cast<uint32_t>(attempts));
    const absl::Time due = round.now + TimerBackoff(attempts);
    round.batch.Put(kTimers.Key(due, timer.kind, timer.subject), row->SerializeAsString());
    round.first_timer = std::min(round.first_timer, due);
    return status;
  }
  metrics_->refused.Increment();
  telemetry::Log(
      telemetry::Level::kError, "timer.dropped",
      {{"service", in_.store.identity().service}, {"kind", timer.kind}, {"error", status}});
  return status;
}

absl::Status Committer::AnnounceRestore(Round& round) {
  FD_ASSIGN_OR_RETURN(rows::Manifest manifest,
                      kManifest.Load(round.batch, kManifest.Key(), "manifest"));
  const StoreIdentity& identity = in_.store.identity();
  const std::string topic = fmt::format("frontdesk.{}.v1", identity.service);
  manifest.set_restore_pending(false);
  round.batch.Put(kManifest.Key(), manifest.SerializeAsString());
  in_.store.ClearRestored();
  const TopicSpec* spec = FindTopic(topic);
  if (spec == nullptr) return absl::OkStatus();
  // Every partition hears of it. Keys are searched for, because the key decides the partition.
  std::vector<bool> told(static_cast<size_t>(spec->partitions_per_shard), false);
  size_t left = told.size();
  for (int i = 0; left > 0 && i < 100'000; ++i) {
    const std::string key = fmt::format("source-restored/{}", i);
    const auto partition = static_cast<size_t>(PartitionOf(key, spec->partitions_per_shard));
    if (told[partition]) continue;
    told[partition] = true;
    --left;
    FD_RETURN_IF_ERROR(AppendSourceRestored(manifest, topic, key, round));
  }
  return absl::OkStatus();
}

absl::Status Committer::AppendSourceRestored(const rows::Manifest& manifest,
                                             const std::string& topic, const std::string& key,
                                             Round& round) {
  const StoreIdentity& identity = in_.store.identity();
  common::v1::RestoreAnnouncement announcement;
  common::v1::EventMetadata& metadata = *announcement.mutable_metadata();
  metadata.set_event_id(ids_.Next(round.now));
  metadata.set_actor("system");
  common::v1::SourceRestored& restored = *announcement.mutable_source_restored();
  restored.set_source(fmt::format("/frontdesk/{}/{}", identity.service, identity.shard));
  restored.set_epoch(manifest.epoch());
  restored.set_backup_epoch(manifest.restored_from_epoch());
  restored.set_backup_seq(manifest.restored_from_seq());
  restored.mutable_restore_time()->set_seconds(manifest.restore_time_us() / 1'000'000);
  Command cause;
  cause.actor = "system";
  cause.cause = "restore";
  OutgoingEvent event;
  event.topic = topic;
  event.key = key;
  event.type = common::v1::SourceRestored::descriptor()->full_name();
  event.subject = restored.source();
  event.id = metadata.event_id();
  event.value = announcement.SerializeAsString();
  return ledger_->AppendEvent(std::move(event), cause, round.now, round.batch);
}

void Committer::Commit(Round& round, bool sync) {
  // A batch of events that changed nothing moves positions only. Losing that costs reading them
  // again, and spares a service that hears much and heeds little most of its syncs.
  const auto is_event = [](const Deliveries::Item& item) {
    return item.command->source == Command::Source::kEvent;
  };
  const bool only_positions =
      round.batch.empty() && std::all_of(round.items.begin(), round.items.end(), is_event);
  if (only_positions) sync = false;
  ledger_->Trim(kTrimPerBatch, round.batch);
  dead_letter_shelf_->TrimStep(ledger_->last_now(), round.batch);
  const bool changed = ledger_->Dirty() || !round.batch.empty();
  if (changed && !failed()) {
    ledger_->WriteTo(round.first_timer, round.batch);
    FD_FAULT_POINT("commit.before_sync");
    const absl::Duration start = in_.clock.Steady();
    absl::Status status = Append(round.batch.batch().Data());
    if (status.ok()) status = in_.store.Write(round.batch.batch(), sync);
    if (sync) metrics_->sync_seconds.Observe(in_.clock.Steady() - start);
    FD_FAULT_POINT("commit.after_sync");
    if (!status.ok()) {
      // A failed fsync is never retried: what it left on disk is unknown.
      telemetry::Log(telemetry::Level::kError, "commit.failed", {{"error", status}});
      failed_.store(true, std::memory_order_release);
      for (Deliveries::Item& item : round.items) item.status = CommitUnknown();
      Deliver(round);
      in_.on_fatal(status);
      return;
    }
    last_commit_ = in_.clock.Steady();
    last_batch_bytes_ = round.batch.bytes();
    if (round.first_timer != absl::InfiniteFuture()) ledger_->NoteTimerSet(round.first_timer);
    PublishLedger();
    metrics_->outbox_rows.Set(static_cast<double>(outbox_last() - outbox_trimmed()));
    metrics_->corrupt_rows.Set(static_cast<double>(CorruptRowsSeen()));
    if (wake_relay_ != nullptr && ledger_->next_seq() != round.first_seq) wake_relay_();
  }
  Deliver(round);
}

void Committer::Deliver(Round& round) {
  if (round.items.empty()) return;
  // Only this thread adds: when nothing is undelivered, nothing can be overtaken.
  const bool here = round.items.size() <= deliver_within_ && deliveries_->undelivered == 0;
  deliveries_->undelivered += round.items.size();
  if (here) return deliveries_->Answer(round.items);
  {
    const std::lock_guard lock(deliveries_->mu);
    deliveries_->ready.push_back(std::move(round.items));
  }
  deliveries_ready_.Notify();
}

bool Committer::DeliverStep() {
  std::vector<Deliveries::Item> items;
  {
    const std::lock_guard lock(deliveries_->mu);
    if (deliveries_->ready.empty()) return false;
    items = std::move(deliveries_->ready.front());
    deliveries_->ready.pop_front();
  }
  deliveries_->Answer(items);
  if (deliveries_->undelivered < options_.undelivered_max && deliveries_->holding_rpcs) {
    work_.Notify();
  }
  return true;
}

void Committer::TrimWhenIdle() {
  const bool published = ledger_->trim_mark.load(std::memory_order_acquire) > ledger_->trimmed();
  const bool too_old = !clock_jumped() && dead_letter_shelf_->Due(in_.clock.Now());
  if (!published && !too_old) return;
  if (in_.clock.Steady() - last_commit_ < kIdleTrimInterval) return;
  if (too_old) AdvanceNow();
  Round round(in_.store, 0);
  round.first_seq = ledger_->next_seq();
  // Losing it costs a few duplicates on the bus, which consumers know: not worth a sync.
  Commit(round, /*sync=*/false);
}

void Committer::StopAccepting() { queues_->Close(); }

bool Committer::Idle() const { return queues_->empty() && !busy_ && deliveries_->undelivered == 0; }

absl::Status Committer::Append(std::string_view) { return absl::OkStatus(); }

absl::Status Committer::ReadOutbox(uint64_t after, size_t max,
                                   std::vector<OutboxEntry>* out) const {
  out->clear();
  const uint64_t from = std::max(after, outbox_trimmed());
  size_t bytes = 0;
  absl::Status row_status;
  FD_RETURN_IF_ERROR(in_.store.Read([&](const Reader& reader) {
    return reader.Scan(kOutbox.Key(), kOutbox.Key(from + 1),
                       [&](std::string_view key, std::string_view value) {
                         KeyReader fields(key);
                         uint64_t seq = 0;
                         if (!fields.Read(&seq)) {
                           row_status = CorruptRow(kOutbox.name);
                           return false;
                         }
                         out->push_back({seq, std::string(value)});
                         bytes += value.size();
                         return out->size() < max && bytes < kOutboxReadBytes;
                       });
  }));
  return row_status;
}

uint64_t Committer::outbox_trimmed() const {
  return outbox_trimmed_.load(std::memory_order_acquire);
}

uint64_t Committer::outbox_last() const { return outbox_last_.load(std::memory_order_acquire); }

void Committer::TrimOutbox(uint64_t seq) {
  uint64_t mark = ledger_->trim_mark.load(std::memory_order_relaxed);
  while (mark < seq && !ledger_->trim_mark.compare_exchange_weak(mark, seq)) {
  }
}

absl::StatusOr<Committer::Position> Committer::FindPosition(const std::string& bus_id,
                                                            const std::string& topic,
                                                            int32_t partition) const {
  Position position;
  FD_RETURN_IF_ERROR(in_.store.Read([&](const Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(
        auto row,
        kPositions.Find(reader, kPositions.Key(bus_id, topic, static_cast<uint32_t>(partition))));
    if (row.has_value()) {
      position = {row->topic_id(), row->next_offset(), row->epoch(), row->seq()};
    }
    return absl::OkStatus();
  }));
  return position;
}

absl::StatusOr<std::string> Committer::CurrentBus() const {
  std::vector<std::string> buses;
  FD_RETURN_IF_ERROR(in_.store.Read([&](const Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const auto state, kShardState.Find(reader, kShardState.Key()));
    if (state.has_value() && !state->bus_id().empty()) {
      buses = {state->bus_id()};
      return absl::OkStatus();
    }
    return reader.Scan(kPositions.Key(), "", [&](std::string_view key, std::string_view) {
      std::string bus;
      KeyReader fields(key);
      if (fields.Read(&bus) && (buses.empty() || buses.back() != bus)) buses.push_back(bus);
      return true;
    });
  }));
  if (buses.size() > 1) {
    return Error(absl::StatusCode::kFailedPrecondition, "BUS_MISMATCH",
                 fmt::format("this shard has read from {} buses and none is recorded as its own; "
                             "see `frontdesk bus switch`",
                             buses.size()));
  }
  return buses.empty() ? "" : buses.front();
}

Command Committer::RecordBusCommand(const std::string& bus_id) {
  Command command;
  command.method = "engine.RecordBus";
  command.handle = [this, bus_id](const Context&, Txn&, Reply&) {
    ledger_->SetBus(bus_id);
    return absl::OkStatus();
  };
  return command;
}

namespace {

rows::PositionRow MakePositionRow(const std::string& bus_id, const std::string& topic,
                                  const std::string& topic_id, int32_t partition,
                                  int64_t next_offset) {
  rows::PositionRow row;
  row.set_bus_id(bus_id);
  row.set_topic(topic);
  row.set_topic_id(topic_id);
  row.set_partition(partition);
  row.set_next_offset(next_offset);
  return row;
}

}  // namespace

Command Committer::RepositionCommand(const std::string& bus_id, const std::string& topic,
                                     const std::string& topic_id, int32_t partition,
                                     int64_t next_offset) {
  Command command;
  command.method = "engine.Reposition";
  command.handle = [this, row = MakePositionRow(bus_id, topic, topic_id, partition, next_offset)](
                       const Context&, Txn&, Reply&) {
    ledger_->SetPosition(row);
    return absl::OkStatus();
  };
  return command;
}

Command Committer::StartPositionCommand(const std::string& bus_id, const std::string& topic,
                                        const std::string& topic_id, int32_t partition,
                                        int64_t first) {
  Command command;
  command.method = "engine.StartPosition";
  command.handle = [this, row = MakePositionRow(bus_id, topic, topic_id, partition, first)](
                       const Context&, Txn&, Reply&) {
    ledger_->StartPosition(row);
    return absl::OkStatus();
  };
  return command;
}

}  // namespace frontdesk::store
