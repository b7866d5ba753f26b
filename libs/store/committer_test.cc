#include "libs/store/committer.h"

#include <catch2/catch.hpp>

#include <rocksdb/db.h>

#include <optional>

#include <fmt/core.h>

#include "frontdesk/common/v1/event.pb.h"
#include "libs/base/error.h"
#include "libs/base/topics.h"
#include "libs/store/engine_keys.h"
#include "libs/store/outbox.h"
#include "libs/store/simulated_disk.h"
#include "libs/store/timer_scanner.h"

using namespace frontdesk;
using namespace frontdesk::store;

namespace {

constexpr uint8_t kRow = 0x20;

struct Published {
  rows::OutboxRow row;
  std::vector<std::pair<std::string, std::string>> headers;
};

// A shard's committer on a simulated disk, stepped by hand.
class Shard {
 public:
  Shard() { Open(true); }

  void Open(bool create) {
    Store::Options options{"/data/ticket/0", {"installation", "ticket", 0, 1}, create};
    auto opened = Store::Open(options, disk.environment(), clock.Now(), random);
    INFO(opened.status());
    REQUIRE(opened.ok());
    store = *std::move(opened);
    auto made = Committer::Open(
        {*store, clock, random, metrics, guard, [this](const absl::Status& s) { fatal = s; }},
        limits);
    INFO(made.status());
    REQUIRE(made.ok());
    committer = *std::move(made);
  }
  void Close() {
    committer.reset();
    store.reset();
  }
  void Crash() {
    store->Abandon();
    disk.Crash();
    Close();
    Open(false);
  }
  void Run() {
    while (committer->Step() || committer->DeliverStep()) {
    }
  }
  // Submits, runs, and gives what `done` was told.
  absl::Status Do(Command command) {
    std::optional<absl::Status> result;
    command.done = [&result](absl::Status status) { result = std::move(status); };
    committer->Submit(std::move(command));
    Run();
    REQUIRE(result.has_value());
    return *result;
  }
  std::optional<std::string> Get(const std::string& id) {
    std::optional<std::string> value;
    REQUIRE(store
                ->Read([&](const Reader& reader) -> absl::Status {
                  auto found = reader.Get(EncodeKey(kRow, id));
                  if (found.ok()) value = *found;
                  return found.status();
                })
                .ok());
    return value;
  }
  std::vector<Published> Outbox() {
    std::vector<Committer::OutboxEntry> entries;
    REQUIRE(committer->ReadOutbox(0, 1000, &entries).ok());
    std::vector<Published> parsed;
    for (const auto& entry : entries) {
      parsed.emplace_back();
      REQUIRE(parsed.back().row.ParseFromString(entry.row));
      parsed.back().headers = EventHeaders(parsed.back().row, "/frontdesk/ticket/0", entry.seq);
    }
    return parsed;
  }

  SimulatedDisk disk;
  SimulatedClock clock;
  SeededRandom random{7};
  telemetry::Metrics metrics;
  uint64_t free_bytes = 1ull << 40;
  SpaceGuard guard{{.directory = "/data",
                    .free_bytes = [this](const std::string&) { return free_bytes; }},
                   metrics};
  Committer::Options limits;
  absl::Status fatal;
  std::unique_ptr<Store> store;
  std::unique_ptr<Committer> committer;
};

Command Rpc(Handler handler, std::string request_id = "") {
  Command command;
  command.method = "Test";
  command.tenant = "t1";
  command.actor = "mia";
  command.request_id = std::move(request_id);
  command.handle = std::move(handler);
  return command;
}

Handler PutRow(std::string id, std::string value) {
  return [=](const Context&, Txn& txn, Reply&) {
    txn.Put(EncodeKey(kRow, id), value);
    return absl::OkStatus();
  };
}

OutgoingEvent TicketEvent(const Context& context, std::string key) {
  OutgoingEvent event;
  event.topic = topics::kTicket;
  event.key = std::move(key);
  event.type = "frontdesk.ticket.v1.TicketCreated";
  event.subject = "tenants/t1/tickets/x";
  event.id = context.NewId();
  event.tenant = "t1";
  event.value = "value";
  return event;
}

std::string HeaderOf(const Published& event, std::string_view name) {
  for (const auto& [key, value] : event.headers) {
    if (key == name) return value;
  }
  return "";
}

Command Event(int64_t offset, uint64_t seq, uint64_t prev, Handler handler, uint64_t epoch = 1) {
  Command command;
  command.source = Command::Source::kEvent;
  command.method = "frontdesk.dialog.v1.Test";
  command.tenant = "t1";
  command.handle = std::move(handler);
  command.delivery = Delivery{.bus_id = "bus",
                              .topic = "frontdesk.dialog.v1",
                              .topic_id = "topic-1",
                              .partition = 0,
                              .offset = offset,
                              .source = "/frontdesk/dialog/0",
                              .epoch = epoch,
                              .seq = seq,
                              .prev = prev,
                              .event_id = fmt::format("event-{}", offset),
                              .key = "t1/c1",
                              .value = std::make_shared<const std::string>("payload"),
                              .headers = nullptr};
  return command;
}

Handler Refuse(absl::Status status) {
  return [=](const Context&, Txn& txn, Reply&) {
    txn.Put(EncodeKey(kRow, "refused"), "x");
    return status;
  };
}

}  // namespace

