#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/rpc/authenticator.h"
#include "libs/rpc/host.h"
#include "libs/rpc/server.h"
#include "libs/rpc/service.h"
#include "libs/rpc/status.h"
#include "libs/rpc/testing/probe.grpc.pb.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::rpc::testing {

inline constexpr char kTenants[] = R"(
platform:
  tokens:
    - {principal: svc-dialog, role: service, token: platform-service}
    - {principal: root, role: admin, token: platform-admin}
tenants:
  - id: t1
    display_name: One
    tokens:
      - {principal: mia, role: agent, token: t1-agent-token}
      - {principal: ana, role: analyst, token: t1-analyst-token}
      - {principal: boss, role: admin, token: t1-admin-token}
  - id: t2
    display_name: Two
    tokens:
      - {principal: mia, role: agent, token: t2-agent-token}
)";

// Waits for a condition with a deadline; never sleeps.
class Waiter {
 public:
  // Wakes the waiter after `change` was made; under the lock, because the waiter may be gone after.
  void Change(const std::function<void()>& change) {
    std::lock_guard lock(mu_);
    change();
    changed_.notify_all();
  }
  template <class Condition>
  bool Wait(Condition condition) {
    std::unique_lock lock(mu_);
    return changed_.wait_for(lock, std::chrono::seconds(20), condition);
  }

 private:
  std::mutex mu_;
  std::condition_variable changed_;
};

// Does what each test sets; by default echoes the name.
class Probes {
 public:
  using Get = std::function<void(const Call&, const GetProbeRequest&, GetProbeResponse*, Finish)>;
  using Update =
      std::function<void(const Call&, const UpdateProbeRequest&, UpdateProbeResponse*, Finish)>;
  using Watch = std::function<void(const Call&, const WatchProbesRequest&,
                                   StreamWriter<WatchProbesResponse>)>;

  void GetProbe(const Call& call, const GetProbeRequest& request, GetProbeResponse* response,
                Finish finish) {
    get(call, request, response, std::move(finish));
  }
  void UpdateProbe(const Call& call, const UpdateProbeRequest& request,
                   UpdateProbeResponse* response, Finish finish) {
    update(call, request, response, std::move(finish));
  }
  void ListProbes(const Call&, const ListProbesRequest&, ListProbesResponse*, Finish finish) {
    finish(absl::OkStatus());
  }
  void WatchProbes(const Call& call, const WatchProbesRequest& request,
                   StreamWriter<WatchProbesResponse> writer) {
    watch(call, request, std::move(writer));
  }

  Get get = [](const Call&, const GetProbeRequest& request, GetProbeResponse* response,
               Finish finish) {
    response->mutable_probe()->set_name(request.name());
    finish(absl::OkStatus());
  };
  Update update = [](const Call&, const UpdateProbeRequest& request, UpdateProbeResponse* response,
                     Finish finish) {
    *response->mutable_probe() = request.probe();
    finish(absl::OkStatus());
  };
  Watch watch = [](const Call&, const WatchProbesRequest&, StreamWriter<WatchProbesResponse>) {};
};

// A server for ProbeService on a free port, with a plain gRPC stub.
class ProbeServer {
 public:
  explicit ProbeServer(Host::Options host_options = {}, Server::Options options = {},
                       StreamOptions stream_options = {})
      : file(*ParseTenants(kTenants, "tenants.yaml")),
        authenticator(*TokenAuthenticator::Make(file)),
        host(*authenticator, clock, random, metrics, host_options),
        service(host, "frontdesk.rpc.testing.ProbeService") {
    service.Unary(probes, &Probes::GetProbe, {.name = "GetProbe", .roles = kReaders})
        .Unary(probes, &Probes::UpdateProbe,
               {.name = "UpdateProbe", .roles = kAgents, .mutation = true, .frees_space = true})
        .Unary(probes, &Probes::ListProbes, {.name = "ListProbes", .roles = kReaders})
        .ServerStream(probes, &Probes::WatchProbes, {.name = "WatchProbes", .roles = kReaders},
                      stream_options);
    options.listen_address = "127.0.0.1:0";
    server = *Server::Start(options, {&service});
    server->SetAllServing(true);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    channel =
        grpc::CreateCustomChannel(server->address(), grpc::InsecureChannelCredentials(), arguments);
    stub = ProbeService::NewStub(channel);
  }

  static void Authorize(grpc::ClientContext& context, const std::string& token) {
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }

  absl::Status Get(const std::string& token, const std::string& name,
                   GetProbeResponse* response = nullptr) {
    grpc::ClientContext context;
    Authorize(context, token);
    GetProbeRequest request;
    request.set_name(name);
    GetProbeResponse unused;
    return FromGrpcStatus(
        stub->GetProbe(&context, request, response == nullptr ? &unused : response));
  }

  absl::Status Update(const std::string& token, const std::string& name,
                      const std::string& request_id) {
    grpc::ClientContext context;
    Authorize(context, token);
    UpdateProbeRequest request;
    request.mutable_probe()->set_name(name);
    request.set_request_id(request_id);
    UpdateProbeResponse response;
    return FromGrpcStatus(stub->UpdateProbe(&context, request, &response));
  }

  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  TenantsFile file;
  std::unique_ptr<TokenAuthenticator> authenticator;
  Host host;
  Probes probes;
  Service service;
  std::unique_ptr<Server> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<ProbeService::Stub> stub;
};

}  // namespace frontdesk::rpc::testing
