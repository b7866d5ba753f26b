#include "libs/rpc/server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/service_type.h>

#include <chrono>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "libs/base/error.h"
#include "libs/rpc/message_codec.h"
#include "libs/rpc/reflection.h"
#include "libs/telemetry/log.h"

namespace frontdesk::rpc {
namespace {

// For the answers to calls that are ended when the grace is over.
constexpr absl::Duration kAnswerMax = absl::Milliseconds(200);

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void Configure(const Server::Options& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.receive_bytes_max);
  builder.SetMaxSendMessageSize(options.send_bytes_max);
  // A second server on a taken port must be an error, not a thief of half the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.concurrent_streams_max);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Millis(options.client_ping_interval_min));
  grpc::ResourceQuota quota("frontdesk");
  quota.Resize(options.memory_bytes_max);
  builder.SetResourceQuota(quota);
}

}  // namespace

class Server::Impl {
 public:
  std::vector<std::unique_ptr<grpc::Service>> reflection;  // outlives `server`
  std::unique_ptr<grpc::Server> server;
  std::set<std::string, std::less<>> services;
  std::set<Host*> hosts;
  std::mutex mu;
  std::set<std::string, std::less<>> serving;  // guarded by mu
  bool stopped = false;                        // of the owning thread
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options,
                                                      const std::vector<Service*>& services) {
  CaptureProtobufLog();
  grpc::EnableDefaultHealthCheckService(true);
  std::unique_ptr<Server> result(new Server());
  result->impl_ = std::make_unique<Impl>();
  grpc::ServerBuilder builder;
  Configure(options, builder);
  builder.AddListeningPort(options.listen_address, grpc::InsecureServerCredentials(),
                           &result->port_);
  for (Service* service : services) {
    builder.RegisterService(service->Complete());
    result->impl_->services.insert(service->full_name());
    result->impl_->hosts.insert(&service->host());
  }
  if (options.reflection) {
    const auto& names = result->impl_->services;
    result->impl_->reflection = MakeReflectionServices({names.begin(), names.end()});
    for (const auto& service : result->impl_->reflection) builder.RegisterService(service.get());
  }
  result->impl_->server = builder.BuildAndStart();
  if (result->impl_->server == nullptr || result->port_ == 0) {
    return Error(absl::StatusCode::kUnavailable, "ADDRESS_IN_USE",
                 "cannot listen on " + options.listen_address +
                     ": the address is taken or not one of this machine");
  }
  const std::string host = options.listen_address.substr(0, options.listen_address.rfind(':'));
  result->address_ = host + ":" + std::to_string(result->port_);
  result->SetAllServing(false);
  return result;
}

Server::~Server() {
  if (impl_ != nullptr && impl_->server != nullptr) Stop(absl::ZeroDuration());
}

void Server::SetServing(std::string_view service, bool serving) {
  grpc::HealthCheckServiceInterface* health = impl_->server->GetHealthCheckService();
  std::lock_guard lock(impl_->mu);
  if (serving) {
    impl_->serving.emplace(service);
  } else {
    impl_->serving.erase(std::string(service));
  }
  health->SetServingStatus(std::string(service), serving);
  health->SetServingStatus("", impl_->serving == impl_->services);
}

void Server::SetAllServing(bool serving) {
  for (const std::string& service : impl_->services) SetServing(service, serving);
  if (impl_->services.empty()) impl_->server->GetHealthCheckService()->SetServingStatus(serving);
}

void Server::Stop(absl::Duration grace) {
  if (std::exchange(impl_->stopped, true)) return;
  impl_->server->GetHealthCheckService()->Shutdown();
  const absl::Time begin = absl::Now();
  std::promise<void> ended;
  std::thread shutdown([this, grace, &ended] {
    // Stops listening, waits, then cancels what still runs; our reactors answer a cancellation at
    // once, so the wait after it is short.
    impl_->server->Shutdown(std::chrono::system_clock::now() +
                            absl::ToChronoMilliseconds(grace + kAnswerMax));
    impl_->server->Wait();
    ended.set_value();
  });
  // Before gRPC cuts the connections: the callers shall read why, and try elsewhere.
  if (ended.get_future().wait_for(absl::ToChronoMilliseconds(grace)) != std::future_status::ready) {
    for (Host* host : impl_->hosts) host->EndCalls();
  }
  shutdown.join();
  telemetry::Log(telemetry::Level::kInfo, "rpc.stopped",
                 {{"address", address_}, {"took", absl::Now() - begin}});
}

}  // namespace frontdesk::rpc
