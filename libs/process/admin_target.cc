#include "libs/process/admin_target.h"

#include <filesystem>
#include <future>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"

namespace frontdesk::process {
namespace {

constexpr absl::Duration kWaitMax = absl::Seconds(30);

absl::Status TimedOut(std::string_view what) {
  return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
               fmt::format("{} did not end in {}", what, kWaitMax));
}

// Runs `start(done)` and waits for what `done` is given.
template <class Result, class Start>
Result WaitFor(std::string_view what, Start start) {
  auto promise = std::make_shared<std::promise<Result>>();
  std::future<Result> result = promise->get_future();
  start([promise](Result value) { promise->set_value(std::move(value)); });
  if (result.wait_for(absl::ToChronoSeconds(kWaitMax)) != std::future_status::ready) {
    return TimedOut(what);
  }
  return result.get();
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(time);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
}

common::v1::ConsumerStatus ToProto(const bus::PartitionStatus& status) {
  common::v1::ConsumerStatus proto;
  proto.set_topic(status.topic);
  proto.set_partition(status.partition);
  proto.set_next_offset(status.next_offset);
  proto.set_end_offset(status.end_offset);
  if (status.end_offset >= 0 && status.next_offset >= 0) {
    proto.set_lag(std::max<int64_t>(0, status.end_offset - status.next_offset));
  }
  proto.set_epoch(status.epoch);
  proto.set_seq(status.seq);
  proto.set_paused(status.state != bus::PartitionStatus::State::kReading);
  if (!status.reason.ok()) proto.set_pause_reason(fmt::format("{}", status.reason));
  if (status.retry_at != absl::InfiniteFuture()) {
    SetTime(status.retry_at, proto.mutable_retry_time());
  }
  return proto;
}

common::v1::DeadLetter ToProto(const store::v1::DeadLetterRow& row, const std::string& service,
                               uint32_t shard) {
  common::v1::DeadLetter letter;
  letter.set_ce_id(row.ce_id());
  letter.set_service(service);
  letter.set_shard(shard);
  letter.set_topic(row.topic());
  letter.set_partition(row.partition());
  letter.set_offset(row.offset());
  for (const auto& header : row.headers()) {
    if (header.name() == "ce_type") letter.set_ce_type(header.value());
    if (header.name() == "fd_tenant") letter.set_tenant(header.value());
  }
  letter.set_error_code(row.error_code());
  letter.set_reason(row.reason());
  letter.set_message(row.message());
  SetTime(absl::FromUnixMicros(row.first_seen_us()), letter.mutable_first_seen_time());
  letter.set_attempts(row.attempts());
  letter.set_replayed(row.replayed());
  letter.set_value_bytes(row.value().size());
  return letter;
}

// Makes the committer look at the clock, as it does with every batch: the time of the shard.
absl::StatusOr<absl::Time> LookAtClock(bus::Shard& shard) {
  const auto now = std::make_shared<absl::Time>();
  FD_RETURN_IF_ERROR(WaitFor<absl::Status>("a look at the clock", [&](auto done) {
    store::Command command;
    command.method = "engine.AcceptClock";
    command.actor = "system";
    command.frees_space = true;  // it writes nothing but the time, also on a disk nearly full
    command.handle = [now](const store::Context& context, store::Txn&, store::Reply&) {
      *now = context.now;
      return absl::OkStatus();
    };
    command.done = std::move(done);
    shard.Submit(std::move(command));
  }));
  return *now;
}

// Every change that an operator forces leaves a line.
void Audit(std::string_view what, const std::string& service, uint32_t shard,
           const rpc::AdminActor& actor) {
  telemetry::Log(telemetry::Level::kWarn, "admin.audit",
                 {{"action", what},
                  {"service", service},
                  {"shard", shard},
                  {"principal", actor.principal},
                  {"request_id", actor.request_id},
                  {"reason", actor.reason}});
}

}  // namespace

absl::StatusOr<bus::Shard*> ShardAdmin::Find(uint32_t shard) {
  if (shard < shards_.size()) return &shards_.shard(shard);
  return NotFound("shard", fmt::format("{}/{}", service(), shard));
}

std::vector<common::v1::ShardStatus> ShardAdmin::Status() {
  std::vector<common::v1::ShardStatus> all;
  for (size_t i = 0; i < shards_.size(); ++i) {
    bus::Shard& shard = shards_.shard(i);
    const store::Committer::Stats stats = shard.committer().stats();
    common::v1::ShardStatus status;
    status.set_service(service());
    status.set_shard(shard.number());
    status.set_shard_count(shard.store().identity().shard_count);
    status.set_store_id(shard.store().store_id());
    status.set_epoch(shard.store().epoch());
    status.set_rpc_queue_depth(stats.rpc_waiting);
    status.set_event_queue_depth(stats.event_waiting);
    status.set_timer_queue_depth(stats.timer_waiting);
    status.set_outbox_rows(shard.committer().outbox_last() - shard.committer().outbox_trimmed());
    status.set_outbox_bytes(stats.outbox_bytes);
    const absl::Duration age = shard.relay().OutboxAge();
    status.mutable_outbox_age()->set_seconds(absl::ToInt64Seconds(age));
    status.mutable_outbox_age()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(age) % 1'000'000'000));
    status.set_last_seq(shard.committer().outbox_last());
    status.set_dead_letters(stats.dead_letters);
    const absl::Status ready = shard.Ready();
    status.set_ready(ready.ok());
    if (!ready.ok()) status.set_not_ready_reason(fmt::format("{}", ready));
    for (const bus::PartitionStatus& partition : shard.consumer().Status()) {
      *status.add_consumers() = ToProto(partition);
    }
    status.set_free_bytes(deps_.guard.free_bytes());
    SetTime(stats.last_now, status.mutable_last_command_time());
    all.push_back(std::move(status));
  }
  return all;
}