TEST_CASE("what was acknowledged survives a crash") {
  Shard shard;
  for (int i = 0; i < 50; ++i) {
    const std::string id = fmt::format("{}", i);
    REQUIRE(shard.Do(Rpc(PutRow(id, "v"))).ok());
    if (i % 7 == 0) shard.Crash();
  }
  shard.Crash();
  for (int i = 0; i < 50; ++i) CHECK(shard.Get(fmt::format("{}", i)) == "v");
}

TEST_CASE("nobody is answered before the sync") {
  Shard shard;
  bool answered = false;
  Command command = Rpc(PutRow("a", "v"));
  command.done = [&](const absl::Status&) {
    answered = true;
    CHECK(shard.Get("a") == "v");
  };
  shard.committer->Submit(std::move(command));
  CHECK_FALSE(answered);
  shard.committer->Step();
  CHECK_FALSE(answered);
  shard.committer->DeliverStep();
  CHECK(answered);
}

TEST_CASE("each handler of a batch sees the ones before it, a refused one leaves nothing") {
  Shard shard;
  std::vector<absl::Status> results;
  const auto submit = [&](Handler handler) {
    Command command = Rpc(std::move(handler));
    command.done = [&](absl::Status status) { results.push_back(std::move(status)); };
    shard.committer->Submit(std::move(command));
  };
  submit(PutRow("a", "1"));
  submit([](const Context&, Txn& txn, Reply&) {
    auto seen = txn.Get(EncodeKey(kRow, "a"));
    CHECK((seen.ok() && *seen == "1"));
    txn.Put(EncodeKey(kRow, "a"), "2");
    return absl::AbortedError("refused");
  });
  submit([](const Context&, Txn& txn, Reply&) {
    auto seen = txn.Get(EncodeKey(kRow, "a"));
    CHECK((seen.ok() && *seen == "1"));
    std::vector<std::string> scanned;
    txn.Put(EncodeKey(kRow, "b"), "3");
    CHECK(txn.Scan(EncodeKey(kRow), "", [&](std::string_view, std::string_view value) {
               scanned.emplace_back(value);
               return true;
             }).ok());
    CHECK(scanned == std::vector<std::string>{"1", "3"});
    return absl::OkStatus();
  });
  shard.Run();
  REQUIRE(results.size() == 3);
  CHECK(results[0].ok());
  CHECK(results[1].code() == absl::StatusCode::kAborted);
  CHECK(results[2].ok());
  CHECK(shard.Get("a") == "1");
}

