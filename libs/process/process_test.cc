#include "libs/process/process.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>

#include <stdlib.h>
#include <sysexits.h>
#include <catch2/catch.hpp>

#include "frontdesk/common/v1/admin_service.pb.h"
#include "libs/base/error.h"
#include "libs/rpc/client.h"
#include "libs/telemetry/log.h"

using namespace frontdesk;
using process::App;
using process::Process;
using process::ProcessOptions;

namespace {

constexpr char kTenants[] = R"(
platform:
  tokens:
    - {principal: root, role: admin, token: platform-admin}
)";

// A service without RPCs and events, which does at the start and at the stop what the test says.
class FakeApp final : public App {
 public:
  FakeApp(const std::string& service, const bus::AppDeps& deps) {
    bus::Shard::Options options;
    options.service = service;
    shards_ = bus::ShardSet::Open(deps, options, bus::EventRoutes(),
                                  [](const store::Timer&, store::Command&) {})
                  .value();
  }
  bus::ShardSet& shards() override { return *shards_; }
  std::vector<rpc::Service*> rpc_services() override { return {}; }
  void LoadTenants(const rpc::TenantsFile&, absl::AnyInvocable<void(absl::Status)> done) override {
    store::Command command;
    command.method = "test.LoadTenants";
    command.handle = [this](const auto&, auto&, auto&) { return loads; };
    command.done = std::move(done);
    shards_->shard(0).Submit(std::move(command));
  }
  void Stop(absl::Duration deadline) override {
    if (on_stop) on_stop();
    App::Stop(deadline);
  }

  absl::Status loads;
  std::function<void()> on_stop;

 private:
  std::unique_ptr<bus::ShardSet> shards_;
};

// Processes one after the other on one folder, each run by the test's own thread.
struct Machine {
  Machine() {
    char name[] = "/tmp/frontdesk-process-XXXXXX";
    directory = mkdtemp(name);
    options.data_dir = directory + "/data";
    options.tenants_file = directory + "/tenants.yaml";
    options.grpc_listen = "127.0.0.1:0";
    options.metrics_listen = "127.0.0.1:0";
    options.disk_soft_limit = {2};
    options.disk_hard_limit = {1};
    std::ofstream(options.tenants_file) << kTenants;
  }
  ~Machine() { std::filesystem::remove_all(directory); }

  // The exit code. Stops it as soon as it is ready and `when_ready` has returned.
  int Run(const std::function<void(const std::string& grpc)>& when_ready = {},
          const std::function<void(FakeApp& first, FakeApp& second)>& prepare = {}) {
    auto process = Process::Open("test", options);
    INFO(process.status());
    REQUIRE(process.ok());
    FakeApp first("ticket", (*process)->deps());
    FakeApp second("health", (*process)->deps());
    if (prepare) prepare(first, second);
    (*process)->Add(first);
    (*process)->Add(second);
    return (*process)->Run([&](const std::string& grpc, int) {
      ready = true;
      if (when_ready) when_ready(grpc);
      // To this thread, in which Run waits for it.
      pthread_kill(pthread_self(), SIGTERM);
    });
  }

  std::string directory;
  ProcessOptions options;
  bool ready = false;
};

}  // namespace

TEST_CASE_METHOD(Machine, "a process that starts on a disk nearly full lives and serves reads") {
  REQUIRE(Run() == 0);
  ready = false;
  options.disk_soft_limit = config::GiB(1 << 30);
  common::v1::GetEngineStatusResponse status;
  const int exit_code = Run([&](const std::string& grpc) {
    SystemClock clock;
    SystemRandom random;
    telemetry::Metrics metrics;
    const auto client =
        rpc::Client::Connect({.target = grpc, .token = "platform-admin"}, clock, random, metrics);
    auto answer = client->UnaryBlocking<common::v1::GetEngineStatusResponse>(
        "/frontdesk.common.v1.AdminService/GetEngineStatus", {},
        common::v1::GetEngineStatusRequest());
    INFO(answer.status());
    CHECK(answer.ok());
    if (answer.ok()) status = *std::move(answer);
  });
  CHECK(exit_code == 0);
  REQUIRE(ready);
  REQUIRE(status.shards_size() == 2);
  CHECK_FALSE(status.shards(0).ready());
  CHECK(status.shards(0).not_ready_reason().find("the disk is nearly full") != std::string::npos);
}

TEST_CASE_METHOD(Machine, "a write that meets the end of the disk ends the process and says why") {
  auto process = Process::Open("test", options);
  REQUIRE(process.ok());
  const telemetry::LogCapture log{telemetry::LogOptions()};  // after Open, which configures it
  FakeApp first("ticket", (*process)->deps());
  (*process)->Add(first);
  // A failure sends SIGTERM to the process, and threads of earlier cases may not have it blocked.
  const auto before = signal(SIGTERM, SIG_IGN);
  const int exit_code = (*process)->Run([&](const std::string&, int) {
    const auto& fatal = (*process)->deps().on_fatal;
    fatal(Error(absl::StatusCode::kResourceExhausted, "DISK_SPACE_LOW", "RocksDB: no space"));
    fatal(absl::InternalError("what follows from it"));
  });
  signal(SIGTERM, SIG_IGN);  // drops what is pending
  signal(SIGTERM, before);
  CHECK(exit_code == EX_IOERR);
  CHECK(log.Contains("disk.full"));
  CHECK(log.Contains("RocksDB: no space"));
  CHECK_FALSE(log.Contains("what follows from it"));
}

TEST_CASE_METHOD(Machine, "tenants that are refused for another reason end the start") {
  const int exit_code = Run(
      {}, [](FakeApp&, FakeApp& second) { second.loads = absl::InternalError("a broken rule"); });
  CHECK(exit_code == EX_SOFTWARE);
  CHECK_FALSE(ready);
}

TEST_CASE_METHOD(Machine, "the services of a process stop side by side") {
  // Each waits in its stop for the other to be in it, too.
  std::promise<void> first_stops, second_stops;
  std::shared_future<void> first_in = first_stops.get_future().share();
  std::shared_future<void> second_in = second_stops.get_future().share();
  std::atomic<int> met{0};
  const auto meet = [&met](std::promise<void>& here, const std::shared_future<void>& other) {
    here.set_value();
    if (other.wait_for(std::chrono::seconds(20)) == std::future_status::ready) ++met;
  };
  CHECK(Run({}, [&](FakeApp& first, FakeApp& second) {
          first.on_stop = [&] { meet(first_stops, second_in); };
          second.on_stop = [&] { meet(second_stops, first_in); };
        }) == 0);
  CHECK(met == 2);
}
