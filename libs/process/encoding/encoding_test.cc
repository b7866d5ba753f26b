#include "libs/process/encoding/encoding.h"

#include <catch2/catch.hpp>

#include <optional>

#include "libs/base/error.h"

namespace frontdesk::process {
namespace {

// Lexical encoders, stepped by hand.
struct Fixture {
  SimulatedClock clock;
  telemetry::Metrics metrics;
  Encoding encoding{EncodingConfig{.models_dir = ""}, clock, metrics, Encoding::Threads::kNone};
};

TEST_CASE("nothing is encoded before the encoders are loaded, which happens once") {
  Fixture fixture;
  Encoding& encoding = fixture.encoding;
  int called = 0;
  const auto count = [&](const absl::StatusOr<Encoding::Vector>&) { ++called; };
  CHECK(ReasonOf(encoding.Encode("hello", absl::InfiniteFuture(), count)) == "NOT_READY");
  const auto first = encoding.Load();
  const auto second = encoding.Load();
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first->get() == second->get());
  CHECK(called == 0);
}

TEST_CASE("a text goes to the encoder of its language and comes back with its fingerprint") {
  Fixture fixture;
  Encoding& encoding = fixture.encoding;
  const auto encoders = encoding.Load();
  REQUIRE(encoders.ok());
  for (const char* text : {"where is my order", "我的订单到哪了"}) {
    std::optional<Encoding::Vector> vector;
    REQUIRE(encoding
                .Encode(text, absl::InfiniteFuture(),
                        [&](absl::StatusOr<Encoding::Vector> got) {
                          REQUIRE(got.ok());
                          vector = *std::move(got);
                        })
                .ok());
    while (encoding.Step()) {
    }
    REQUIRE(vector.has_value());
    CHECK(vector->fingerprint == (*encoders)->ForText(text).info().fingerprint);
    CHECK(vector->values.size() ==
          static_cast<size_t>((*encoders)->ForText(text).info().dimensions));
  }
}

TEST_CASE("what waits when the encoding stops is answered, and nothing is taken afterwards") {
  Fixture fixture;
  Encoding& encoding = fixture.encoding;
  REQUIRE(encoding.Load().ok());
  absl::Status answered;
  int called = 0;
  const auto take = [&](const absl::StatusOr<Encoding::Vector>& got) {
    ++called;
    answered = got.status();
  };
  REQUIRE(encoding.Encode("hello", absl::InfiniteFuture(), take).ok());
  encoding.Stop();
  CHECK(called == 1);
  CHECK(absl::IsUnavailable(answered));
  CHECK(absl::IsUnavailable(encoding.Encode("again", absl::InfiniteFuture(), take)));
  CHECK(called == 1);
}

}  // namespace
}  // namespace frontdesk::process
