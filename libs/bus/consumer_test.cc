#include "libs/bus/consumer.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

#include "libs/base/error.h"
#include "tests/bus/simulated_bus.h"

using namespace frontdesk;
using namespace frontdesk::bus;
using frontdesk::bus::testing::ServicePair;
using frontdesk::bus::testing::SimulatedBus;
using State = PartitionStatus::State;

namespace {

// Prepare steps that a test ends by hand.
struct Preparing {
  std::map<std::string, PrepareDone> running;
  size_t started = 0;

  EventRoutes::Prepare<ticket::v1::TicketEvent> Step() {
    return [this](std::shared_ptr<const ticket::v1::TicketEvent> event, const EventInfo&,
                  absl::Duration, PrepareDone done) {
      ++started;
      running[event->ticket_created().ticket_request()] = std::move(done);
    };
  }
  void End(const std::string& text) {
    running.at(text)(Prepared::Of(text));
    running.erase(text);
  }
};

struct PreparedBus : SimulatedBus {
  Preparing preparing;

  PreparedBus() {
    pair.Close();
    pair.prepare = preparing.Step();
    pair.Open();
  }
};

}  // namespace

TEST_CASE_METHOD(SimulatedBus, "an event of an unknown type is counted and skipped") {
  pair.PublishOther("t1");
  pair.Publish("t1", "t1/0");
  pair.PublishOther("t1");
  REQUIRE(pair.Until([&] { return pair.Counter("skipped") == 2; }));
  CHECK(pair.AppliedCount() == 1);
  CHECK(pair.health->shard(0).dead_letters().List("", 10, true)->rows.empty());
}

TEST_CASE_METHOD(PreparedBus, "subjects are prepared side by side, one subject's events in turn") {
  const auto subjects = ServicePair::Subjects(2, /*together=*/true);
  const std::string a = subjects[0];
  const std::string b = subjects[1];
  pair.Publish(a, a + "/0");
  pair.Publish(a, a + "/1");
  pair.Publish(b, b + "/0");
  REQUIRE(pair.Until([&] { return preparing.running.size() == 2; }, absl::Milliseconds(200)));
  CHECK(preparing.running.contains(a + "/0"));
  CHECK(preparing.running.contains(b + "/0"));
  preparing.End(b + "/0");
  pair.Settle();
  CHECK(pair.AppliedCount() == 0);  // in the order of the partition
  preparing.End(a + "/0");
  REQUIRE(
      pair.Until([&] { return preparing.running.contains(a + "/1"); }, absl::Milliseconds(200)));
  CHECK(pair.AppliedCount() == 1);
  preparing.End(a + "/1");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 3; }));
  CHECK(pair.Counter("unprepared") == 0);
}

TEST_CASE_METHOD(PreparedBus, "at most so many events are prepared ahead") {
  pair.Close();
  pair.consumer_options.prepare_ahead_max = 8;
  pair.Open();
  for (const std::string& subject : ServicePair::Subjects(20, /*together=*/true)) {
    pair.Publish(subject, subject + "/0");
  }
  pair.Settle();
  CHECK(preparing.running.size() == 8);
}

TEST_CASE_METHOD(PreparedBus, "a late prepare step leaves the event unprepared, and ends unseen") {
  std::vector<bool> unprepared;
  pair.decide = [&](const std::string&, const Prepared& prepared, const store::Context& context) {
    CHECK(prepared.empty() == context.unprepared);
    unprepared.push_back(context.unprepared);
    return absl::OkStatus();
  };
  const absl::Duration start = clock.Steady();
  pair.Publish("t1", "t1/0");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 1; }));
  CHECK(clock.Steady() - start >= absl::Milliseconds(300));
  CHECK(clock.Steady() - start <= absl::Milliseconds(400));
  CHECK(unprepared == std::vector<bool>{true});
  preparing.End("t1/0");
  pair.Settle();
  CHECK(pair.AppliedCount() == 1);
}

TEST_CASE_METHOD(PreparedBus, "what was prepared reaches the handler") {
  std::string seen;
  pair.decide = [&](const std::string&, const Prepared& prepared, const store::Context& context) {
    CHECK_FALSE(context.unprepared);
    if (prepared.Get<std::string>() != nullptr) seen = *prepared.Get<std::string>();
    return absl::OkStatus();
  };
  pair.Publish("t1", "t1/0");
  REQUIRE(pair.Until([&] { return !preparing.running.empty(); }));
  preparing.End("t1/0");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 1; }));
  CHECK(seen == "t1/0");
}

TEST_CASE_METHOD(PreparedBus, "an event that is tried again is prepared again") {
  int failures = 2;
  pair.decide = [&](const std::string&, const Prepared&, const store::Context&) {
    return failures-- > 0 ? absl::UnavailableError("not yet") : absl::OkStatus();
  };
  pair.Publish("t1", "t1/0");
  REQUIRE(pair.Until([&] {
    if (!preparing.running.empty()) preparing.End("t1/0");
    return pair.AppliedCount() == 1;
  }));
  CHECK(preparing.started == 3);
}

