#include "libs/rpc/deadlines.h"

#include <catch2/catch.hpp>

#include <atomic>

#include "libs/rpc/testing/probe_server.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;

namespace {

// Counts what happens to it.
class Counted final : public Deadline {
 public:
  explicit Counted(Waiter& waiter) : waiter_(waiter) {}
  ~Counted() = default;

  void OnDeadline() override {
    waiter_.Change([this] { ++fired; });
  }
  int fired = 0;  // guarded by the waiter
  std::atomic<int> refs{0};
  bool wanted = true;

 private:
  void RefDeadline() override { ++refs; }
  void UnrefDeadline() override { --refs; }
  bool StillWanted() override { return wanted; }

  Waiter& waiter_;
};

}  // namespace

TEST_CASE("A deadline fires once when its time has come, in any order of adding") {
  SimulatedClock clock;
  Waiter waiter;
  Counted late(waiter);
  Counted early(waiter);
  Counted beyond(waiter);  // further away than the wheel is round
  Deadlines deadlines(clock, "test");
  deadlines.Add(late, clock.Steady() + absl::Seconds(2));
  deadlines.Add(early, clock.Steady() + absl::Seconds(1));
  deadlines.Add(beyond, clock.Steady() + absl::Seconds(25));
  clock.Advance(absl::Milliseconds(1100));
  CHECK(waiter.Wait([&] { return early.fired == 1; }));
  CHECK(late.fired == 0);
  clock.Advance(absl::Seconds(1));
  CHECK(waiter.Wait([&] { return late.fired == 1; }));
  CHECK(beyond.fired == 0);
  // Twice round, in one jump: everything that is due fires.
  clock.Advance(absl::Seconds(60));
  CHECK(waiter.Wait([&] { return beyond.fired == 1; }));
  CHECK(early.fired == 1);
}

TEST_CASE("A removed deadline does not fire and lets go of its reference") {
  SimulatedClock clock;
  Waiter waiter;
  Counted removed(waiter);
  Counted unwanted(waiter);
  Counted marker(waiter);
  unwanted.wanted = false;
  {
    Deadlines deadlines(clock, "test");
    deadlines.Add(removed, clock.Steady() + absl::Seconds(1));
    deadlines.Add(unwanted, clock.Steady() + absl::Seconds(1));
    deadlines.Add(marker, clock.Steady() + absl::Seconds(1));
    CHECK(removed.refs == 1);
    CHECK(deadlines.Remove(removed));
    CHECK_FALSE(deadlines.Remove(removed));
    CHECK_FALSE(deadlines.Remove(unwanted));
    clock.Advance(absl::Seconds(2));
    CHECK(waiter.Wait([&] { return marker.fired == 1; }));
    deadlines.Add(removed, clock.Steady() + absl::Hours(1));
  }
  CHECK(removed.fired == 0);
  CHECK(unwanted.fired == 0);
  CHECK(removed.refs == 0);  // what is still listed is let go at the end
}