TEST_CASE("a repeated request gets the same reply and has no second effect") {
  Shard shard;
  int runs = 0;
  const auto request = [&](common::v1::EventMetadata* response, uint64_t hash) {
    Command command = Rpc(
        [&runs, response](const Context& context, Txn& txn, Reply&) {
          ++runs;
          response->set_event_id(context.NewId());
          txn.Put(EncodeKey(kRow, "made"), response->event_id());
          return absl::OkStatus();
        },
        "request-1");
    command.response = response;
    command.payload_hash = hash;
    return command;
  };
  common::v1::EventMetadata first, second, third;
  REQUIRE(shard.Do(request(&first, 1)).ok());
  shard.Crash();
  REQUIRE(shard.Do(request(&second, 1)).ok());
  CHECK(runs == 1);
  CHECK_FALSE(first.event_id().empty());
  CHECK(first.event_id() == second.event_id());

  const absl::Status reused = shard.Do(request(&third, 2));
  CHECK(ReasonOf(reused) == "REQUEST_ID_REUSED");

  shard.clock.Advance(kRequestIdLife + absl::Seconds(1));
  REQUIRE(shard.Do(request(&third, 2)).ok());
  CHECK(runs == 2);
}

TEST_CASE("request ids live by the time of the shard, not of the machine") {
  Shard shard;
  REQUIRE(shard.Do(Rpc(PutRow("a", "1"), "id")).ok());
  // The machine of the test is years ahead of the shard's clock.
  rocksdb::DB* db = shard.store->db();
  rocksdb::ColumnFamilyHandle* requests = shard.store->Family(kRequests.Key());
  REQUIRE(db->Flush(rocksdb::FlushOptions(), requests).ok());
  const auto compact = [&] {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    REQUIRE(db->CompactRange(options, requests, nullptr, nullptr).ok());
  };
  const auto rows = [&] {
    size_t count = 0;
    REQUIRE(shard.store
                ->Read([&](const Reader& reader) {
                  return reader.Scan(kRequests.Key(), "",
                                     [&](std::string_view, std::string_view) { return ++count > 0; });
                })
                .ok());
    return count;
  };
  compact();
  CHECK(rows() == 1);
  shard.clock.Advance(kRequestIdLife + absl::Seconds(1));
  REQUIRE(shard.Do(Rpc(PutRow("a", "2"))).ok());
  compact();
  CHECK(rows() == 0);
}

TEST_CASE("a refusal is not kept: the request may be repeated") {
  Shard shard;
  CHECK_FALSE(shard.Do(Rpc(Refuse(absl::FailedPreconditionError("no")), "id")).ok());
  CHECK(shard.Do(Rpc(PutRow("a", "v"), "id")).ok());
  CHECK(shard.Get("refused") == std::nullopt);
}

TEST_CASE("an exception in a handler is INTERNAL and leaves nothing") {
  Shard shard;
  const absl::Status status = shard.Do(Rpc([](const Context&, Txn& txn, Reply&) -> absl::Status {
    txn.Put(EncodeKey(kRow, "half"), "x");
    std::string().at(1);
    return absl::OkStatus();
  }));
  CHECK(status.code() == absl::StatusCode::kInternal);
  CHECK(shard.Get("half") == std::nullopt);
}

TEST_CASE("a command that does too much is refused whole") {
  Shard shard;
  CHECK(ReasonOf(shard.Do(Rpc([](const Context&, Txn& txn, Reply&) {
          for (int i = 0; i < 1001; ++i) txn.Put(EncodeKey(kRow, fmt::format("{}", i)), "x");
          return absl::OkStatus();
        }))) == "TOO_MANY_ROWS");
  CHECK(ReasonOf(shard.Do(Rpc([](const Context& context, Txn& txn, Reply&) {
          OutgoingEvent event = TicketEvent(context, "t1/x");
          event.value = std::string(kMaxEventBytes + 1, 'x');
          txn.Append(std::move(event));
          return absl::OkStatus();
        }))) == "EVENT_TOO_LARGE");
  CHECK(shard.Get("0") == std::nullopt);
  CHECK(shard.Outbox().empty());
}

