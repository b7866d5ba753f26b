#include "libs/store/committer.h"

#include <catch2/catch.hpp>

#include "libs/store/testing/committer_world.h"

using namespace frontdesk;
using namespace frontdesk::store;
using namespace frontdesk::store::testing;

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
    CHECK(txn.Scan(EncodeKey(kRow), "",
                   [&](std::string_view, std::string_view value) {
                     scanned.emplace_back(value);
                     return true;
                   })
              .ok());
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
                  return reader.Scan(kRequests.Key(), "", [&](std::string_view, std::string_view) {
                    return ++count > 0;
                  });
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
  shard.limits.rpc_queue_max = 4;  // a tenant may hold half
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

TEST_CASE("a restored store has a higher epoch and announces it in every partition first") {
  Shard shard;
  REQUIRE(shard
              .Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                txn.Append(TicketEvent(context, "t1/x"));
                return absl::OkStatus();
              }))
              .ok());
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
  CHECK(open("/data/none/0", {"installation", "none", 0, 1}).code() == absl::StatusCode::kNotFound);
  for (const StoreIdentity& other :
       {StoreIdentity{"another", "ticket", 0, 1}, StoreIdentity{"installation", "dialog", 0, 1},
        StoreIdentity{"installation", "ticket", 1, 2},
        StoreIdentity{"installation", "ticket", 0, 2}}) {
    CHECK(ReasonOf(open("/data/ticket/0", other)) == "MANIFEST_MISMATCH");
  }
  CHECK(open("/data/ticket/0", {"installation", "ticket", 0, 1}).ok());
}
