#include "libs/telemetry/trace.h"

#include <catch2/catch.hpp>

namespace frontdesk::telemetry {
namespace {

constexpr std::string_view kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST_CASE("a traceparent is read and written as the specification's example has it") {
  const auto trace = ParseTraceparent(kExample);
  REQUIRE(trace.has_value());
  CHECK(trace->trace_id[0] == 0x4b);
  CHECK(trace->span_id[7] == 0xb7);
  CHECK(trace->flags == 1);
  CHECK(FormatTraceparent(*trace) == kExample);
}

TEST_CASE("a malformed traceparent is no trace") {
  for (const std::string_view bad :
       {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseTraceparent(bad).has_value());
  }
}

TEST_CASE("a later version is read by the fields of this one") {
  CHECK(ParseTraceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
}

TEST_CASE("a child keeps the trace and has a span of its own") {
  SeededRandom random(1);
  const TraceContext parent = NewTrace(random);
  const TraceContext child = ChildOf(parent, random);
  CHECK(child.trace_id == parent.trace_id);
  CHECK(child.span_id != parent.span_id);
  CHECK(child.flags == parent.flags);
  CHECK(ParseTraceparent(FormatTraceparent(child)) == child);
}

TEST_CASE("the current trace ends with its scope") {
  SeededRandom random(2);
  const TraceContext outer = NewTrace(random);
  const TraceContext inner = ChildOf(outer, random);
  CHECK(CurrentTrace() == nullptr);
  {
    const ScopedTrace a(outer);
    {
      const ScopedTrace b(inner);
      CHECK(CurrentTrace() == &inner);
    }
    CHECK(CurrentTrace() == &outer);
  }
  CHECK(CurrentTrace() == nullptr);
}

}  // namespace
}  // namespace frontdesk::telemetry
