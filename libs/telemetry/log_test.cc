#include "libs/telemetry/log.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/strong_id.h"
#include "libs/telemetry/trace.h"

namespace frontdesk::telemetry {
namespace {

LogOptions Json(const Clock& clock) {
  LogOptions options;
  options.min_level = Level::kDebug;
  options.format = LogFormat::kJson;
  options.clock = &clock;
  return options;
}

LogOptions Text(const Clock& clock) {
  LogOptions options = Json(clock);
  options.format = LogFormat::kText;
  return options;
}

TEST_CASE("a JSON line holds every field with its type") {
  const SimulatedClock clock(absl::FromUnixMillis(1'700'000'000'250));
  LogOptions options = Json(clock);
  options.service = "ticket";
  const LogCapture capture(options);
  Log(Level::kWarn, "ticket.breached",
      {{"tenant", TenantId("acme")},
       {"count", 3},
       {"ratio", 0.5},
       {"late", true},
       {"by", absl::Seconds(90)},
       {"status", absl::NotFoundError("none")},
       {"note", "two words"}});

  REQUIRE(capture.lines().size() == 1);
  const auto line = nlohmann::json::parse(capture.lines()[0]);
  CHECK(line["time"] == "2023-11-14T22:13:20.250000Z");
  CHECK(line["level"] == "warn");
  CHECK(line["event"] == "ticket.breached");
  CHECK(line["service"] == "ticket");
  CHECK(line["tenant"] == "acme");
  CHECK(line["count"] == 3);
  CHECK(line["ratio"] == 0.5);
  CHECK(line["late"] == true);
  CHECK(line["by"] == "1m30s");
  CHECK(line["status"] == "NOT_FOUND: none");
  CHECK(line["note"] == "two words");
}

TEST_CASE("a text line reads as key=value") {
  const SimulatedClock clock(absl::FromUnixSeconds(1'700'000'000));
  const LogCapture capture(Text(clock));
  Log(Level::kInfo, "bus.started", {{"topic", "frontdesk.ticket.v1"}, {"note", "a b"}, {"n", 7}});
  CHECK(
      capture.lines().at(0) ==
      "2023-11-14T22:13:20.000000Z info bus.started topic=frontdesk.ticket.v1 note=\"a b\" n=7\n");
}

TEST_CASE("nothing a caller passes can break or forge a line") {
  const SimulatedClock clock;
  const std::string evil = "a\nb\r\x1b[31m\"\\\x7f";
  for (const LogOptions& options : {Json(clock), Text(clock)}) {
    const LogCapture capture(options);
    Log(Level::kInfo, "x", {{"value", evil}, {"bytes", std::string("\xff\xfe", 2)}});
    const std::string line = capture.lines().at(0);
    CHECK(line.find('\n') == line.size() - 1);
    for (const char c : line.substr(0, line.size() - 1)) {
      CHECK(static_cast<unsigned char>(c) >= 0x20);
      CHECK(static_cast<unsigned char>(c) < 0x7f);
    }
    if (options.format == LogFormat::kJson) CHECK(nlohmann::json::parse(line)["value"] == evil);
  }
}

TEST_CASE("any bytes give a line that is JSON") {
  const SimulatedClock clock;
  LogOptions options = Json(clock);
  options.max_lines_per_event_per_second = 1000;
  const LogCapture capture(options);
  SeededRandom random(3);
  for (int i = 0; i < 300; ++i) Log(Level::kInfo, "x", {{"v", random.Bytes(random.Uniform(50))}});
  REQUIRE(capture.lines().size() == 300);
  for (const std::string& line : capture.lines()) CHECK(nlohmann::json::accept(line));
}

TEST_CASE("inf and nan stay JSON") {
  const SimulatedClock clock;
  const LogCapture capture(Json(clock));
  Log(Level::kInfo, "x",
      {{"a", std::numeric_limits<double>::infinity()}, {"b", std::nan("")}, {"c", 1e100}});
  CHECK(nlohmann::json::accept(capture.lines().at(0)));
}

TEST_CASE("a long value is cut") {
  const SimulatedClock clock;
  const LogCapture capture(Text(clock));
  Log(Level::kInfo, "x", {{"v", std::string(100'000, 'v')}});
  CHECK(capture.lines().at(0).size() < 5000);
}

TEST_CASE("lines below the level are left out") {
  const SimulatedClock clock;
  LogOptions options = Text(clock);
  options.min_level = Level::kWarn;
  const LogCapture capture(options);
  Log(Level::kInfo, "quiet");
  Log(Level::kWarn, "loud");
  CHECK(capture.lines().size() == 1);
  CHECK_FALSE(LogEnabled(Level::kInfo));
  CHECK(LogEnabled(Level::kError));
}

TEST_CASE("one event cannot flood the log, and says how much was left out") {
  SimulatedClock clock;
  LogOptions options = Text(clock);
  options.max_lines_per_event_per_second = 3;
  const LogCapture capture(options);
  for (int i = 0; i < 10; ++i) Log(Level::kInfo, "noisy");
  Log(Level::kInfo, "other");
  CHECK(capture.lines().size() == 4);
  clock.Advance(absl::Seconds(1));
  Log(Level::kInfo, "noisy");
  CHECK(capture.Contains("noisy suppressed=7"));
}

TEST_CASE("invented event names share one bound") {
  const SimulatedClock clock;
  LogOptions options = Text(clock);
  options.max_lines_per_event_per_second = 1;
  const LogCapture capture(options);
  for (int i = 0; i < 3000; ++i) Log(Level::kInfo, "event-" + std::to_string(i));
  CHECK(capture.lines().size() == 1025);
}

TEST_CASE("the current trace is on the line") {
  const SimulatedClock clock;
  const LogCapture capture(Text(clock));
  SeededRandom random(4);
  const TraceContext trace = NewTrace(random);
  {
    const ScopedTrace scope(trace);
    Log(Level::kInfo, "inside");
  }
  Log(Level::kInfo, "outside");
  CHECK(capture.Contains("inside traceparent=" + FormatTraceparent(trace)));
  CHECK_FALSE(capture.Contains("outside traceparent"));
}

TEST_CASE("lines of many threads do not mix") {
  const SimulatedClock clock;
  LogOptions options = Json(clock);
  options.max_lines_per_event_per_second = 1'000'000;
  const LogCapture capture(options);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < 200; ++i) Log(Level::kInfo, "x", {{"thread", t}, {"i", i}});
      });
    }
  }
  REQUIRE(capture.lines().size() == 800);
  for (const std::string& line : capture.lines()) CHECK(nlohmann::json::accept(line));
}

TEST_CASE("level and format have names") {
  Level level = Level::kInfo;
  LogFormat format = LogFormat::kText;
  CHECK(ParseLevel("error", level).ok());
  CHECK(level == Level::kError);
  CHECK_FALSE(ParseLevel("loud", level).ok());
  CHECK(ParseLogFormat("json", format).ok());
  CHECK(format == LogFormat::kJson);
  CHECK(ReasonOf(ParseLogFormat("xml", format)) == "INVALID_FIELD");
}

}  // namespace
}  // namespace frontdesk::telemetry
