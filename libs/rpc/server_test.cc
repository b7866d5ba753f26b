#include "libs/rpc/server.h"

#include <grpcpp/generic/generic_stub.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <optional>
#include <thread>

#include "libs/base/error.h"
#include "libs/rpc/testing/probe_server.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;

namespace {

// Calls a method with an empty message over a channel, without its proto.
grpc::Status CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& bytes, std::string* answer = nullptr) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  Waiter waiter;
  std::optional<grpc::Status> result;
  stub.UnaryCall(&context, method, {}, &request, &response,
                 [&](grpc::Status status) { waiter.Change([&] { result = std::move(status); }); });
  REQUIRE(waiter.Wait([&] { return result.has_value(); }));
  if (answer != nullptr) {
    std::vector<grpc::Slice> slices;
    response.Dump(&slices);
    answer->clear();
    for (const grpc::Slice& part : slices) {
      answer->append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
  }
  return *result;
}

// grpc.health.v1: request {service = 1}, response {status = 1}; 1 = SERVING, 2 = NOT_SERVING.
std::string Health(ProbeServer& server, const std::string& service) {
  std::string request;
  if (!service.empty()) {
    request = std::string("\x0a") + static_cast<char>(service.size()) + service;
  }
  std::string answer;
  const grpc::Status status =
      CallRaw(server.channel, "/grpc.health.v1.Health/Check", request, &answer);
  if (!status.ok()) return "error " + std::to_string(status.error_code());
  if (answer == "\x08\x01") return "serving";
  return answer == "\x08\x02" ? "not serving" : "unknown";
}

}  // namespace

TEST_CASE("Health is per service, and the process serves when all of them do") {
  ProbeServer server;
  const std::string name = "frontdesk.rpc.testing.ProbeService";
  CHECK(Health(server, name) == "serving");
  CHECK(Health(server, "") == "serving");
  server.server->SetServing(name, false);
  CHECK(Health(server, name) == "not serving");
  CHECK(Health(server, "") == "not serving");
  CHECK(Health(server, "nobody") == "error 5");
}

TEST_CASE("A second server on a taken port is an error that names the address") {
  ProbeServer server;
  auto second = Server::Start({.listen_address = server.server->address()}, {});
  REQUIRE_FALSE(second.ok());
  CHECK(second.status().code() == absl::StatusCode::kUnavailable);
  CHECK(std::string(second.status().message()).find(server.server->address()) != std::string::npos);
}

TEST_CASE("Reflection answers only where it was switched on") {
  const std::string method = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  ProbeServer without;
  CHECK(CallRaw(without.channel, method, "").error_code() == grpc::StatusCode::UNIMPLEMENTED);

  ProbeServer with({}, {.reflection = true});
  const std::string list_services("\x3a\x01*", 3);
  std::string answer;
  const grpc::Status status = CallRaw(with.channel, method, list_services, &answer);
  CHECK(status.error_code() != grpc::StatusCode::UNIMPLEMENTED);
  CHECK(answer.find("frontdesk.rpc.testing.ProbeService") != std::string::npos);
}

TEST_CASE("Stop waits for running calls and refuses new ones") {
  ProbeServer server;
  Waiter waiter;
  Finish kept;
  server.probes.get = [&](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish finish) {
    waiter.Change([&] { kept = std::move(finish); });
  };
  absl::Status first;
  std::thread caller([&] { first = server.Get("t1-agent-token", "tenants/t1/probes/p"); });
  REQUIRE(waiter.Wait([&] { return kept != nullptr; }));
  std::thread stopper([&] { server.server->Stop(absl::Seconds(20)); });
  // New calls are refused while the first one still runs.
  absl::Status refused;
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  do {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer wrong-token-on-purpose");
    GetProbeResponse response;
    refused = FromGrpcStatus(server.stub->GetProbe(&context, {}, &response));
  } while (refused.code() != absl::StatusCode::kUnavailable && absl::Now() < give_up);
  CHECK(refused.code() == absl::StatusCode::kUnavailable);
  kept(absl::OkStatus());
  caller.join();
  stopper.join();
  CHECK(first.ok());
}

TEST_CASE("Stop ends what outlives its grace and says why, also calls nobody finishes") {
  ProbeServer server;
  Waiter waiter;
  std::vector<Finish> kept;
  server.probes.get = [&](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish finish) {
    waiter.Change([&] { kept.push_back(std::move(finish)); });
  };
  std::vector<std::thread> callers;
  std::atomic<int> told{0};
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      const absl::Status status = server.Get("t1-agent-token", "tenants/t1/probes/p");
      if (status.code() == absl::StatusCode::kUnavailable && ReasonOf(status) == "SHUTTING_DOWN") {
        ++told;
      }
    });
  }
  REQUIRE(waiter.Wait([&] { return kept.size() == 8; }));
  const absl::Time begin = absl::Now();
  server.server->Stop(absl::Milliseconds(50));
  CHECK(absl::Now() - begin < absl::Seconds(10));
  for (std::thread& caller : callers) caller.join();
  CHECK(told == 8);
  for (Finish& finish : kept) finish(absl::OkStatus());  // late: nothing happens
}

TEST_CASE("Servers start and stop under load again and again") {
  for (int round = 0; round < 15; ++round) {
    ProbeServer server;
    std::atomic<bool> stop{false};
    std::vector<std::thread> callers;
    std::atomic<int> answered{0};
    for (int i = 0; i < 3; ++i) {
      callers.emplace_back([&] {
        while (!stop.load()) {
          if (server.Get("t1-agent-token", "tenants/t1/probes/p").ok()) ++answered;
        }
      });
    }
    const absl::Time give_up = absl::Now() + absl::Seconds(20);
    while (answered.load() < 20 && absl::Now() < give_up) std::this_thread::yield();
    CHECK(answered.load() >= 20);
    server.server->Stop(absl::Milliseconds(100));
    stop.store(true);
    for (std::thread& caller : callers) caller.join();
  }
}
