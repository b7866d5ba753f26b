#include "libs/bus/dead_letters.h"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

#include "libs/base/error.h"
#include "tests/bus/simulated_bus.h"

using namespace frontdesk;
using namespace frontdesk::bus;
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
  CHECK(Rows(false) == 1);
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
