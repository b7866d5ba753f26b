#include "libs/store/committer.h"

#include <rocksdb/cache.h>
#include <catch2/catch.hpp>

#include "libs/store/shard_ledger.h"
#include "libs/store/testing/committer_world.h"

using namespace frontdesk;
using namespace frontdesk::store;
using namespace frontdesk::store::testing;

TEST_CASE("the outbox is read in bounded pieces") {
  Shard shard;
  constexpr int kEvents = 40;
  for (int i = 0; i < kEvents; ++i) {
    REQUIRE(shard
                .Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                  OutgoingEvent event = TicketEvent(context, "t1/x");
                  event.value = std::string(kMaxEventBytes, 'x');
                  txn.Append(std::move(event));
                  return absl::OkStatus();
                }))
                .ok());
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
    REQUIRE(shard
                .Do(Rpc([i](const Context& context, Txn& txn, Reply&) {
                  txn.Append(TicketEvent(context, fmt::format("t1/{}", i)));
                  return absl::OkStatus();
                }))
                .ok());
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
    REQUIRE(shard
                .Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                  txn.Append(TicketEvent(context, "t1/x"));
                  return absl::OkStatus();
                }))
                .ok());
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
    REQUIRE(shard
                .Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                  txn.Append(TicketEvent(context, "t1/x"));
                  return absl::OkStatus();
                }))
                .ok());
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

TEST_CASE("an event whose position can't be read blocks its partition until it can") {
  Shard shard;
  REQUIRE(shard.Do(Event(0, 1, 0, PutRow("a", "1"))).ok());
  REQUIRE(shard.store->db()->Flush({}, shard.store->Family(EncodeKey(kRow, "a"))).ok());
  shard.Close();
  shard.Open(false);
  // The position lies in a table and is in no memory.
  shard.disk.environment().block_cache()->EraseUnRefEntries();
  shard.disk.FailReads(1);
  std::vector<absl::Status> results;
  const auto submit = [&](Command command) {
    command.done = [&](absl::Status status) { results.push_back(std::move(status)); };
    shard.committer->Submit(std::move(command));
  };
  submit(Event(1, 2, 1, PutRow("a", "2")));
  submit(Event(2, 3, 2, PutRow("a", "3")));
  shard.Run();
  REQUIRE(results.size() == 2);
  CHECK(IsTransient(results[0].code()));
  CHECK(ReasonOf(results[1]) == "OUT_OF_ORDER");
  CHECK(shard.Get("a") == "1");
  REQUIRE(shard.Do(Event(1, 2, 1, PutRow("a", "2"))).ok());
  REQUIRE(shard.Do(Event(2, 3, 2, PutRow("a", "3"))).ok());
  CHECK(shard.Get("a") == "3");
}

TEST_CASE("an old event again lets nothing pass a blocked one") {
  Shard shard;
  REQUIRE(shard.Do(Event(0, 0, 0, PutRow("a", "1"), 0)).ok());
  std::vector<absl::Status> results;
  const auto submit = [&](Command command) {
    command.done = [&](absl::Status status) { results.push_back(std::move(status)); };
    shard.committer->Submit(std::move(command));
  };
  // Records without numbers: only the block keeps them in order.
  submit(Event(1, 0, 0, Refuse(absl::UnavailableError("later")), 0));
  submit(Event(0, 0, 0, PutRow("a", "again"), 0));
  submit(Event(2, 0, 0, PutRow("a", "3"), 0));
  shard.Run();
  REQUIRE(results.size() == 3);
  CHECK(results[1].ok());
  CHECK(ReasonOf(results[2]) == "OUT_OF_ORDER");
  CHECK(shard.Get("a") == "1");
}
