#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/config/fields.h"
#include "libs/process/admin_target.h"
#include "libs/process/app.h"
#include "libs/rpc/admin_service.h"
#include "libs/rpc/authenticator.h"
#include "libs/rpc/host.h"
#include "libs/rpc/server.h"
#include "libs/text/key_ring.h"

namespace frontdesk::process {

// What every binary can be told. Defaults are for a laptop.
struct ProcessOptions {
  std::string data_dir = ".data";
  std::string tenants_file;
  std::string grpc_listen = "127.0.0.1:7000";
  std::string metrics_listen = "127.0.0.1:9464";
  bool reflection = true;
  std::string kafka;  // host:port,…; empty: the embedded log
  std::string installation_id;
  int shard_count = 1;
  bool first_start = true;
  config::ByteSize block_cache = config::MiB(64);
  config::ByteSize write_buffers = config::MiB(64);
  config::ByteSize disk_soft_limit = config::MiB(512);
  config::ByteSize disk_hard_limit = config::MiB(128);
  absl::Duration stop_deadline = absl::Seconds(15);
  absl::Duration kafka_message_timeout = absl::ZeroDuration();
  std::string key_ring;
  std::string log_level = "info";
  std::string log_format = "text";

  void Describe(config::Fields& fields);
};

// The frame of a Frontdesk binary: log, metrics, stores' environment, bus, gRPC server, signals,
// and the order of starting and stopping. Made in main(), used by one thread.
//
//   auto process = Process::Open("ticket", options);
//   auto app = ticket::App::Open(process->deps(), config, peers, &process->host());
//   process->Add(**app);
//   return process->Run();
class Process {
 public:
  // Blocks signals for all threads made later, so call it before any thread is started.
  // FAILED_PRECONDITION, INVALID_ARGUMENT, UNAVAILABLE with what to do about it.
  static absl::StatusOr<std::unique_ptr<Process>> Open(std::string name,
                                                       const ProcessOptions& options);
  ~Process();

  const bus::AppDeps& deps() const { return *deps_; }
  rpc::Host& host() { return *host_; }
  const rpc::TenantsFile& tenants() const { return tenants_; }

  // The tenants' keys, for the process that channel runs in: the file `key_ring`, made at the first
  // start. A ring that is missing later means that all sealed text is lost: FAILED_PRECONDITION.
  absl::StatusOr<std::unique_ptr<text::KeyRing>> OpenKeyRing();

  // A service of this process, in the order of starting; the caller owns it and destroys it after
  // Run, before this.
  void Add(App& app);

  // Starts everything, loads the tenants file, prints `ready` lines, waits for SIGTERM or SIGINT,
  // and stops in order. The exit code: 0, or what sysexits.h says of the failure.
  int Run(const std::function<void(const std::string& grpc, int metrics_port)>& on_ready = {});

 private:
  Process() = default;
  absl::Status OpenParts();
  absl::Status OpenBus();
  absl::Status StartAll();
  absl::Status LoadTenants();
  // Until every service can do its work, for a while; false when a stop signal came.
  bool AwaitReady();
  // The first failure is the one to read about. Thread-safe.
  void Fail(const absl::Status& status);
  void LogFailure(const absl::Status& status, const std::string& file = "") const;
  // Until a signal or a fatal error: disk guard, retention of the embedded log, readiness.
  void KeepHouse();
  void UpdateServing();
  void StopAll();

  std::string name_;
  ProcessOptions options_;
  rpc::TenantsFile tenants_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<telemetry::Metrics> metrics_;
  std::unique_ptr<store::Environment> environment_;
  std::unique_ptr<store::SpaceGuard> guard_;
  std::unique_ptr<store::ReadPool> read_pool_;
  std::unique_ptr<bus::PreparePool> prepare_pool_;
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EventLog> log_;
  std::unique_ptr<rpc::TokenAuthenticator> authenticator_;
  std::unique_ptr<rpc::Host> host_;
  std::unique_ptr<bus::AppDeps> deps_;
  std::vector<App*> apps_;
  std::vector<std::unique_ptr<ShardAdmin>> admins_;
  std::unique_ptr<rpc::AdminService> admin_;
  std::unique_ptr<telemetry::MetricsServer> metrics_server_;
  std::unique_ptr<rpc::Server> server_;
  std::atomic<bool> fatal_{false};
};

// Says on stderr why a process can't start; gives its exit code (sysexits.h).
int ReportFailure(const std::string& name, const absl::Status& status);

}  // namespace frontdesk::process
