#include "libs/telemetry/repeat_gate.h"

#include <catch2/catch.hpp>

using namespace frontdesk;
using namespace frontdesk::telemetry;

TEST_CASE("a line passes when its state changes, and else once in a while with a count") {
  RepeatGate gate(absl::Minutes(1));
  absl::Duration now = absl::Hours(5);
  CHECK(gate.Pass("away", now) == 0u);
  for (int i = 0; i < 59; ++i) CHECK_FALSE(gate.Pass("away", now += absl::Seconds(1)).has_value());
  CHECK(gate.Pass("away", now += absl::Seconds(1)) == 59u);
  CHECK_FALSE(gate.Pass("away", now).has_value());
  CHECK(gate.Pass("refused", now) == 1u);
  CHECK_FALSE(gate.Pass("refused", now).has_value());
  gate.Reset();
  CHECK(gate.Pass("refused", now) == 1u);
}

TEST_CASE("the state of an error is its reason, or its code") {
  CHECK(StateOf(Error(absl::StatusCode::kUnavailable, "BUS_UNAVAILABLE", "offset 7")) ==
        "BUS_UNAVAILABLE");
  CHECK(StateOf(absl::UnavailableError("10.0.0.1")) == "UNAVAILABLE");
}