TEST_CASE_METHOD(SimulatedBus, "a passing failure is tried again with growing pauses") {
  int attempts = 0;
  pair.decide = [&](const std::string&, const Prepared&, const store::Context&) {
    ++attempts;
    return absl::ResourceExhaustedError("busy");
  };
  pair.Publish("t1", "t1/0");
  CHECK_FALSE(pair.Until([] { return false; }, absl::Seconds(20)));
  CHECK(attempts >= 6);
  CHECK(attempts <= 14);
  const PartitionStatus status = pair.StatusOf(ServicePair::PartitionOfSubject("t1"));
  CHECK(status.state == State::kPaused);
  CHECK(status.reason.code() == absl::StatusCode::kResourceExhausted);
  CHECK(pair.health->shard(0).dead_letters().List("", 10, true)->rows.empty());
  CHECK(pair.health->BusHealth().ok());
}

TEST_CASE_METHOD(SimulatedBus, "a nearly full disk pauses reading and loses nothing") {
  for (int i = 0; i < 5; ++i) pair.Publish("t1", "t1/" + std::to_string(i));
  pair.free_bytes = 200 << 20;
  CHECK_FALSE(pair.Until([&] { return pair.AppliedCount() > 0; }, absl::Seconds(2)));
  const PartitionStatus status = pair.StatusOf(ServicePair::PartitionOfSubject("t1"));
  CHECK(status.state == State::kPaused);
  CHECK(ReasonOf(status.reason) == "DISK_SPACE_LOW");
  pair.free_bytes = 100ull << 30;
  CHECK(pair.Until([&] { return pair.AppliedCount() == 5; }));
  CHECK(pair.health->shard(0).dead_letters().List("", 10, true)->rows.empty());
}

TEST_CASE_METHOD(SimulatedBus, "a full queue of the committer costs neither order nor events") {
  pair.Close();
  pair.committer_options.event_queue_max = 3;
  pair.Open();
  std::map<std::string, std::vector<std::string>> published;
  for (const std::string& subject : ServicePair::Subjects(4, /*together=*/false)) {
    for (int i = 0; i < 50; ++i) {
      published[subject].push_back(subject + "/" + std::to_string(i));
      pair.Publish(subject, published[subject].back());
    }
  }
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 200; }));
  CHECK(pair.Applied() == published);
  CHECK(pair.health->BusHealth().ok());
}

namespace {

// As `frontdesk bus switch` does, for both services.
void SwitchBoth(SimulatedBus& bus) {
  int switched = 0;
  for (ShardSet* service : {bus.pair.ticket.get(), bus.pair.health.get()}) {
    service->shard(0).consumer().SwitchBus([&](absl::Status status) {
      CHECK(status.ok());
      ++switched;
    });
  }
  REQUIRE(bus.pair.Until([&] { return switched == 2; }));
}

// The services die and come back with this log.
void Reopen(SimulatedBus& bus, EventLog& log) {
  bus.pair.Crash();
  bus.pair.set_log(log);
  bus.pair.Open();
}

}  // namespace

TEST_CASE_METHOD(SimulatedBus, "another bus is refused until it was switched to") {
  pair.Publish("t1", "t1/0");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 1; }));
  SimulatedBus other(99);
  Reopen(*this, *other.embedded);
  REQUIRE(pair.Until([&] { return ReasonOf(pair.health->BusHealth()) == "BUS_MISMATCH"; }));
  const PartitionStatus refused = pair.StatusOf(0);
  CHECK(refused.state == State::kStopped);
  CHECK(ReasonOf(refused.reason) == "BUS_MISMATCH");
  CHECK(pair.health->Ready().ok());  // writes go on
  // Nor is anything published there: it would be missing where it belongs.
  pair.Publish("t1", "t1/1");
  REQUIRE(pair.Until([&] { return ReasonOf(pair.ticket->BusHealth()) == "BUS_MISMATCH"; }));
  CHECK_FALSE(pair.ticket->shard(0).relay().Flushed());
  SwitchBoth(*this);
  REQUIRE(pair.Until([&] { return pair.AppliedCount() >= 2; }));
  CHECK(pair.Until([&] { return pair.health->BusHealth().ok(); }));
  CHECK(pair.Until([&] { return pair.ticket->BusHealth().ok(); }));
  pair.Close();
}

TEST_CASE_METHOD(SimulatedBus, "a bus that a shard once belonged to is refused like any other") {
  pair.Publish("t1", "t1/0");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 1; }));
  SimulatedBus other(99);
  Reopen(*this, *other.embedded);
  SwitchBoth(*this);
  pair.Publish("t1", "t1/1");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 2; }));
  Reopen(*this, *log);
  REQUIRE(pair.Until([&] { return ReasonOf(pair.health->BusHealth()) == "BUS_MISMATCH"; }));
  REQUIRE(pair.Until([&] { return pair.StatusOf(0).state == State::kStopped; }));
  CHECK(pair.AppliedCount() == 2);
  Reopen(*this, *other.embedded);
  pair.Publish("t1", "t1/2");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 3; }));
  CHECK(pair.health->BusHealth().ok());
  pair.Close();
}

