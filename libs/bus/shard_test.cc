#include "libs/bus/shard.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <string>

#include "libs/base/error.h"
#include "tests/bus/simulated_bus.h"

using namespace frontdesk;
using namespace frontdesk::bus;

namespace {

// Services on threads of their own, in real time.
struct Process {
  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  store::SimulatedDisk disk;
  store::SpaceGuard guard{
      {.directory = "/data",
       .free_bytes = [](const std::string&) { return absl::StatusOr<uint64_t>(1ull << 40); }},
      metrics};
  store::ReadPool read_pool{{.threads = 1}, metrics};
  PreparePool prepare_pool{{.threads = 2}, metrics};
  std::unique_ptr<EmbeddedLog> log;
  std::unique_ptr<Installation> installation;

  Process() {
    log = EmbeddedLog::Open({disk.environment(), clock, random, metrics, [](const auto&) {}},
                            {.directory = "/data/log"})
              .value();
    OpenInstallation();
  }
  void OpenInstallation(uint32_t shards = 2) {
    installation = Installation::Open({.data_dir = "/data", .shard_count = shards},
                                      disk.environment(), clock.Now(), random)
                       .value();
  }
  absl::StatusOr<std::unique_ptr<ShardSet>> Open(const std::string& service, EventRoutes routes,
                                                 store::TimerScanner::MakeCommand timers = nullptr,
                                                 size_t event_queue_max = 4096) {
    const AppDeps deps{clock,   random, disk.environment(), *installation, *log,
                       metrics, guard,  read_pool,          prepare_pool,  [](const auto&) {}};
    if (timers == nullptr) timers = [](const store::Timer&, store::Command&) {};
    Shard::Options options;
    options.service = service;
    options.committer.event_queue_max = event_queue_max;
    return ShardSet::Open(deps, options, std::move(routes), timers);
  }
};

store::Command Append(const std::string& tenant, std::atomic<int>* done) {
  store::Command command;
  command.method = "test.Append";
  command.tenant = tenant;
  command.handle = [tenant](const store::Context& context, store::Txn& txn, store::Reply&) {
    ticket::v1::TicketEvent event;
    event.mutable_ticket_created();
    txn.Append({.topic = "frontdesk.ticket.v1",
                .key = tenant + "/" + context.NewId(),
                .type = ticket::v1::TicketCreated::descriptor()->full_name(),
                .subject = "s",
                .id = context.NewId(),
                .tenant = tenant,
                .correlation = "",
                .value = event.SerializeAsString()});
    return absl::OkStatus();
  };
  command.done = [done](absl::Status status) {
    CHECK(status.ok());
    ++*done;
  };
  return command;
}

template <class Condition>
bool Eventually(Condition reached) {
  SystemClock clock;
  const absl::Duration end = clock.Steady() + absl::Seconds(20);
  Notifier never;
  while (!reached()) {
    if (clock.Steady() > end) return false;
    never.WaitFor(absl::Milliseconds(1));
  }
  return true;
}

}  // namespace

TEST_CASE_METHOD(Process, "threads carry an event of any shard from commit to effect") {
  std::atomic<int> effects{0};
  EventRoutes routes;
  routes.On<ticket::v1::TicketEvent>(
      "frontdesk.ticket.v1", ticket::v1::TicketCreated::descriptor()->full_name(),
      [&](const auto&, const auto&, const auto&, auto&) {
        ++effects;
        return absl::OkStatus();
      },
      [](auto, const auto&, absl::Duration, PrepareDone done) { done(Prepared::Of(1)); });
  auto ticket = Open("ticket", EventRoutes());
  auto health = Open("health", std::move(routes));
  REQUIRE(ticket.ok());
  REQUIRE(health.ok());
  (*ticket)->Start();
  (*health)->Start();
  std::atomic<int> done{0};
  for (int i = 0; i < 200; ++i) {
    const std::string tenant = "tenant-" + std::to_string(i % 7);
    (*ticket)->For(tenant).Submit(Append(tenant, &done));
  }
  CHECK(Eventually([&] { return effects == 200; }));
  CHECK(done == 200);
  (*ticket)->Stop(absl::Seconds(10));
  (*health)->Stop(absl::Seconds(10));
  CHECK(effects == 200);
}

