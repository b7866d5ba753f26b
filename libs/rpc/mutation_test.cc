#include "libs/rpc/mutation.h"

#include <catch2/catch.hpp>

#include <thread>

#include "libs/base/error.h"
#include "libs/rpc/testing/probe_server.h"
#include "libs/store/keys.h"
#include "libs/store/simulated_disk.h"
#include "libs/store/space_guard.h"
#include "libs/store/store.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;

TEST_CASE("The hash of a payload leaves out the request id and nothing else") {
  UpdateProbeRequest request;
  request.set_number(5);
  request.mutable_probe()->set_name("tenants/t1/probes/p");
  for (int i = 0; i < 30; ++i) (*request.mutable_labels())["k" + std::to_string(i)] = "v";
  request.set_request_id("r-1");
  const uint64_t hash = PayloadHash(request);

  UpdateProbeRequest again;
  for (int i = 29; i >= 0; --i) (*again.mutable_labels())["k" + std::to_string(i)] = "v";
  again.set_number(5);
  again.mutable_probe()->set_name("tenants/t1/probes/p");
  CHECK(PayloadHash(again) == hash);
  again.set_request_id("another, longer request id");
  CHECK(PayloadHash(again) == hash);
  again.set_number(6);
  CHECK(PayloadHash(again) != hash);
  again.set_number(5);
  again.mutable_probe()->set_text("x");
  CHECK(PayloadHash(again) != hash);
}

TEST_CASE("A command carries what the call and the request say") {
  UpdateProbeRequest request;
  request.mutable_probe()->set_text("text");
  request.set_request_id("r-9");
  UpdateProbeResponse response;
  Call call;
  call.tenant = "t1";
  call.caller = {"*", "svc-dialog", Role::kService};
  call.method = "UpdateProbe";
  call.traceparent = "trace";
  call.give_up_at = absl::Seconds(9);
  call.frees_space = true;
  const store::Command command = MakeCommand(call, request, &response);
  CHECK(command.source == store::Command::Source::kRpc);
  CHECK(command.method == "frontdesk.rpc.testing.ProbeService.UpdateProbe");
  CHECK(command.tenant == "t1");
  CHECK(command.actor == ActorName(call));
  CHECK(command.request_id == "r-9");
  CHECK(command.cause == "r-9");
  CHECK(command.payload_hash == PayloadHash(request));
  CHECK(command.traceparent == "trace");
  CHECK(command.give_up_at == absl::Seconds(9));
  CHECK(command.frees_space);
  CHECK(command.response == &response);
  CHECK(command.bytes >= request.ByteSizeLong());
}

namespace {

// A committer on a simulated disk, stepped by the test, behind a real server.
struct Shard {
  Shard()
      : store(*store::Store::Open({"/data/probe/0", {"installation", "probe", 0, 1}, true},
                                  disk.environment(), clock.Now(), random)),
        guard({.directory = "/",
               .free_bytes = [this](const std::string&) -> absl::StatusOr<uint64_t> {
                 return free_bytes;
               }},
              metrics),
        committer(*store::Committer::Open(
            {*store, clock, random, metrics, guard, [](const absl::Status&) {}}, {})) {
    server.probes.update = [this](const Call& call, const UpdateProbeRequest& request,
                                  UpdateProbeResponse* response, Finish finish) {
      Submit(
          *committer, call, request, response,
          [this, &request, response](const store::Context&, store::Txn& txn, store::Reply&) {
            ++handled;
            txn.Put(store::EncodeKey(0x20, request.probe().name()), "row");
            *response->mutable_probe() = request.probe();
            return absl::OkStatus();
          },
          std::move(finish));
      waiter.Change([this] { ++submitted; });
    };
  }
  void Step() {
    while (committer->Step() || committer->DeliverStep()) {
    }
  }

  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  uint64_t free_bytes = uint64_t{1} << 40;
  store::SimulatedDisk disk;
  std::unique_ptr<store::Store> store;
  store::SpaceGuard guard;
  std::unique_ptr<store::Committer> committer;
  Waiter waiter;
  int submitted = 0;  // guarded by the waiter
  int handled = 0;    // of the stepping thread
  ProbeServer server{{.default_deadline = absl::Milliseconds(100)}};
};

}  // namespace

TEST_CASE("A mutation is answered after its commit, and a repeated request id handled once") {
  Shard shard;
  for (int i = 0; i < 2; ++i) {
    absl::Status status;
    std::thread caller(
        [&] { status = shard.server.Update("t1-agent-token", "tenants/t1/probes/p", "same-id"); });
    REQUIRE(shard.waiter.Wait([&] { return shard.submitted == i + 1; }));
    shard.Step();
    caller.join();
    INFO(status);
    CHECK(status.ok());
  }
  CHECK(shard.handled == 1);
}

TEST_CASE("A method that frees space passes on a disk that is nearly full") {
  Shard shard;
  shard.free_bytes = 300 << 20;
  shard.guard.Step(shard.clock.Steady());
  absl::Status status;
  std::thread caller(
      [&] { status = shard.server.Update("t1-agent-token", "tenants/t1/probes/p", "id"); });
  REQUIRE(shard.waiter.Wait([&] { return shard.submitted == 1; }));
  shard.Step();
  caller.join();
  INFO(status);
  CHECK(status.ok());
  CHECK(shard.handled == 1);
  UpdateProbeRequest request;
  Call call;
  call.method = "Other";
  store::Command other = MakeCommand(call, request, nullptr);
  other.done = [&](absl::Status refused) { status = std::move(refused); };
  shard.committer->Submit(std::move(other));
  CHECK(ReasonOf(status) == "DISK_SPACE_LOW");
}

TEST_CASE(
    "A deadline that passes while the command waits ends the call, not the command's memory") {
  Shard shard;
  grpc::ClientContext context;  // without a deadline: the server's 100 ms hold
  context.AddMetadata("authorization", "Bearer t1-agent-token");
  UpdateProbeRequest request;
  request.mutable_probe()->set_name("tenants/t1/probes/p");
  request.set_request_id("r");
  UpdateProbeResponse response;
  const absl::Status status =
      FromGrpcStatus(shard.server.stub->UpdateProbe(&context, request, &response));
  CHECK(status.code() == absl::StatusCode::kDeadlineExceeded);
  // The committer comes to it only now: nobody waits any more, so it is not handled.
  shard.Step();
  CHECK(shard.handled == 0);
  CHECK(shard.server.Get("t1-agent-token", "tenants/t1/probes/p").ok());
}
