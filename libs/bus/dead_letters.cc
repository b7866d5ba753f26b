#include "libs/bus/dead_letters.h"

#include <memory>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/bus/wire.h"
#include "libs/store/engine_keys.h"

namespace frontdesk::bus {
namespace {

constexpr absl::Duration kPrepareDeadline = absl::Seconds(5);  // a person waits, not a partition

Record RecordOf(const DeadLetters::Row& row) {
  Record record;
  record.topic = row.topic();
  record.partition = row.partition();
  record.offset = row.offset();
  record.key = row.key();
  record.value = row.value();
  record.time = absl::FromUnixMicros(row.first_seen_us());
  for (const auto& header : row.headers()) {
    record.headers.emplace_back(header.name(), header.value());
  }
  return record;
}

absl::Status AlreadyReplayed(std::string_view ce_id) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "ALREADY_REPLAYED",
                            fmt::format("the dead letter {} was replayed before", ce_id)),
                      "ce_id", ce_id);
}

}  // namespace

// What the caller of a replay is told: once, and also when everybody who could tell has let go.
struct DeadLetters::Answer {
  explicit Answer(Done done) : done(std::move(done)) {}
  ~Answer() { Give(absl::CancelledError("the service stops")); }
  void Give(absl::StatusOr<Row> result) {
    if (done != nullptr) std::exchange(done, nullptr)(std::move(result));
  }

  Done done;
};

// One event that is handled again. Lives as long as its prepare step holds it and goes to the
// committer when that ends, however it ends.
struct DeadLetters::Replaying {
  std::shared_ptr<Visits> visits;
  store::Committer& committer;
  std::string ce_id;
  std::string actor;
  EventInfo info;
  const EventRoutes::Route* route;
  std::shared_ptr<const google::protobuf::Message> event;
  Prepared prepared;
  std::shared_ptr<Answer> answer;

  ~Replaying() {
    // A prepare step may end long after the service has: then there is no committer either.
    if (const auto visit = visits->Enter(); visit.has_value()) Submit();
  }
  void Submit();
  store::Command NewCommand(std::string_view method) const;
};

store::Command DeadLetters::Replaying::NewCommand(std::string_view method) const {
  store::Command command;
  command.method = method;
  command.tenant = info.tenant;
  command.actor = actor;
  command.cause = info.id;
  command.correlation = info.correlation;
  command.traceparent = info.traceparent;
  return command;
}

void DeadLetters::Replaying::Submit() {
  store::Command command = NewCommand("engine.ReplayDeadLetter");
  command.unprepared = route->prepare != nullptr && prepared.empty();
  auto replayed = std::make_shared<Row>();
  command.handle = [key = store::kDeadLetters.Key(ce_id), name = ce_id, route = route,
                    event = event, prepared = prepared,
                    replayed](const store::Context& context, store::Txn& txn,
                              store::Reply&) -> absl::Status {
    FD_ASSIGN_OR_RETURN(Row row, store::kDeadLetters.Load(txn, key, name));
    if (row.replayed()) return AlreadyReplayed(name);
    FD_RETURN_IF_ERROR(route->handle(*event, prepared, context, txn));
    row.set_replayed(true);
    row.set_replay_time_us(absl::ToUnixMicros(context.now));
    row.set_attempts(row.attempts() + 1);
    store::kDeadLetters.Put(txn, key, row);
    *replayed = std::move(row);
    return absl::OkStatus();
  };
  store::Command attempt = NewCommand("engine.CountReplayAttempt");
  attempt.handle = [key = store::kDeadLetters.Key(ce_id), name = ce_id](
                       const store::Context&, store::Txn& txn, store::Reply&) -> absl::Status {
    FD_ASSIGN_OR_RETURN(Row row, store::kDeadLetters.Load(txn, key, name));
    row.set_attempts(row.attempts() + 1);
    store::kDeadLetters.Put(txn, key, row);
    return absl::OkStatus();
  };
  command.done = [replayed, answer = answer, committer = &committer,
                  attempt = std::move(attempt)](absl::Status status) mutable {
    if (status.ok()) return answer->Give(std::move(*replayed));
    if (ReasonOf(status) == "ALREADY_REPLAYED") return answer->Give(std::move(status));
    // The letter stays; its row says that it was tried once more. The caller hears of the refusal.
    attempt.done = [answer, status](const absl::Status&) { answer->Give(status); };
    committer->Submit(std::move(attempt));
  };
  committer.Submit(std::move(command));
}

absl::StatusOr<DeadLetters::Page> DeadLetters::List(std::string_view from, size_t max,
                                                    bool include_replayed) const {
  Page page;
  absl::Status row_status;
  FD_RETURN_IF_ERROR(committer_.store().Read([&](const store::Reader& reader) {
    const std::string start = from.empty() ? "" : store::kDeadLetters.Key(std::string(from));
    return reader.Scan(store::kDeadLetters.Key(), start,
                       [&](std::string_view, std::string_view value) {
                         auto row = store::kDeadLetters.Parse(value);
                         row_status = row.status();
                         if (!row.ok()) return false;
                         if (row->replayed() && !include_replayed) return true;
                         if (page.rows.size() == max) {
                           page.next_ce_id = row->ce_id();
                           return false;
                         }
                         page.rows.push_back(*std::move(row));
                         return true;
                       });
  }));
  FD_RETURN_IF_ERROR(row_status);
  return page;
}

absl::StatusOr<DeadLetters::Row> DeadLetters::Load(std::string_view ce_id) const {
  absl::StatusOr<Row> row = absl::UnknownError("not read");
  FD_RETURN_IF_ERROR(committer_.store().Read([&](const store::Reader& reader) {
    row = store::kDeadLetters.Load(reader, store::kDeadLetters.Key(std::string(ce_id)), ce_id);
    return row.status();
  }));
  return row;
}

void DeadLetters::Replay(std::string ce_id, std::string actor, Done done) {
  auto answer = std::make_shared<Answer>(std::move(done));
  PreparePool::Job job = [this, visits = visits_, ce_id = std::move(ce_id),
                          actor = std::move(actor), answer] {
    const auto visit = visits->Enter();
    if (!visit.has_value()) return;  // `this` is gone
    absl::Status status = Begin(ce_id, actor, answer);
    if (!status.ok()) answer->Give(std::move(status));
  };
  if (pool_.TrySubmit(std::move(job))) return;
  answer->Give(Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "too much is in work"));
}

absl::Status DeadLetters::Begin(const std::string& ce_id, const std::string& actor,
                                const std::shared_ptr<Answer>& answer) {
  FD_ASSIGN_OR_RETURN(const Row row, Load(ce_id));
  if (row.replayed()) return AlreadyReplayed(ce_id);
  EventInfo info;
  FD_RETURN_IF_ERROR(ParseHeaders(RecordOf(row), &info));
  const EventRoutes::Route* route = routes_.Find(row.topic(), info.type);
  if (route == nullptr) return NotFound("route for the event type", info.type);
  FD_ASSIGN_OR_RETURN(auto event, DecodeEvent(*route, row.value()));
  std::shared_ptr<Replaying> replaying(
      new Replaying{visits_, committer_, ce_id, actor, info, route, event, Prepared(), answer});
  if (route->prepare) {
    route->prepare(event, info, kPrepareDeadline,
                   [replaying](Prepared prepared) { replaying->prepared = std::move(prepared); });
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::bus
