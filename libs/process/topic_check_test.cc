#include "libs/process/topic_check.h"

#include "libs/base/error.h"
#include "tests/bus/simulated_bus.h"

using namespace frontdesk;
using bus::testing::ServicePair;
using bus::testing::SimulatedBus;

TEST_CASE("a new store on a topic that an earlier one has written to is refused") {
  SimulatedBus bus;
  const absl::Duration longest = absl::Seconds(10);
  CHECK(process::CheckOwnTopic(*bus.embedded, *bus.pair.ticket, longest).ok());
  bus.pair.Publish("t1", "of the earlier store");
  REQUIRE(bus.pair.Until([&] { return bus.pair.AppliedCount() == 1; }));
  // The store that wrote it goes on, and so does one that has only read.
  CHECK(process::CheckOwnTopic(*bus.embedded, *bus.pair.ticket, longest).ok());
  CHECK(process::CheckOwnTopic(*bus.embedded, *bus.pair.health, longest).ok());

  ServicePair fresh(*bus.embedded, bus.clock, [&] { bus.clock.Advance(absl::Milliseconds(10)); });
  const absl::Status refused = process::CheckOwnTopic(*bus.embedded, *fresh.ticket, longest);
  CHECK(refused.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(ReasonOf(refused) == "BUS_MISMATCH");
  CHECK(process::CheckOwnTopic(*bus.embedded, *fresh.health, longest).ok());
}