TEST_CASE("an event or timer whose handler does too much is not tried for ever") {
  Shard shard;
  const auto too_much = [](const Context&, Txn& txn, Reply&) {
    for (int i = 0; i < 1001; ++i) txn.Put(EncodeKey(kRow, fmt::format("{}", i)), "x");
    return absl::OkStatus();
  };
  REQUIRE(shard.Do(Event(0, 1, 0, too_much)).ok());
  const auto outbox = shard.Outbox();
  REQUIRE(outbox.size() == 1);
  CHECK(HeaderOf(outbox[0], "dl_reason") == "TOO_MANY_ROWS");
  REQUIRE(shard.Do(Event(1, 2, 1, PutRow("a", "2"))).ok());
  CHECK(shard.Get("a") == "2");
}

TEST_CASE("the outbox is read in bounded pieces") {
  Shard shard;
  constexpr int kEvents = 40;
  for (int i = 0; i < kEvents; ++i) {
    REQUIRE(shard.Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                   OutgoingEvent event = TicketEvent(context, "t1/x");
                   event.value = std::string(kMaxEventBytes, 'x');
                   txn.Append(std::move(event));
                   return absl::OkStatus();
                 })).ok());
  }
  std::vector<Committer::OutboxEntry> piece;
  uint64_t read_to = 0;
  while (read_to < kEvents) {
    REQUIRE(shard.committer->ReadOutbox(read_to, 1000, &piece).ok());
    REQUIRE_FALSE(piece.empty());
    CHECK(piece.size() <= 17);
    CHECK(piece.front().seq == read_to + 1);
    read_to = piece.back().seq;
  }
}

TEST_CASE("events are numbered without a gap and name the one before in their partition") {
  Shard shard;
  for (int i = 0; i < 20; ++i) {
    REQUIRE(shard.Do(Rpc([i](const Context& context, Txn& txn, Reply&) {
                   txn.Append(TicketEvent(context, fmt::format("t1/{}", i)));
                   return absl::OkStatus();
                 })).ok());
    if (i == 10) shard.Crash();
  }
  std::map<int, std::string> tails;
  uint64_t seq = 0;
  for (const Published& event : shard.Outbox()) {
    CHECK(HeaderOf(event, "fd_seq") == fmt::format("{}", ++seq));
    std::string& tail = tails[event.row.partition()];
    CHECK(HeaderOf(event, "fd_prev") == (tail.empty() ? "0" : tail));
    tail = HeaderOf(event, "fd_seq");
    CHECK(HeaderOf(event, "ce_type") == "frontdesk.ticket.v1.TicketCreated");
    CHECK(HeaderOf(event, "fd_epoch") == "1");
  }
  CHECK(seq == 20);
}

TEST_CASE("what the relay has published is trimmed and does not come back") {
  Shard shard;
  for (int i = 0; i < 5; ++i) {
    REQUIRE(shard.Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                   txn.Append(TicketEvent(context, "t1/x"));
                   return absl::OkStatus();
                 })).ok());
  }
  shard.committer->TrimOutbox(3);
  REQUIRE(shard.Do(Rpc(PutRow("a", "v"))).ok());
  CHECK(shard.Outbox().size() == 2);
  CHECK(shard.committer->outbox_trimmed() == 3);
  shard.Crash();
  CHECK(shard.committer->outbox_trimmed() == 3);
  CHECK(shard.Outbox().size() == 2);
}

TEST_CASE("the size of the outbox falls with what is trimmed, not only when nothing is left") {
  Shard shard;
  for (int i = 0; i < 4; ++i) {
    REQUIRE(shard.Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                   txn.Append(TicketEvent(context, "t1/x"));
                   return absl::OkStatus();
                 })).ok());
  }
  const uint64_t all = shard.committer->stats().outbox_bytes;
  REQUIRE(all > 0);
  shard.committer->TrimOutbox(3);
  REQUIRE(shard.Do(Rpc(PutRow("a", "v"))).ok());
  CHECK(shard.committer->stats().outbox_bytes == all / 4);
  shard.committer->TrimOutbox(4);
  REQUIRE(shard.Do(Rpc(PutRow("a", "v"))).ok());
  CHECK(shard.committer->stats().outbox_bytes == 0);
}

