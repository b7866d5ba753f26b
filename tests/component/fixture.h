#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/bus/embedded_log.h"
#include "libs/process/app.h"
#include "libs/process/peers.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "libs/rpc/tenants_file.h"

namespace frontdesk::component {

inline constexpr char kAdmin[] = "admin-token";
inline constexpr char kAnalyst[] = "analyst-token";
inline constexpr char kChannel[] = "channel-token";

// Customers that nobody knows: texts are kept masked only.
class NoDataKeys : public process::DataKeys {
 public:
  void Get(std::string_view, std::vector<std::string> customers, absl::Duration,
           Done done) override {
    done(std::vector<Key>(customers.size()));
  }
};

inline rpc::TenantsFile Tenants() {
  rpc::TenantsFile file;
  rpc::TenantEntry& tenant = file.tenants.emplace_back();
  tenant.id = "acme";
  tenant.tokens.push_back({"ann", rpc::Role::kAdmin, rpc::TokenSha256(kAdmin)});
  tenant.tokens.push_back({"ada", rpc::Role::kAnalyst, rpc::TokenSha256(kAnalyst)});
  tenant.tokens.push_back({"shop", rpc::Role::kChannel, rpc::TokenSha256(kChannel)});
  return file;
}

// One service with its threads, a real store in a folder of its own, the embedded log, and gRPC on
// a free port. Used by one thread.
class ServiceUnderTest {
 public:
  using OpenApp =
      std::function<absl::StatusOr<std::unique_ptr<process::App>>(const bus::AppDeps&, rpc::Host*)>;

  // `service` is the full name that calls go to, for example "frontdesk.ticket.v1.TicketService".
  ServiceUnderTest(std::string service, OpenApp open, rpc::TenantsFile tenants = Tenants())
      : service_(std::move(service)), open_(std::move(open)), tenants_(std::move(tenants)) {
    std::string pattern = std::filesystem::temp_directory_path() / "frontdesk-component-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
    authenticator_ = rpc::TokenAuthenticator::Make(tenants_).value();
    host_ = std::make_unique<rpc::Host>(*authenticator_, clock_, random_, metrics_,
                                        rpc::Host::Options{});
    Start();
  }
  ~ServiceUnderTest() {
    Stop();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  // Stops it and opens what is on disk again.
  void Restart() {
    Stop();
    Start();
  }

  // A client of its gRPC port with a credential.
  std::unique_ptr<rpc::Client> Connect(const std::string& token) {
    rpc::Client::Options options;
    options.target = server_->address();
    options.token = token;
    return rpc::Client::Connect(std::move(options), clock_, random_, metrics_);
  }
  template <class Response>
  absl::StatusOr<Response> Call(const std::string& token, const std::string& method,
                                const google::protobuf::Message& request) {
    const auto client = Connect(token);
    rpc::Outgoing outgoing;
    outgoing.cap = absl::Seconds(20);
    return client->UnaryBlocking<Response>("/" + service_ + "/" + method, outgoing, request);
  }
  // The same for one that must succeed.
  template <class Response>
  Response Must(const std::string& token, const std::string& method,
                const google::protobuf::Message& request) {
    auto response = Call<Response>(token, method, request);
    INFO(method << ": " << response.status().ToString());
    REQUIRE(response.ok());
    return *std::move(response);
  }
  // The reason that it is refused with; "OK" when it is not.
  template <class Response>
  std::string Refusal(const std::string& token, const std::string& method,
                      const google::protobuf::Message& request) {
    const absl::Status status = Call<Response>(token, method, request).status();
    return status.ok() ? "OK" : ReasonOf(status);
  }

 private:
  void Start() {
    installation_ =
        bus::Installation::Open({.data_dir = directory_}, *environment_, clock_.Now(), random_)
            .value();
    log_ = bus::EmbeddedLog::Open(
               {*environment_, clock_, random_, metrics_, [](const absl::Status&) {}},
               {.directory = directory_ + "/bus"})
               .value();
    REQUIRE(log_->EnsureTopics(1).ok());
    guard_.Step(clock_.Steady());
    deps_ = std::make_unique<bus::AppDeps>(
        bus::AppDeps{clock_, random_, *environment_, *installation_, *log_, metrics_, guard_,
                     read_pool_, prepare_pool_, [](const absl::Status&) { std::abort(); }});
    auto opened = open_(*deps_, host_.get());
    INFO(opened.status().ToString());
    REQUIRE(opened.ok());
    app_ = *std::move(opened);
    app_->Start();
    std::promise<absl::Status> loaded;
    app_->LoadTenants(tenants_, [&](absl::Status status) { loaded.set_value(std::move(status)); });
    REQUIRE(loaded.get_future().get().ok());
    rpc::Server::Options server;
    server.listen_address = "127.0.0.1:0";
    server_ = rpc::Server::Start(server, app_->rpc_services()).value();
  }
  void Stop() {
    server_->Stop(absl::Seconds(5));
    app_->Stop(absl::Seconds(10));
    server_.reset();
    app_.reset();
    deps_.reset();
    log_.reset();
    installation_.reset();
  }

  const std::string service_;
  const OpenApp open_;
  const rpc::TenantsFile tenants_;
  std::string directory_;
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  std::unique_ptr<store::Environment> environment_ =
      store::Environment::OnDisk(store::Environment::Options{});
  store::SpaceGuard guard_{
      {.directory = "/",
       .free_bytes = [](const std::string&) { return absl::StatusOr<uint64_t>(1ull << 40); }},
      metrics_};
  store::ReadPool read_pool_{store::ReadPool::Options{}, metrics_};
  bus::PreparePool prepare_pool_{bus::PreparePool::Options{}, metrics_};
  std::unique_ptr<rpc::TokenAuthenticator> authenticator_;
  std::unique_ptr<rpc::Host> host_;
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> log_;
  std::unique_ptr<bus::AppDeps> deps_;
  std::unique_ptr<process::App> app_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace frontdesk::component
