#include "libs/bus/relay.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "libs/base/error.h"
#include "tests/bus/simulated_bus.h"

using namespace frontdesk;
using namespace frontdesk::bus;
using frontdesk::bus::testing::ServicePair;
using frontdesk::bus::testing::SimulatedBus;

namespace {

struct Fixture : SimulatedBus {
  std::vector<std::string> PublishMany(int from, int to) {
    std::vector<std::string> texts;
    for (int i = from; i < to; ++i) {
      texts.push_back("t1/" + std::to_string(i));
      pair.Publish("t1", texts.back());
    }
    return texts;
  }
  Relay& relay() { return pair.ticket->shard(0).relay(); }
  store::Committer& committer() { return pair.ticket->shard(0).committer(); }
  double Restarts() {
    return pair.metrics
        .GetCounter("frontdesk_relay_restarts_total", "Publishers given up after an error",
                    {{"service", "ticket"}, {"shard", "0"}})
        .Value();
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "while the bus is away events wait, and then they go in order") {
  log->faults.down = true;
  const auto texts = PublishMany(0, 30);
  CHECK_FALSE(pair.Until([&] { return relay().Flushed(); }, absl::Seconds(30)));
  CHECK(ReasonOf(relay().Health()) == "BUS_UNAVAILABLE");
  CHECK(relay().OutboxAge() >= absl::Seconds(25));
  CHECK(committer().outbox_last() == 30);
  CHECK(committer().outbox_trimmed() == 0);
  log->faults.down = false;
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 30; }));
  CHECK(pair.Applied()["t1"] == texts);
  CHECK(relay().Health().ok());
  CHECK(relay().OutboxAge() == absl::ZeroDuration());
}

TEST_CASE_METHOD(Fixture, "a lost acknowledgement costs a duplicate on the bus, no second effect") {
  log->faults.lose_acknowledgement = 1;
  const auto texts = PublishMany(0, 10);
  REQUIRE(pair.Until([&] { return log->lost_acknowledgements > 1; }));
  log->faults.lose_acknowledgement = 0;
  REQUIRE(pair.Until([&] { return relay().Flushed() && pair.AppliedCount() == 10; }));
  auto subscription =
      embedded->Subscribe("test", {{"frontdesk.ticket.v1", ServicePair::PartitionOfSubject("t1")}});
  CHECK((*subscription)->EndOffset(0) > 10);
  CHECK(pair.Applied()["t1"] == texts);
  CHECK(Restarts() >= 2);
}

TEST_CASE_METHOD(Fixture, "what is on the bus is trimmed from the outbox") {
  PublishMany(0, 5);
  REQUIRE(pair.Until([&] { return committer().outbox_trimmed() == 5; }));
  CHECK(relay().Flushed());
  std::vector<store::Committer::OutboxEntry> rows;
  REQUIRE(committer().ReadOutbox(0, 10, &rows).ok());
  CHECK(rows.empty());
}

TEST_CASE_METHOD(Fixture, "an outage is met with growing pauses") {
  PublishMany(0, 1);
  REQUIRE(pair.Until([&] { return relay().Flushed(); }));
  log->faults.down = true;
  PublishMany(1, 2);
  CHECK_FALSE(pair.Until([&] { return relay().Flushed(); }, absl::Minutes(1)));
  CHECK(Restarts() == 1);
  CHECK(relay().UntilNext(absl::Minutes(1)) <= absl::Seconds(5));
  log->faults.down = false;
  CHECK(pair.Until([&] { return relay().Flushed(); }, absl::Seconds(6)));
}

TEST_CASE_METHOD(Fixture, "a relay that starts goes on at its low-water mark") {
  PublishMany(0, 5);
  REQUIRE(pair.Until([&] { return committer().outbox_trimmed() == 5; }));
  Crash();
  CHECK(relay().Flushed() == (committer().outbox_trimmed() == committer().outbox_last()));
  PublishMany(5, 7);
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 7; }));
}
