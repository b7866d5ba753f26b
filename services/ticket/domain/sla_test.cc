#include "services/ticket/domain/sla.h"

#include <rapidcheck.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "services/ticket/domain/proto_time.h"

namespace frontdesk::ticket {
namespace {

constexpr int32_t kWarnBps = 8'000;
const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

absl::Time At(int seconds) { return kStart + absl::Seconds(seconds); }

v1::SlaClock NewClock(int target_s = 100) {
  return StartClock(v1::CLOCK_KIND_RESOLUTION, absl::Seconds(target_s), kStart);
}

TEST_CASE("a clock warns at the mark and breaches at the target, once each") {
  v1::SlaClock clock = NewClock();
  CHECK(NextMark(clock, kWarnBps) == At(80));
  CHECK_FALSE(SettleClock(clock, kWarnBps, At(80) - absl::Microseconds(1)));

  const auto warned = SettleClock(clock, kWarnBps, At(80));
  REQUIRE(warned);
  CHECK_FALSE(warned->breach);
  CHECK(warned->time == At(80));
  CHECK(warned->remaining == absl::Seconds(20));
  CHECK_FALSE(SettleClock(clock, kWarnBps, At(99)));
  CHECK(NextMark(clock, kWarnBps) == At(100));

  const auto breached = SettleClock(clock, kWarnBps, At(100));
  REQUIRE(breached);
  CHECK(breached->breach);
  CHECK(clock.state() == v1::CLOCK_STATE_BREACHED);
  CHECK_FALSE(clock.has_due_time());
  CHECK_FALSE(SettleClock(clock, kWarnBps, At(1'000)));
  CHECK(NextMark(clock, kWarnBps) == absl::InfiniteFuture());
}

TEST_CASE("a clock that passed both marks unseen breaches once, at its due time") {
  v1::SlaClock clock = NewClock();
  const auto mark = SettleClock(clock, kWarnBps, At(5'000));
  REQUIRE(mark);
  CHECK(mark->breach);
  CHECK(mark->time == At(100));
  CHECK(FromProto(clock.final_time()) == At(100));
  CHECK(FromProto(clock.elapsed()) == absl::Seconds(100));
}

TEST_CASE("time on hold does not count and is summed up") {
  v1::SlaClock clock = NewClock();
  PauseClock(clock, "waiting for the customer", At(30));
  CHECK(clock.pause_reason() == "waiting for the customer");
  CHECK_FALSE(clock.has_due_time());
  CHECK_FALSE(SettleClock(clock, kWarnBps, At(10'000)));
  ResumeClock(clock, At(1'030));
  CHECK(clock.pause_reason().empty());
  CHECK(FromProto(clock.paused_total()) == absl::Seconds(1'000));
  CHECK(FromProto(clock.due_time()) == At(1'100));
  CHECK(ElapsedAt(clock, At(1'040)) == absl::Seconds(40));
}

TEST_CASE("a new target keeps what has elapsed") {
  v1::SlaClock clock = NewClock(1'000);
  RetargetClock(clock, absl::Seconds(100), At(50));
  CHECK(FromProto(clock.due_time()) == At(100));
  CHECK(NextMark(clock, kWarnBps) == At(80));

  SECTION("a target that has passed already is breached at once") {
    RetargetClock(clock, absl::Seconds(10), At(60));
    const auto mark = SettleClock(clock, kWarnBps, At(60));
    REQUIRE(mark);
    CHECK(mark->breach);
    CHECK(mark->time == At(60));
  }
  SECTION("a clock that has warned warns again for the new target") {
    REQUIRE(SettleClock(clock, kWarnBps, At(80)));
    RetargetClock(clock, absl::Seconds(200), At(81));
    CHECK_FALSE(clock.warned());
    CHECK(NextMark(clock, kWarnBps) == At(160));
  }
  SECTION("a paused clock stays paused, and its pause goes on") {
    PauseClock(clock, "why", At(60));
    RetargetClock(clock, absl::Seconds(500), At(70));
    ResumeClock(clock, At(90));
    CHECK(FromProto(clock.paused_total()) == absl::Seconds(30));
    CHECK(FromProto(clock.due_time()) == At(90) + absl::Seconds(440));
  }
}

TEST_CASE("a met clock can run again with its elapsed time; a breach is for ever") {
  v1::SlaClock clock = NewClock();
  MeetClock(clock, At(40));
  CHECK(clock.state() == v1::CLOCK_STATE_MET);
  RestartClock(clock, At(500));
  CHECK(FromProto(clock.due_time()) == At(560));
  CHECK_FALSE(clock.has_final_time());

  REQUIRE(SettleClock(clock, kWarnBps, At(560)));
  MeetClock(clock, At(600));
  RestartClock(clock, At(700));
  RetargetClock(clock, absl::Hours(9), At(701));
  CHECK(clock.state() == v1::CLOCK_STATE_BREACHED);
}

// What the clock must amount to, told without its arithmetic: a list of running spans.
struct Model {
  absl::Duration elapsed;
  absl::Duration target = absl::Seconds(100);
  bool running = true;
  bool breached = false;
  absl::Time now = kStart;

  void Pass(absl::Duration by) {
    now += by;
    if (running && !breached) elapsed += by;
    Judge();
  }
  void Judge() { breached = breached || elapsed >= target; }
};

TEST_CASE(
    "whatever is paused, resumed and re-prioritised: elapsed is the sum of running spans, and "
    "a breach comes exactly when it passes the target") {
  rc::check([] {
    Model model;
    v1::SlaClock clock = NewClock();
    int breaches = 0;
    absl::Time breach_time;
    const auto settle = [&] {
      while (const auto mark = SettleClock(clock, kWarnBps, model.now)) {
        if (!mark->breach) continue;
        ++breaches;
        breach_time = mark->time;
      }
    };
    const int steps = *rc::gen::inRange(1, 40);
    for (int i = 0; i < steps && !model.breached; ++i) {
      const absl::Time before = model.now;
      const absl::Duration left = model.target - model.elapsed;
      const bool was_running = model.running;
      model.Pass(absl::Microseconds(*rc::gen::inRange<int64_t>(0, 30'000'000)));
      settle();
      if (model.breached) {
        // Nobody looked until now, and yet the moment is exact.
        RC_ASSERT(was_running);
        RC_ASSERT(breach_time == before + left);
        break;
      }
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          PauseClock(clock, "why", model.now);
          model.running = false;
          break;
        case 1:
          ResumeClock(clock, model.now);
          model.running = true;
          break;
        default:
          model.target = absl::Seconds(*rc::gen::inRange(1, 300));
          RetargetClock(clock, model.target, model.now);
          model.Judge();
      }
      settle();
      if (model.breached) {
        RC_ASSERT(breach_time == model.now);
      } else {
        RC_ASSERT(ElapsedAt(clock, model.now) == model.elapsed);
        RC_ASSERT(clock.has_due_time() == model.running);
      }
    }
    RC_ASSERT(breaches == (model.breached ? 1 : 0));
    RC_ASSERT((clock.state() == v1::CLOCK_STATE_BREACHED) == model.breached);
  });
}

}  // namespace
}  // namespace frontdesk::ticket
