#include "libs/bus/dead_letters.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <thread>

#include "libs/base/error.h"
#include "tests/bus/simulated_bus.h"

using namespace frontdesk;
using namespace frontdesk::bus;
using frontdesk::bus::testing::ServicePair;
using frontdesk::bus::testing::SimulatedBus;

namespace {

struct Fixture : SimulatedBus {
  bool refuse = true;

  Fixture() {
    pair.decide = [this](const std::string&, const Prepared&, const store::Context&) {
      return refuse ? Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION", "no")
                    : absl::OkStatus();
    };
  }
  DeadLetters& letters() { return pair.health->shard(0).dead_letters(); }
  void Refuse(int count) {
    for (int i = 0; i < count; ++i) pair.Publish("t1", "t1/" + std::to_string(i));
    REQUIRE(pair.Until([&] { return Rows(true) == static_cast<size_t>(count); }));
  }
  size_t Rows(bool include_replayed) {
    return letters().List("", 1000, include_replayed)->rows.size();
  }
  absl::StatusOr<DeadLetters::Row> Replay(const std::string& ce_id) {
    std::optional<absl::StatusOr<DeadLetters::Row>> result;
    letters().Replay(ce_id, "admin", [&](auto row) { result = std::move(row); });
    REQUIRE(pair.Until([&] { return result.has_value(); }));
    return *std::move(result);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "dead letters are listed in pages, each once") {
  Refuse(5);
  std::string from;
  std::vector<std::string> seen;
  do {
    const auto page = letters().List(from, 2, false);
    REQUIRE(page.ok());
    CHECK(page->rows.size() <= 2);
    for (const auto& row : page->rows) seen.push_back(row.ce_id());
    from = page->next_ce_id;
  } while (!from.empty());
  CHECK(seen.size() == 5);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 5);
  const auto row = letters().List("", 1, false)->rows[0];
  CHECK(row.reason() == "FAILED_TRANSITION");
  CHECK(row.topic() == "frontdesk.ticket.v1");
}

TEST_CASE_METHOD(Fixture, "a dead letter is replayed once") {
  Refuse(1);
  const std::string ce_id = letters().List("", 1, false)->rows[0].ce_id();
  CHECK(ReasonOf(Replay(ce_id).status()) == "FAILED_TRANSITION");
  REQUIRE(Rows(false) == 1);
  CHECK(letters().List("", 1, false)->rows[0].attempts() == 2);
  refuse = false;
  const auto row = Replay(ce_id);
  REQUIRE(row.ok());
  CHECK(row->replayed());
  CHECK(pair.AppliedCount() == 1);
  CHECK(ReasonOf(Replay(ce_id).status()) == "ALREADY_REPLAYED");
  CHECK(pair.AppliedCount() == 1);
  CHECK(Rows(false) == 0);
  CHECK(Rows(true) == 1);
}

TEST_CASE_METHOD(Fixture, "an unknown dead letter is not found") {
  CHECK(Replay("nothing").status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE_METHOD(Fixture, "a replay whose prepare step gives up is handled unprepared") {
  pair.Close();
  pair.prepare = [](std::shared_ptr<const ticket::v1::TicketEvent>, const EventInfo&,
                    absl::Duration, PrepareDone) {};
  pair.Open();
  Refuse(1);
  bool unprepared = false;
  pair.decide = [&](const std::string&, const Prepared&, const store::Context& context) {
    unprepared = context.unprepared;
    return absl::OkStatus();
  };
  CHECK(Replay(letters().List("", 1, false)->rows[0].ce_id()).ok());
  CHECK(unprepared);
}

TEST_CASE_METHOD(Fixture, "an event that is refused again keeps its letter, replayed or not") {
  Refuse(2);
  const auto first = letters().List("", 1, false)->rows[0];
  refuse = false;
  REQUIRE(Replay(first.ce_id()).ok());
  refuse = true;
  clock.Advance(absl::Hours(1));
  absl::Status answer = absl::UnknownError("");
  pair.health->shard(0).consumer().Reposition(
      "frontdesk.ticket.v1", ServicePair::PartitionOfSubject("t1"), Consumer::kToEarliest,
      [&](absl::Status status) { answer = status; });
  REQUIRE(pair.Until([&] { return answer.ok(); }));
  const auto attempts = [&](size_t i) { return letters().List("", 9, true)->rows[i].attempts(); };
  // Refused, replayed, refused again; refused twice.
  REQUIRE(pair.Until([&] { return attempts(0) == 3 && attempts(1) == 2; }));
  const auto rows = letters().List("", 9, true)->rows;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].replayed());
  CHECK(rows[0].first_seen_us() == first.first_seen_us());
  CHECK_FALSE(rows[1].replayed());
  CHECK(Rows(false) == 1);
  CHECK(ReasonOf(Replay(first.ce_id()).status()) == "ALREADY_REPLAYED");
}

TEST_CASE_METHOD(Fixture, "dead letters beyond the number that is kept go, the oldest first") {
  pair.Close();
  pair.committer_options.dead_letters_max = 3;
  pair.Open();
  for (int i = 0; i < 5; ++i) {
    clock.Advance(absl::Seconds(1));
    pair.Publish("t1", "t1/" + std::to_string(i));
  }
  REQUIRE(pair.Until([&] { return pair.health->shard(0).committer().stats().dead_letters == 5; }));
  pair.Settle();
  const auto rows = letters().List("", 9, true)->rows;
  REQUIRE(rows.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(rows[i].offset() == i + 2);
  CHECK(pair.metrics.Text().find("frontdesk_dead_letters{service=\"health\",shard=\"0\"} 3") !=
        std::string::npos);
  CHECK(pair.metrics.Text().find(
            "frontdesk_dead_letters_trimmed_total{service=\"health\",shard=\"0\"} 2") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "dead letters that are too old go, also when nothing else happens") {
  Refuse(100);
  clock.Advance(absl::Hours(24 * 30 - 1));
  pair.Settle();
  CHECK(Rows(true) == 100);
  clock.Advance(absl::Hours(2));
  // In bounded steps.
  CHECK(pair.Until([&] { return Rows(true) == 36; }));
  CHECK(pair.Until([&] { return Rows(true) == 0; }));
}

TEST_CASE_METHOD(Fixture, "a replay that waits when its service goes is told so and runs nowhere") {
  Refuse(1);
  const std::string ce_id = letters().List("", 1, false)->rows[0].ce_id();
  absl::Status waiting, begun;
  letters().Replay(ce_id, "admin", [&](auto row) { waiting = row.status(); });
  pair.Close();
  while (pair.pool.Step()) {
  }
  CHECK(waiting.code() == absl::StatusCode::kCancelled);

  PrepareDone held;
  pair.prepare = [&](std::shared_ptr<const ticket::v1::TicketEvent>, const EventInfo&,
                     absl::Duration, PrepareDone done) { held = std::move(done); };
  pair.Open();
  letters().Replay(ce_id, "admin", [&](auto row) { begun = row.status(); });
  REQUIRE(pair.Until([&] { return held != nullptr; }));
  pair.Close();
  held(Prepared::Of(1));
  held = nullptr;
  CHECK(begun.code() == absl::StatusCode::kCancelled);
}

TEST_CASE("a stopped pool has run or dropped every job, and takes none") {
  telemetry::Metrics metrics;
  PreparePool pool({.threads = 1, .queue_max = 1 << 24}, metrics);
  Notifier started, go_on;
  int ran = 0;
  int dropped = 0;
  REQUIRE(pool.TrySubmit([&] {
    started.Notify();
    go_on.WaitFor(absl::Seconds(10));
    ++ran;
  }));
  started.WaitFor(absl::Seconds(10));
  const auto note = [&dropped](int* job) {
    ++dropped;
    delete job;
  };
  for (int i = 0; i < 3; ++i) {
    std::shared_ptr<int> job(new int(i), note);
    REQUIRE(pool.TrySubmit([job, &ran] { ++ran; }));
  }
  std::thread stopping([&] { pool.Stop(); });
  while (pool.TrySubmit([] {})) std::this_thread::yield();
  go_on.Notify();
  stopping.join();
  CHECK(ran == 1);
  CHECK(dropped == 3);
  CHECK_FALSE(pool.TrySubmit([] {}));
}