TEST_CASE_METHOD(SimulatedBus, "a shard belongs to its bus before it has heard or said anything") {
  pair.Settle();
  SimulatedBus other(99);
  Reopen(*this, *other.embedded);
  CHECK(pair.Until([&] { return ReasonOf(pair.health->BusHealth()) == "BUS_MISMATCH"; }));
  CHECK(pair.Until([&] { return ReasonOf(pair.ticket->BusHealth()) == "BUS_MISMATCH"; }));
  pair.Close();
}

TEST_CASE_METHOD(SimulatedBus, "a partition that is not consumed here can't be repositioned") {
  pair.Settle();
  absl::Status answer;
  pair.health->shard(0).consumer().Reposition("frontdesk.ticket.v1", 99, 0,
                                              [&](absl::Status status) { answer = status; });
  CHECK(pair.Until([&] { return !answer.ok(); }));
  CHECK(answer.code() == absl::StatusCode::kNotFound);
}

TEST_CASE_METHOD(SimulatedBus, "events read again from the earliest take effect again") {
  for (int i = 0; i < 3; ++i) pair.Publish("t1", "t1/" + std::to_string(i));
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 3; }));
  absl::Status answer = absl::UnknownError("");
  pair.health->shard(0).consumer().Reposition(
      "frontdesk.ticket.v1", ServicePair::PartitionOfSubject("t1"), Consumer::kToEarliest,
      [&](absl::Status status) { answer = status; });
  REQUIRE(pair.Until([&] { return answer.ok(); }));
  CHECK(pair.Until([&] { return pair.AppliedCount() == 6; }));
}

TEST_CASE_METHOD(SimulatedBus, "a handler that throws makes a dead letter, not a crash loop") {
  pair.decide = [](const std::string& text, const Prepared&,
                   const store::Context&) -> absl::Status {
    if (text == "t1/0") (void)text.at(100);  // throws std::out_of_range
    return absl::OkStatus();
  };
  pair.Publish("t1", "t1/0");
  pair.Publish("t1", "t1/1");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 1; }));
  const auto letters = pair.health->shard(0).dead_letters().List("", 10, false);
  REQUIRE(letters->rows.size() == 1);
  CHECK(letters->rows[0].error_code() == 13);
}

TEST_CASE_METHOD(SimulatedBus, "the time since the last poll grows while nobody steps") {
  pair.Publish("t1", "t1/0");
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 1; }));
  const Consumer& consumer = pair.health->shard(0).consumer();
  CHECK(consumer.SinceLastPoll() <= absl::Seconds(1));
  clock.Advance(absl::Seconds(30));
  CHECK(consumer.SinceLastPoll() >= absl::Seconds(30));
  CHECK(pair.metrics.Text().find(
            "frontdesk_consumer_seconds_since_poll{service=\"health\",shard=\"0\"} 30") !=
        std::string::npos);
}

TEST_CASE("crashes, outages and lost acknowledgements cost no event and double no effect") {
  const uint64_t seed = GENERATE(range(1, 31));
  INFO("seed " << seed);
  SimulatedBus bus(seed);
  SeededRandom dice(seed * 7919);
  bus.log->faults.lose_acknowledgement = 0.2;
  bus.log->faults.deliver_late = 0.1;
  bus.log->faults.break_connection = 0.02;
  bus.pair.decide = [&](const std::string&, const Prepared&, const store::Context&) {
    return dice.Bool(0.02) ? absl::UnavailableError("later") : absl::OkStatus();
  };
  std::map<std::string, std::vector<std::string>> published;
  size_t count = 0;
  for (int i = 0; i < 150; ++i) {
    const std::string subject = "t" + std::to_string(dice.Uniform(5));
    published[subject].push_back(subject + "/" + std::to_string(i));
    bus.pair.Publish(subject, published[subject].back());
    ++count;
    if (dice.Bool(0.1)) bus.log->faults.down = !bus.log->faults.down;
    for (uint64_t steps = dice.Uniform(4); steps > 0; --steps) bus.pair.Step();
    bus.clock.Advance(absl::Milliseconds(dice.Uniform(100)));
    if (dice.Bool(0.03)) bus.Crash();
  }
  bus.log->faults = {};
  CHECK(bus.pair.Until([&] { return bus.pair.AppliedCount() >= count; }, absl::Minutes(10)));
  bus.pair.Settle();
  CHECK(bus.pair.Applied() == published);
  CHECK(bus.pair.health->shard(0).dead_letters().List("", 10, true)->rows.empty());
}