TEST_CASE_METHOD(Process, "a queue that is full now and then makes no gap and loses nothing") {
  std::atomic<int> effects{0};
  EventRoutes routes;
  routes.On<ticket::v1::TicketEvent>("frontdesk.ticket.v1",
                                     ticket::v1::TicketCreated::descriptor()->full_name(),
                                     [&](const auto&, const auto&, const auto&, auto&) {
                                       ++effects;
                                       return absl::OkStatus();
                                     });
  auto ticket = Open("ticket", EventRoutes());
  auto health = Open("health", std::move(routes), nullptr, 2);
  REQUIRE(ticket.ok());
  REQUIRE(health.ok());
  (*ticket)->Start();
  std::atomic<int> done{0};
  for (int i = 0; i < 400; ++i) (*ticket)->For("acme").Submit(Append("acme", &done));
  REQUIRE(Eventually([&] { return done == 400; }));
  (*health)->Start();
  CHECK(Eventually([&] { return effects == 400 || !(*health)->BusHealth().ok(); }));
  CHECK((*health)->BusHealth().ok());
  CHECK(effects == 400);
  (*ticket)->Stop(absl::Seconds(10));
  (*health)->Stop(absl::Seconds(10));
}

TEST_CASE_METHOD(Process, "stopping commits, answers and publishes what was submitted") {
  auto ticket = Open("ticket", EventRoutes());
  REQUIRE(ticket.ok());
  (*ticket)->Start();
  std::atomic<int> done{0};
  for (int i = 0; i < 500; ++i) (*ticket)->For("acme").Submit(Append("acme", &done));
  (*ticket)->Stop(absl::Seconds(10));
  CHECK(done == 500);
  for (size_t i = 0; i < (*ticket)->size(); ++i) CHECK((*ticket)->shard(i).relay().Flushed());
  std::atomic<bool> refused{false};
  store::Command late;
  late.handle = [](const auto&, auto&, auto&) { return absl::OkStatus(); };
  late.done = [&](absl::Status status) {
    refused = status.code() == absl::StatusCode::kUnavailable;
  };
  (*ticket)->For("acme").Submit(std::move(late));
  CHECK(refused);
}

TEST_CASE_METHOD(Process, "timers fire on their thread") {
  std::atomic<int> fired{0};
  auto ticket = Open("ticket", EventRoutes(), [&](const store::Timer&, store::Command& command) {
    command.method = "test.Timer";
    command.handle = [&](const store::Context&, store::Txn&, store::Reply&) {
      ++fired;
      return absl::OkStatus();
    };
  });
  REQUIRE(ticket.ok());
  (*ticket)->Start();
  store::Command command;
  command.method = "test.SetTimer";
  command.tenant = "acme";
  command.handle = [](const store::Context& context, store::Txn& txn, store::Reply&) {
    txn.SetTimer({context.now + absl::Milliseconds(50), 1, "subject", 1});
    return absl::OkStatus();
  };
  command.done = [](absl::Status) {};
  const absl::Duration start = clock.Steady();
  (*ticket)->For("acme").Submit(std::move(command));
  CHECK(Eventually([&] { return fired == 1; }));
  CHECK(clock.Steady() - start >= absl::Milliseconds(50));
  (*ticket)->Stop(absl::Seconds(10));
}

TEST_CASE_METHOD(Process, "a store that was made and is gone is an error, not a new store") {
  REQUIRE(Open("ticket", EventRoutes()).ok());
  REQUIRE(Open("ticket", EventRoutes()).ok());
  REQUIRE(disk.DeleteDirectory("/data/ticket/1").ok());
  OpenInstallation();
  CHECK(ReasonOf(Open("ticket", EventRoutes()).status()) == "STORE_MISSING");
  CHECK(Open("health", EventRoutes()).ok());
}

TEST_CASE_METHOD(Process, "an installation keeps its id and its number of shards") {
  const std::string id = installation->id();
  OpenInstallation();
  CHECK(installation->id() == id);
  const auto open = [&](Installation::Options options) {
    return Installation::Open(options, disk.environment(), clock.Now(), random).status();
  };
  CHECK(ReasonOf(open({.data_dir = "/data", .shard_count = 3})) == "MANIFEST_MISMATCH");
  CHECK(ReasonOf(open({.data_dir = "/data", .id = "other", .shard_count = 2})) ==
        "MANIFEST_MISMATCH");
  CHECK(ReasonOf(open({.data_dir = "/other", .first_start = false})) == "STORE_MISSING");
}
