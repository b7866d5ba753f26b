#include "libs/store/command_queues.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::store;

namespace {

struct Queues {
  absl::Status Push(std::string tenant, Command::Source source = Command::Source::kRpc) {
    Command command;
    command.source = source;
    command.tenant = std::move(tenant);
    return queues.Push(command);
  }
  // How many are taken before the first refusal.
  size_t Flood(const std::string& tenant) {
    size_t taken = 0;
    while (Push(tenant).ok()) ++taken;
    return taken;
  }

  SimulatedClock clock;
  telemetry::Metrics metrics;
  CommandQueues queues{{.rpc = 100, .event = 10, .timer = 10}, clock, metrics, "ticket"};
};

}  // namespace

TEST_CASE("a flood of one tenant leaves room for the commands of others") {
  Queues queues;
  CHECK(queues.Flood("loud") == 50);
  const absl::Status refused = queues.Push("loud");
  CHECK(ReasonOf(refused) == "QUEUE_FULL");
  CHECK(DetailsOf(refused).retry_delay.has_value());
  for (int i = 0; i < 20; ++i) CHECK(queues.Push("quiet").ok());
  CHECK(ReasonOf(queues.Push("loud")) == "QUEUE_FULL");
  for (int i = 0; i < 10; ++i) CHECK(queues.Push("another").ok());
  CHECK(queues.queues.Waiting(Command::Source::kRpc) == 80);
}

TEST_CASE("a tenant that was refused comes in again when its part of the queue is free") {
  Queues queues;
  queues.Flood("loud");
  REQUIRE(queues.Push("quiet").ok());
  // One of each, in turn.
  CHECK(queues.queues.Take(2, 1 << 20).size() == 2);
  CHECK(queues.Flood("loud") == 1);
  CHECK(queues.queues.Take(30, 1 << 20).size() == 30);
  CHECK(queues.Flood("loud") == 30);
}

TEST_CASE("many tenants together fill the queue and no more") {
  Queues queues;
  size_t taken = 0;
  for (int i = 0; i < 200; ++i) taken += queues.Flood(std::to_string(i));
  CHECK(taken == 100);
  CHECK(ReasonOf(queues.Push("late")) == "QUEUE_FULL");
}

TEST_CASE("events are of many tenants and share one whole queue") {
  Queues queues;
  for (int i = 0; i < 10; ++i) CHECK(queues.Push("loud", Command::Source::kEvent).ok());
  CHECK(ReasonOf(queues.Push("quiet", Command::Source::kEvent)) == "QUEUE_FULL");
}