absl::StatusOr<std::vector<common::v1::DeadLetter>> ShardAdmin::DeadLetters(
    uint32_t shard, const std::string& after, int max, bool include_replayed) {
  FD_ASSIGN_OR_RETURN(bus::Shard * found, Find(shard));
  // The first id that is greater than `after`.
  const std::string from = after.empty() ? after : after + '\0';
  FD_ASSIGN_OR_RETURN(bus::DeadLetters::Page page,
                      found->dead_letters().List(from, static_cast<size_t>(max), include_replayed));
  std::vector<common::v1::DeadLetter> letters;
  for (const auto& row : page.rows) letters.push_back(ToProto(row, service(), shard));
  return letters;
}

absl::StatusOr<common::v1::DeadLetter> ShardAdmin::Replay(uint32_t shard, const std::string& ce_id,
                                                          const rpc::AdminActor& actor) {
  FD_ASSIGN_OR_RETURN(bus::Shard * found, Find(shard));
  Audit("replay_dead_letter", service(), shard, actor);
  using Result = absl::StatusOr<store::v1::DeadLetterRow>;
  FD_ASSIGN_OR_RETURN(auto row, (WaitFor<Result>("the replay", [&](auto done) {
                        found->dead_letters().Replay(ce_id, actor.principal, std::move(done));
                      })));
  return ToProto(row, service(), shard);
}

absl::StatusOr<common::v1::CreateBackupResponse> ShardAdmin::Backup(uint32_t shard,
                                                                    const std::string& directory) {
  FD_ASSIGN_OR_RETURN(bus::Shard * found, Find(shard));
  FD_RETURN_IF_ERROR(found->store().Backup(directory));
  common::v1::CreateBackupResponse response;
  response.set_directory(directory);
  response.set_epoch(found->store().epoch());
  response.set_last_seq(found->committer().outbox_last());
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file(error)) bytes += it->file_size(error);
  }
  response.set_bytes(bytes);
  return response;
}

absl::StatusOr<common::v1::ConsumerStatus> ShardAdmin::Reposition(uint32_t shard,
                                                                  const std::string& topic,
                                                                  int32_t partition,
                                                                  int64_t next_offset,
                                                                  const rpc::AdminActor& actor) {
  FD_ASSIGN_OR_RETURN(bus::Shard * found, Find(shard));
  Audit("reposition", service(), shard, actor);
  FD_RETURN_IF_ERROR(WaitFor<absl::Status>("the repositioning", [&](auto done) {
    found->consumer().Reposition(topic, partition, next_offset, std::move(done));
  }));
  for (const bus::PartitionStatus& status : found->consumer().Status()) {
    if (status.topic == topic && status.partition == partition) return ToProto(status);
  }
  return NotFound("partition", fmt::format("{}/{}", topic, partition));
}

absl::StatusOr<common::v1::SwitchBusResponse> ShardAdmin::SwitchBus(uint32_t shard,
                                                                    const rpc::AdminActor& actor) {
  FD_ASSIGN_OR_RETURN(bus::Shard * found, Find(shard));
  Audit("switch_bus", service(), shard, actor);
  FD_RETURN_IF_ERROR(WaitFor<absl::Status>(
      "the switch", [&](auto done) { found->consumer().SwitchBus(std::move(done)); }));
  common::v1::SwitchBusResponse response;
  FD_ASSIGN_OR_RETURN(*response.mutable_bus_id(), deps_.log.Id());
  for (const bus::PartitionStatus& status : found->consumer().Status()) {
    *response.add_consumers() = ToProto(status);
  }
  return response;
}

absl::StatusOr<std::vector<common::v1::ShardClock>> ShardAdmin::AcceptClock(
    std::optional<uint32_t> shard, const rpc::AdminActor& actor) {
  std::vector<common::v1::ShardClock> clocks;
  for (size_t i = 0; i < shards_.size(); ++i) {
    bus::Shard& each = shards_.shard(i);
    if (shard.has_value() && *shard != each.number()) continue;
    Audit("accept_clock", service(), each.number(), actor);
    FD_ASSIGN_OR_RETURN(clocks.emplace_back(), AcceptClockOf(each));
  }
  if (clocks.empty()) return NotFound("shard", fmt::format("{}/{}", service(), shard.value_or(0)));
  return clocks;
}

absl::StatusOr<common::v1::ShardClock> ShardAdmin::AcceptClockOf(bus::Shard& shard) {
  common::v1::ShardClock clock;
  clock.set_service(service());
  clock.set_shard(shard.number());
  // A shard without traffic has not noticed the jump yet.
  FD_ASSIGN_OR_RETURN(absl::Time now, LookAtClock(shard));
  clock.set_jumped(shard.committer().clock_jumped());
  if (clock.jumped()) {
    // Only now: said beforehand, it would let the next jump pass unseen.
    shard.committer().AcceptClock();
    FD_ASSIGN_OR_RETURN(now, LookAtClock(shard));
  }
  SetTime(now, clock.mutable_time());
  return clock;
}

}  // namespace frontdesk::process