TEST_CASE("an event has its effect once, and its position moves with it") {
  Shard shard;
  REQUIRE(shard.Do(Event(0, 1, 0, PutRow("a", "1"))).ok());
  REQUIRE(shard.Do(Event(0, 1, 0, PutRow("a", "again"))).ok());
  CHECK(shard.Get("a") == "1");
  // Published twice by a source that crashed: another offset, the same sequence number.
  REQUIRE(shard.Do(Event(1, 1, 0, PutRow("a", "again"))).ok());
  CHECK(shard.Get("a") == "1");
  shard.Crash();
  // The position is there with the effect; moving on over what changed nothing is not worth a sync
  // and may be lost: it is read again.
  auto position = shard.committer->FindPosition("bus", "frontdesk.dialog.v1", 0);
  REQUIRE(position.ok());
  CHECK(position->next_offset == 1);
  CHECK(position->seq == 1);
  REQUIRE(shard.Do(Event(1, 1, 0, PutRow("a", "again"))).ok());
  CHECK(shard.Get("a") == "1");
  REQUIRE(shard.Do(Event(2, 2, 1, PutRow("a", "2"))).ok());
  shard.Crash();
  CHECK(shard.Get("a") == "2");
  position = shard.committer->FindPosition("bus", "frontdesk.dialog.v1", 0);
  REQUIRE(position.ok());
  CHECK(position->next_offset == 3);
}

TEST_CASE("a gap in a source's sequence stops the partition") {
  Shard shard;
  REQUIRE(shard.Do(Event(0, 1, 0, PutRow("a", "1"))).ok());
  const absl::Status gap = shard.Do(Event(1, 3, 2, PutRow("a", "3")));
  CHECK(gap.code() == absl::StatusCode::kDataLoss);
  CHECK(ReasonOf(gap) == "SEQUENCE_GAP");
  CHECK(shard.Get("a") == "1");
  // Not even for a record that none of ours wrote: its position would hide the gap.
  CHECK(ReasonOf(shard.Do(Event(2, 0, 0, PutRow("a", "foreign"), 0))) == "OUT_OF_ORDER");
  CHECK(shard.Get("a") == "1");
  auto position = shard.committer->FindPosition("bus", "frontdesk.dialog.v1", 0);
  REQUIRE(position.ok());
  CHECK(position->next_offset == 1);
}

TEST_CASE("a zombie of an older epoch is ignored, a restored source must announce itself") {
  Shard shard;
  REQUIRE(shard.Do(Event(0, 5, 0, PutRow("a", "1"), 1)).ok());
  CHECK(ReasonOf(shard.Do(Event(1, 3, 2, PutRow("a", "2"), 2))) == "SEQUENCE_GAP");
  Command restored = Event(1, 3, 2, nullptr, 2);
  restored.delivery->source_restored = true;
  REQUIRE(shard.Do(std::move(restored)).ok());
  REQUIRE(shard.Do(Event(2, 6, 5, PutRow("a", "zombie"), 1)).ok());
  CHECK(shard.Get("a") == "1");
  REQUIRE(shard.Do(Event(3, 4, 3, PutRow("a", "2"), 2)).ok());
  CHECK(shard.Get("a") == "2");
}

TEST_CASE("an event refused for good becomes a dead letter and does not stop the partition") {
  Shard shard;
  REQUIRE(shard.Do(Event(0, 1, 0, Refuse(InvalidField("text", "too long")))).ok());
  CHECK(shard.Get("refused") == std::nullopt);
  const auto outbox = shard.Outbox();
  REQUIRE(outbox.size() == 1);
  CHECK(outbox[0].row.topic() == topics::kDeadLetter);
  CHECK(outbox[0].row.value() == "payload");
  CHECK(HeaderOf(outbox[0], "dl_reason") == "INVALID_FIELD");
  CHECK(HeaderOf(outbox[0], "ce_id") == "event-0");
  REQUIRE(shard.Do(Event(1, 2, 1, PutRow("a", "2"))).ok());
  CHECK(shard.Get("a") == "2");
}

