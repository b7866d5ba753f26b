#include "libs/process/admin_target.h"

#include <catch2/catch.hpp>

#include <future>

#include "libs/base/error.h"
#include "libs/bus/embedded_log.h"
#include "libs/store/simulated_disk.h"

using namespace frontdesk;

namespace {

// Two shards of a service on threads of their own, under a clock that the test moves.
struct World {
  World() {
    log = bus::EmbeddedLog::Open({disk.environment(), clock, random, metrics, [](const auto&) {}},
                                 {.directory = "/data/log"})
              .value();
    installation = bus::Installation::Open({.data_dir = "/data", .shard_count = 2},
                                           disk.environment(), clock.Now(), random)
                       .value();
    deps.reset(new bus::AppDeps{clock, random, disk.environment(), *installation, *log, metrics,
                                guard, read_pool, prepare_pool, [](const auto&) {}});
    bus::Shard::Options options;
    options.service = "ticket";
    shards = bus::ShardSet::Open(*deps, options, bus::EventRoutes(),
                                 [](const store::Timer&, store::Command&) {})
                 .value();
    shards->Start();
    admin = std::make_unique<process::ShardAdmin>(*shards, *deps);
    for (size_t i = 0; i < shards->size(); ++i) REQUIRE(Command(i).ok());
  }
  ~World() { shards->Stop(absl::Seconds(10)); }

  absl::Status Command(size_t shard) {
    std::promise<absl::Status> done;
    store::Command command;
    command.method = "test.Nothing";
    command.handle = [](const auto&, auto&, auto&) { return absl::OkStatus(); };
    command.done = [&done](absl::Status status) { done.set_value(std::move(status)); };
    shards->shard(shard).Submit(std::move(command));
    return done.get_future().get();
  }

  SimulatedClock clock;
  SeededRandom random{1};
  telemetry::Metrics metrics;
  store::SimulatedDisk disk;
  uint64_t free_bytes = 1ull << 40;
  store::SpaceGuard guard{
      {.directory = "/data",
       .free_bytes = [this](const std::string&) -> absl::StatusOr<uint64_t> { return free_bytes; }},
      metrics};
  store::ReadPool read_pool{{.threads = 1}, metrics};
  bus::PreparePool prepare_pool{{.threads = 1}, metrics};
  std::unique_ptr<bus::EmbeddedLog> log;
  std::unique_ptr<bus::Installation> installation;
  std::unique_ptr<bus::AppDeps> deps;
  std::unique_ptr<bus::ShardSet> shards;
  std::unique_ptr<process::ShardAdmin> admin;
};

const rpc::AdminActor kActor{"root", "r-1", "NTP was wrong"};

}  // namespace

TEST_CASE_METHOD(World, "an accepted clock makes every shard ready again, at the new time") {
  clock.JumpWall(absl::Hours(1));
  REQUIRE(Command(0).ok());  // the other shard has no traffic and has not noticed
  CHECK(ReasonOf(shards->Ready()) == "CLOCK_JUMPED");

  const auto clocks = admin->AcceptClock(std::nullopt, kActor);
  REQUIRE(clocks.ok());
  REQUIRE(clocks->size() == 2);
  for (const common::v1::ShardClock& each : *clocks) {
    CHECK(each.service() == "ticket");
    CHECK(each.jumped());
    CHECK(each.time().seconds() == absl::ToUnixSeconds(clock.Now()));
  }
  CHECK(shards->Ready().ok());
}

TEST_CASE_METHOD(World, "one shard's clock can be accepted alone, and one that is not here can't") {
  clock.JumpWall(-absl::Hours(1));
  for (size_t i = 0; i < shards->size(); ++i) REQUIRE(Command(i).ok());
  const auto clocks = admin->AcceptClock(1, kActor);
  REQUIRE(clocks.ok());
  REQUIRE(clocks->size() == 1);
  CHECK(clocks->front().shard() == 1);
  // The time of a shard never runs back.
  CHECK(clocks->front().time().seconds() == absl::ToUnixSeconds(clock.Now() + absl::Hours(1)));
  CHECK(shards->shard(1).Ready().ok());
  CHECK(ReasonOf(shards->shard(0).Ready()) == "CLOCK_JUMPED");
  CHECK(admin->AcceptClock(2, kActor).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE_METHOD(World, "accepting a clock that is right does not let the next jump pass") {
  const auto clocks = admin->AcceptClock(std::nullopt, kActor);
  REQUIRE(clocks.ok());
  for (const common::v1::ShardClock& each : *clocks) CHECK_FALSE(each.jumped());
  clock.JumpWall(absl::Hours(1));
  REQUIRE(Command(0).ok());
  CHECK(ReasonOf(shards->Ready()) == "CLOCK_JUMPED");
}

TEST_CASE_METHOD(World, "a clock can be accepted while the disk is nearly full") {
  clock.JumpWall(absl::Hours(1));
  REQUIRE(Command(0).ok());
  free_bytes = 300ull << 20;
  guard.Step(clock.Steady() + absl::Hours(1));
  REQUIRE(ReasonOf(Command(0)) == "DISK_SPACE_LOW");
  REQUIRE(admin->AcceptClock(0, kActor).ok());
  CHECK_FALSE(shards->shard(0).committer().clock_jumped());
}
