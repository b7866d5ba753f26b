#include "libs/store/committer.h"

#include <catch2/catch.hpp>

#include "libs/store/testing/committer_world.h"

using namespace frontdesk;
using namespace frontdesk::store;
using namespace frontdesk::store::testing;

TEST_CASE("time never goes back, and timers pause when the wall clock jumps") {
  Shard shard;
  absl::Time first, second;
  const auto note = [](absl::Time* at) {
    return [at](const Context& context, Txn&, Reply&) {
      *at = context.now;
      return absl::OkStatus();
    };
  };
  REQUIRE(shard.Do(Rpc(note(&first))).ok());
  shard.clock.JumpWall(-absl::Seconds(30));
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK(second >= first);
  CHECK_FALSE(shard.committer->clock_jumped());
  shard.clock.JumpWall(-absl::Hours(2));
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK(second >= first);
  CHECK(shard.committer->clock_jumped());
  shard.clock.JumpWall(absl::Hours(2));
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK_FALSE(shard.committer->clock_jumped());
  shard.clock.JumpWall(absl::Hours(5));
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK(shard.committer->clock_jumped());
  CHECK(second < first + absl::Hours(1));
  shard.committer->AcceptClock();
  REQUIRE(shard.Do(Rpc(note(&second))).ok());
  CHECK_FALSE(shard.committer->clock_jumped());
  CHECK(second >= first + absl::Hours(4));
}

namespace {

// Sets, fires and records timers of kind 1.
class Timers {
 public:
  explicit Timers(Shard& shard) : shard_(shard) { Reopen(); }
  void Reopen() {
    scanner_ = std::make_unique<TimerScanner>(
        *shard_.committer,
        [this](const Timer& timer, Command& command) {
          command.method = "test.Timer";
          command.tenant = "t1";
          command.handle = [this, subject = timer.subject](const Context& context, Txn& txn,
                                                           Reply&) {
            if (fail_next_) {
              fail_next_ = false;
              return absl::UnavailableError("later");
            }
            fired.push_back(subject);
            lateness = context.now - context.due;
            txn.Put(EncodeKey(kRow, "fired/" + subject), "1");
            return absl::OkStatus();
          };
        },
        TimerScanner::Options{});
  }
  void Set(absl::Duration in, std::string subject) {
    REQUIRE(shard_
                .Do(Rpc([=](const Context& context, Txn& txn, Reply&) {
                  txn.SetTimer({context.now + in, 1, subject, 1});
                  return absl::OkStatus();
                }))
                .ok());
  }
  TimerScanner& scanner() { return *scanner_; }
  void Advance(absl::Duration by) {
    shard_.clock.Advance(by);
    while (scanner_->Step(shard_.clock.Now())) shard_.Run();
  }

  std::vector<std::string> fired;
  absl::Duration lateness;
  bool fail_next_ = false;

 private:
  Shard& shard_;
  std::unique_ptr<TimerScanner> scanner_;
};

}  // namespace

TEST_CASE("timers fire once, in order of their due time, also after a crash") {
  Shard shard;
  Timers timers(shard);
  timers.Set(absl::Seconds(30), "late");
  timers.Set(absl::Seconds(10), "early");
  timers.Advance(absl::Seconds(5));
  CHECK(timers.fired.empty());
  timers.Set(absl::Seconds(-3), "past");
  timers.Advance(absl::Seconds(1));
  CHECK(timers.fired == std::vector<std::string>{"past"});
  shard.Crash();
  timers.Reopen();
  timers.Advance(absl::Seconds(60));
  CHECK(timers.fired == std::vector<std::string>{"past", "early", "late"});
  shard.Crash();
  timers.Reopen();
  timers.Advance(absl::Seconds(60));
  CHECK(timers.fired.size() == 3);
}

TEST_CASE("a cancelled timer does not fire, a failed one is tried again") {
  Shard shard;
  Timers timers(shard);
  absl::Time due;
  REQUIRE(shard
              .Do(Rpc([&](const Context& context, Txn& txn, Reply&) {
                due = context.now + absl::Seconds(5);
                txn.SetTimer({due, 1, "cancelled", 1});
                return absl::OkStatus();
              }))
              .ok());
  REQUIRE(shard
              .Do(Rpc([&](const Context&, Txn& txn, Reply&) {
                txn.CancelTimer({due, 1, "cancelled", 1});
                return absl::OkStatus();
              }))
              .ok());
  timers.Set(absl::Seconds(5), "again");
  timers.fail_next_ = true;
  timers.Advance(absl::Seconds(6));
  CHECK(timers.fired.empty());
  timers.Advance(absl::Seconds(10));
  CHECK(timers.fired == std::vector<std::string>{"again"});
}

TEST_CASE("timers wait, and are not offered again and again, while nothing is taken") {
  Shard shard;
  shard.limits.outbox_rows_max = 1;
  shard.Close();
  shard.Open(false);
  Timers timers(shard);
  timers.Set(absl::Seconds(5), "waits");
  REQUIRE(shard
              .Do(Rpc([](const Context& context, Txn& txn, Reply&) {
                txn.Append(TicketEvent(context, "t1/x"));
                txn.Append(TicketEvent(context, "t1/y"));
                return absl::OkStatus();
              }))
              .ok());
  shard.clock.Advance(absl::Seconds(6));
  CHECK_FALSE(timers.scanner().Step(shard.clock.Now()));
  CHECK(timers.scanner().UntilNext(shard.clock.Now(), absl::Seconds(1)) == absl::Seconds(1));
  shard.committer->TrimOutbox(2);
  shard.clock.Advance(absl::Seconds(1));
  shard.Run();
  timers.Advance(absl::Seconds(1));
  CHECK(timers.fired == std::vector<std::string>{"waits"});
}

TEST_CASE("a timer found by a clock that jumped ahead stays, and fires when it is due") {
  Shard shard;
  Timers timers(shard);
  timers.Set(absl::Minutes(30), "half past");
  shard.clock.JumpWall(absl::Hours(2));
  timers.Advance(absl::Seconds(1));
  CHECK(timers.fired.empty());
  CHECK(shard.committer->clock_jumped());
  // No command comes: the shard notices by itself that the clock is right again.
  shard.clock.JumpWall(-absl::Hours(2));
  shard.Run();
  CHECK_FALSE(shard.committer->clock_jumped());
  timers.Advance(absl::Minutes(20));
  CHECK(timers.fired.empty());
  timers.Advance(absl::Minutes(10));
  CHECK(timers.fired == std::vector<std::string>{"half past"});
  // Nor when an operator has accepted the new time.
  timers.Set(absl::Hours(1), "accepted");
  shard.clock.JumpWall(absl::Hours(2));
  timers.Advance(absl::Seconds(1));
  CHECK(shard.committer->clock_jumped());
  shard.committer->AcceptClock();
  shard.Run();
  CHECK_FALSE(shard.committer->clock_jumped());
  timers.Advance(absl::Seconds(1));
  CHECK(timers.fired.back() == "accepted");
}