TEST_CASE("behind an event that failed for a passing reason nothing passes until it has") {
  Shard shard;
  std::vector<absl::Status> results;
  const auto submit = [&](Command command) {
    command.done = [&](absl::Status status) { results.push_back(std::move(status)); };
    shard.committer->Submit(std::move(command));
  };
  submit(Event(0, 1, 0, Refuse(absl::UnavailableError("later"))));
  submit(Event(1, 2, 1, PutRow("a", "2")));
  shard.Run();
  CHECK(results[0].code() == absl::StatusCode::kUnavailable);
  CHECK(ReasonOf(results[1]) == "OUT_OF_ORDER");
  CHECK(shard.Get("a") == std::nullopt);
  REQUIRE(shard.Do(Event(0, 1, 0, PutRow("a", "1"))).ok());
  REQUIRE(shard.Do(Event(1, 2, 1, PutRow("a", "2"))).ok());
  CHECK(shard.Get("a") == "2");
}

TEST_CASE("after a failed sync callers learn that the outcome is unknown, and nothing is retried") {
  Shard shard;
  REQUIRE(shard.Do(Rpc(PutRow("a", "1"))).ok());
  shard.disk.FailSyncs(1);
  const absl::Status status = shard.Do(Rpc(PutRow("b", "1"), "id"));
  CHECK(status.code() == absl::StatusCode::kUnavailable);
  CHECK(ReasonOf(status) == "COMMIT_UNKNOWN");
  CHECK_FALSE(shard.fatal.ok());
  CHECK(shard.committer->failed());
  CHECK(ReasonOf(shard.Do(Rpc(PutRow("c", "1")))) == "COMMIT_UNKNOWN");
  shard.Crash();
  CHECK(shard.Get("a") == "1");
  CHECK(shard.Get("c") == std::nullopt);
}

TEST_CASE("a full queue and a full disk refuse with a delay, deletes still pass") {
  Shard shard;
  shard.free_bytes = 300ull << 20;
  shard.guard.Step(shard.clock.Steady());
  const absl::Status low = shard.Do(Rpc(PutRow("a", "1")));
  CHECK(ReasonOf(low) == "DISK_SPACE_LOW");
  CHECK(DetailsOf(low).retry_delay.has_value());
  Command remove = Rpc(PutRow("b", "1"));
  remove.frees_space = true;
  CHECK(shard.Do(std::move(remove)).ok());

  shard.Close();
  shard.free_bytes = 1ull << 40;
  shard.clock.Advance(absl::Seconds(2));
  shard.guard.Step(shard.clock.Steady());
  shard.limits.rpc_queue_max = 2;
  shard.Open(false);
  std::vector<absl::Status> results;
  for (int i = 0; i < 3; ++i) {
    Command command = Rpc(PutRow("c", "1"));
    command.done = [&](absl::Status status) { results.push_back(std::move(status)); };
    shard.committer->Submit(std::move(command));
  }
  REQUIRE(results.size() == 1);
  CHECK(ReasonOf(results[0]) == "QUEUE_FULL");
  shard.Run();
  CHECK(results.size() == 3);
}

TEST_CASE("one tenant's flood does not starve another") {
  Shard shard;
  std::vector<std::string> order;
  const auto submit = [&](std::string tenant) {
    Command command = Rpc(PutRow(tenant, "1"));
    command.tenant = tenant;
    command.done = [&order, tenant](const absl::Status&) { order.push_back(tenant); };
    shard.committer->Submit(std::move(command));
  };
  for (int i = 0; i < 100; ++i) submit("loud");
  submit("quiet");
  shard.Run();
  const auto place = std::find(order.begin(), order.end(), "quiet") - order.begin();
  CHECK(place < 3);
}

TEST_CASE("time never goes back, and timers pause when the wall clock jumps") {
  Shard shard;
  absl::Time first, second;
  const auto note = [](absl::Time* at) {
    return [at](const Context& context, Txn&, Reply&) {
      *at = context.now;
      return absl::OkStatus();
    };
  };
  REQUIRE(shard.Do(Rpc(note(&first))).ok());
  shard.clock.JumpWall(-absl::Seconds(30));
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK(second >= first);
  CHECK_FALSE(shard.committer->clock_jumped());
  shard.clock.JumpWall(-absl::Hours(2));
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK(second >= first);
  CHECK(shard.committer->clock_jumped());
  shard.clock.JumpWall(absl::Hours(2));
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK_FALSE(shard.committer->clock_jumped());
  shard.clock.JumpWall(absl::Hours(5));
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK(shard.committer->clock_jumped());
  CHECK(second < first + absl::Hours(1));
  shard.committer->AcceptClock();
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK_FALSE(shard.committer->clock_jumped());
  CHECK(second >= first + absl::Hours(4));
}

namespace {

// Sets, fires and records timers of kind 1.
class Timers {
 public:
  explicit Timers(Shard& shard) : shard_(shard) { Reopen(); }
  void Reopen() {
    scanner_ = std::make_unique<TimerScanner>(
        *shard_.committer,
        [this](const Timer& timer, Command& command) {
          command.method = "test.Timer";
          command.tenant = "t1";
          command.handle = [this, subject = timer.subject](const Context& context, Txn& txn,
                                                           Reply&) {
            if (fail_next_) {
              fail_next_ = false;
              return absl::UnavailableError("later");
            }
            fired.push_back(subject);
            lateness = context.now - context.due;
            txn.Put(EncodeKey(kRow, "fired/" + subject), "1");
            return absl::OkStatus();
          };
        },
        TimerScanner::Options{});
  }
  void Set(absl::Duration in, std::string subject) {
    REQUIRE(shard_.Do(Rpc([=](const Context& context, Txn& txn, Reply&) {
                    txn.SetTimer({context.now + in, 1, subject, 1});
                    return absl::OkStatus();
                  })).ok());
  }
  TimerScanner& scanner() { return *scanner_; }
  void Advance(absl::Duration by) {
    shard_.clock.Advance(by);
    while (scanner_->Step(shard_.clock.Now())) shard_.Run();
  }

  std::vector<std::string> fired;
  absl::Duration lateness;
  bool fail_next_ = false;

 private:
  Shard& shard_;
  std::unique_ptr<TimerScanner> scanner_;
};

}  // namespace

TEST_CASE("timers fire once, in order of their due time, also after a crash") {
  Shard shard;
  Timers timers(shard);
  timers.Set(absl::Seconds(30), "late");
  timers.Set(absl::Seconds(10), "early");
  timers.Advance(absl::Seconds(5));
  CHECK(timers.fired.empty());
  timers.Set(absl::Seconds(-3), "past");
  timers.Advance(absl::Seconds(1));
  CHECK(timers.fired == std::vector<std::string>{"past"});
  shard.Crash();
  timers.Reopen();
  timers.Advance(absl::Seconds(60));
  CHECK(timers.fired == std::vector<std::string>{"past", "early", "late"});
  shard.Crash();
  timers.Reopen();
  timers.Advance(absl::Seconds(60));
  CHECK(timers.fired.size() == 3);
}

TEST_CASE("a cancelled timer does not fire, a failed one is tried again") {
  Shard shard;
  Timers timers(shard);
  absl::Time due;
  REQUIRE(shard.Do(Rpc([&](const Context& context, Txn& txn, Reply&) {
                 due = context.now + absl::Seconds(5);
                 txn.SetTimer({due, 1, "cancelled", 1});
                 return absl::OkStatus();
               })).ok());
  REQUIRE(shard.Do(Rpc([&](const Context&, Txn& txn, Reply&) {
                 txn.CancelTimer({due, 1, "cancelled", 1});
                 return absl::OkStatus();
               })).ok());
  timers.Set(absl::Seconds(5), "again");
  timers.fail_next_ = true;
  timers.Advance(absl::Seconds(6));
  CHECK(timers.fired.empty());
  timers.Advance(absl::Seconds(10));
  CHECK(timers.fired == std::vector<std::string>{"again"});
}

TEST_CASE("timers wait, and are not offered again and again, while nothing is taken") {
  Shard shard;
  shard.limits.outbox_rows_max = 1;
  shard.Close();
  shard.Open(false);
  Timers timers(shard);
  timers.Set(absl::Seconds(5), "waits");
  REQUIRE(shard.Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                 txn.Append(TicketEvent(context, "t1/x"));
                 txn.Append(TicketEvent(context, "t1/y"));
                 return absl::OkStatus();
               })).ok());
  shard.clock.Advance(absl::Seconds(6));
  CHECK_FALSE(timers.scanner().Step(shard.clock.Now()));
  CHECK(timers.scanner().UntilNext(shard.clock.Now(), absl::Seconds(1)) == absl::Seconds(1));
  shard.committer->TrimOutbox(2);
  shard.clock.Advance(absl::Seconds(1));
  shard.Run();
  timers.Advance(absl::Seconds(1));
  CHECK(timers.fired == std::vector<std::string>{"waits"});
}

TEST_CASE("a timer found by a clock that jumped ahead stays, and fires when it is due") {
  Shard shard;
  Timers timers(shard);
  timers.Set(absl::Minutes(30), "half past");
  shard.clock.JumpWall(absl::Hours(2));
  timers.Advance(absl::Seconds(1));
  CHECK(timers.fired.empty());
  CHECK(shard.committer->clock_jumped());
  // No command comes: the shard notices by itself that the clock is right again.
  shard.clock.JumpWall(-absl::Hours(2));
  shard.Run();
  CHECK_FALSE(shard.committer->clock_jumped());
  timers.Advance(absl::Minutes(20));
  CHECK(timers.fired.empty());
  timers.Advance(absl::Minutes(10));
  CHECK(timers.fired == std::vector<std::string>{"half past"});
  // Nor when an operator has accepted the new time.
  timers.Set(absl::Hours(1), "accepted");
  shard.clock.JumpWall(absl::Hours(2));
  timers.Advance(absl::Seconds(1));
  CHECK(shard.committer->clock_jumped());
  shard.committer->AcceptClock();
  shard.Run();
  CHECK_FALSE(shard.committer->clock_jumped());
  timers.Advance(absl::Seconds(1));
  CHECK(timers.fired.back() == "accepted");
}

TEST_CASE("a restored store has a higher epoch and announces it in every partition first") {
  Shard shard;
  REQUIRE(shard.Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                 txn.Append(TicketEvent(context, "t1/x"));
                 return absl::OkStatus();
               })).ok());
  REQUIRE(shard.store->Backup("/backup").ok());
  CHECK_FALSE(shard.store->Backup("/backup").ok());
  const std::string first_id = shard.store->store_id();
  shard.Close();
  REQUIRE(shard.disk.DeleteDirectory("/data/ticket/0").ok());
  REQUIRE(Store::RestoreBackup("/backup", "/data/ticket/0", 1, shard.disk.environment(),
                               shard.clock.Now(), shard.random)
              .ok());
  shard.Open(false);
  CHECK(shard.store->epoch() == 2);
  CHECK(shard.store->store_id() != first_id);
  shard.Run();
  std::set<int> partitions;
  for (const Published& event : shard.Outbox()) {
    if (HeaderOf(event, "fd_epoch") != "2") continue;
    CHECK(HeaderOf(event, "ce_type") == "frontdesk.common.v1.SourceRestored");
    partitions.insert(event.row.partition());
  }
  CHECK(partitions.size() == 4);
  const size_t rows = shard.Outbox().size();
  shard.Crash();
  shard.Run();
  CHECK(shard.Outbox().size() == rows);
}

TEST_CASE("opening refuses a missing store and another one's") {
  Shard shard;
  shard.Close();
  const auto open = [&](const std::string& directory, StoreIdentity identity) {
    return Store::Open({directory, std::move(identity), false}, shard.disk.environment(),
                       shard.clock.Now(), shard.random)
        .status();
  };
  CHECK(open("/data/none/0", {"installation", "none", 0, 1}).code() ==
        absl::StatusCode::kNotFound);
  for (const StoreIdentity& other :
       {StoreIdentity{"another", "ticket", 0, 1}, StoreIdentity{"installation", "dialog", 0, 1},
        StoreIdentity{"installation", "ticket", 1, 2},
        StoreIdentity{"installation", "ticket", 0, 2}}) {
    CHECK(ReasonOf(open("/data/ticket/0", other)) == "MANIFEST_MISMATCH");
  }
  CHECK(open("/data/ticket/0", {"installation", "ticket", 0, 1}).ok());
}
