#include "libs/process/process.h"

#include <csignal>
#include <cstdio>
#include <future>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <sysexits.h>
#include <unistd.h>

#include "absl/synchronization/mutex.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/bus/embedded_log.h"
#include "libs/bus/kafka_log.h"
#include "libs/process/admin_target.h"
#include "libs/process/topic_check.h"
#include "libs/telemetry/log.h"

namespace frontdesk::process {
namespace {

constexpr absl::Duration kHouseKeeping = absl::Milliseconds(200);
constexpr absl::Duration kLoadTenantsMax = absl::Seconds(60);
constexpr absl::Duration kReadyMax = absl::Seconds(10);
constexpr absl::Duration kReadyLook = absl::Milliseconds(20);
constexpr absl::Duration kTopicCheckMax = absl::Seconds(5);

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// True when a stop signal arrived within `wait`.
bool WaitForStopSignal(absl::Duration wait) {
  const sigset_t signals = StopSignals();
  const timespec timeout = absl::ToTimespec(wait);
  return sigtimedwait(&signals, nullptr, &timeout) > 0;
}

int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return EX_CONFIG;
    case absl::StatusCode::kUnavailable:
      return EX_UNAVAILABLE;
    case absl::StatusCode::kResourceExhausted:
      return EX_IOERR;
    default:
      return EX_SOFTWARE;
  }
}

}  // namespace

int ReportFailure(const std::string& name, const absl::Status& status) {
  fmt::print(stderr, "{}: {}\n", name, status);
  return ExitCode(status);
}

void ProcessOptions::Describe(config::Fields& fields) {
  fields.Add("data_dir", &data_dir, "Folder of all state.").Required();
  fields.Add("tenants_file", &tenants_file,
             "YAML of tenants, tokens and what they begin with. Loaded at each start.");
  fields.Add("grpc_listen", &grpc_listen, "host:port of the gRPC services.").Required();
  fields.Add("metrics_listen", &metrics_listen, "host:port of /metrics.").Required();
  fields.Add("reflection", &reflection, "Offer gRPC server reflection (grpcurl).");
  fields.Add("kafka", &kafka, "Brokers host:port,…; empty uses the embedded log in data_dir.");
  fields.Add("installation_id", &installation_id,
             "Id of the installation, the same in all its processes; empty: made at first start.");
  fields.Add("shard_count", &shard_count, "Shards of the installation; fixed at the first start.")
      .Range(1, 1024);
  fields.Add("first_start", &first_start,
             "May stores be made? false where an empty data_dir means a lost volume.");
  fields.Add("block_cache", &block_cache, "RocksDB block cache of the whole process.")
      .Range(config::MiB(1), config::GiB(1024));
  fields.Add("write_buffers", &write_buffers, "RocksDB memtables of the whole process.")
      .Range(config::MiB(4), config::GiB(64));
  fields.Add("disk_soft_limit", &disk_soft_limit,
             "Free space below which changes are refused and readiness is off.");
  fields.Add("disk_hard_limit", &disk_hard_limit, "Free space below which the process exits.");
  fields.Add("stop_deadline", &stop_deadline, "Longest graceful stop.")
      .Range(absl::Seconds(1), absl::Minutes(10));
  fields.Add("kafka_message_timeout", &kafka_message_timeout,
             "0: events are never given up. Anything else is for tests of exactly that.");
  fields.Add(
      "key_ring", &key_ring,
      "File of the tenants' keys, where channel runs; empty: data_dir/keys. Back it up apart "
      "from the data: without it sealed text can't be read.");
  fields.Add("log_level", &log_level, "Least level logged.")
      .OneOf({"debug", "info", "warn", "error"});
  fields.Add("log_format", &log_format, "Form of a log line.").OneOf({"text", "json"});
}

absl::StatusOr<std::unique_ptr<Process>> Process::Open(std::string name,
                                                       const ProcessOptions& options) {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // Debian builds Abseil with its debugging aids: every lock that gRPC takes would be entered in a
  // graph of lock orders, a seventh of the processor time of a read. The sanitizers look for that.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::unique_ptr<Process> process(new Process());
  process->name_ = std::move(name);
  process->options_ = options;
  FD_RETURN_IF_ERROR(process->OpenParts());
  return process;
}

absl::Status Process::OpenParts() {
  telemetry::LogOptions log;
  FD_RETURN_IF_ERROR(telemetry::ParseLevel(options_.log_level, log.min_level));
  FD_RETURN_IF_ERROR(telemetry::ParseLogFormat(options_.log_format, log.format));
  log.service = name_;
  telemetry::ConfigureLog(log);
  if (!options_.tenants_file.empty()) {
    FD_ASSIGN_OR_RETURN(tenants_, rpc::LoadTenantsFile(options_.tenants_file));
  }
  FD_ASSIGN_OR_RETURN(authenticator_, rpc::TokenAuthenticator::Make(tenants_));
  telemetry::Metrics::Options metrics;
  // Six services have more methods and outcomes than the default allows one family.
  metrics.max_series_per_family = 1000;
  metrics_ = std::make_unique<telemetry::Metrics>(metrics);
  store::Environment::Options environment;
  environment.block_cache_bytes = static_cast<size_t>(options_.block_cache.bytes);
  environment.write_buffer_bytes = static_cast<size_t>(options_.write_buffers.bytes);
  environment.on_write_failed = [this](const std::string& file, const absl::Status& status) {
    // There is no way back: RocksDB would abort. What was acknowledged is on disk.
    LogFailure(status, file);
    _exit(EX_IOERR);
  };
  environment_ = store::Environment::OnDisk(environment);
  bus::Installation::Options installation;
  installation.data_dir = options_.data_dir;
  installation.id = options_.installation_id;
  installation.shard_count = static_cast<uint32_t>(options_.shard_count);
  installation.first_start = options_.first_start;
  FD_ASSIGN_OR_RETURN(installation_,
                      bus::Installation::Open(installation, *environment_, clock_.Now(), random_));
  store::SpaceGuard::Options guard;
  guard.directory = options_.data_dir;
  guard.soft_limit_bytes = static_cast<uint64_t>(options_.disk_soft_limit.bytes);
  guard.hard_limit_bytes = static_cast<uint64_t>(options_.disk_hard_limit.bytes);
  guard_ = std::make_unique<store::SpaceGuard>(guard, *metrics_);
  guard_->Step(clock_.Steady());
  if (guard_->state() == store::SpaceGuard::State::kHard) {
    // Before any store is opened: RocksDB aborts when opening one fills the disk.
    return absl::ResourceExhaustedError(
        fmt::format("the disk of {} is full: {} bytes are free; free space or enlarge the volume",
                    options_.data_dir, guard_->free_bytes()));
  }
  read_pool_ = std::make_unique<store::ReadPool>(store::ReadPool::Options{}, *metrics_);
  prepare_pool_ = std::make_unique<bus::PreparePool>(bus::PreparePool::Options{}, *metrics_);
  FD_RETURN_IF_ERROR(OpenBus());
  host_ = std::make_unique<rpc::Host>(*authenticator_, clock_, random_, *metrics_,
                                      rpc::Host::Options{});
  deps_.reset(new bus::AppDeps{clock_, random_, *environment_, *installation_, *log_, *metrics_,
                               *guard_, *read_pool_, *prepare_pool_,
                               [this](const absl::Status& status) {
                                 Fail(status);
                                 kill(getpid(), SIGTERM);
                               }});
  return absl::OkStatus();
}

absl::Status Process::OpenBus() {
  if (options_.kafka.empty()) {
    bus::EmbeddedLog::Options log;
    log.directory = options_.data_dir + "/bus";
    FD_ASSIGN_OR_RETURN(log_, bus::EmbeddedLog::Open({*environment_, clock_, random_, *metrics_,
                                                      [this](const absl::Status& status) {
                                                        Fail(status);
                                                        kill(getpid(), SIGTERM);
                                                      }},
                                                     log));
  } else {
    bus::KafkaLog::Options log;
    log.brokers = options_.kafka;
    log.message_timeout = options_.kafka_message_timeout;
    FD_ASSIGN_OR_RETURN(log_, bus::KafkaLog::Open({clock_, random_, *metrics_}, log));
  }
  const absl::Status topics = log_->EnsureTopics(static_cast<uint32_t>(options_.shard_count));
  if (topics.code() == absl::StatusCode::kUnavailable) {
    // Writes go on without the bus; relay and consumers keep trying.
    telemetry::Log(telemetry::Level::kWarn, "bus.unavailable", {{"error", topics}});
    return absl::OkStatus();
  }
  return topics;
}

Process::~Process() = default;

absl::StatusOr<std::unique_ptr<text::KeyRing>> Process::OpenKeyRing() {
  text::KeyRing::Options ring;
  ring.path = options_.key_ring.empty() ? options_.data_dir + "/keys" : options_.key_ring;
  ring.create_if_missing = !installation_->Made("channel", 0);
  return text::KeyRing::Open(ring, random_);
}

void Process::Add(App& app) { apps_.push_back(&app); }

absl::Status Process::StartAll() {
  // The embedded log is as new as the stores beside it.
  for (App* app : apps_) {
    if (options_.kafka.empty()) break;
    FD_RETURN_IF_ERROR(CheckOwnTopic(*log_, app->shards(), kTopicCheckMax));
  }
  for (App* app : apps_) {
    admins_.push_back(std::make_unique<ShardAdmin>(app->shards(), *deps_));
    app->Start();
  }
  std::vector<rpc::AdminTarget*> targets;
  for (const auto& admin : admins_) targets.push_back(admin.get());
  admin_ = std::make_unique<rpc::AdminService>(*host_, std::move(targets));
  FD_RETURN_IF_ERROR(LoadTenants());
  std::vector<rpc::Service*> services = {&admin_->rpc()};
  for (App* app : apps_) {
    for (rpc::Service* service : app->rpc_services()) services.push_back(service);
  }
  FD_ASSIGN_OR_RETURN(metrics_server_,
                      telemetry::MetricsServer::Start(options_.metrics_listen, *metrics_));
  rpc::Server::Options server;
  server.listen_address = options_.grpc_listen;
  server.reflection = options_.reflection;
  FD_ASSIGN_OR_RETURN(server_, rpc::Server::Start(server, services));
  UpdateServing();
  return absl::OkStatus();
}

absl::Status Process::LoadTenants() {
  for (App* app : apps_) {
    auto loaded = std::make_shared<std::promise<absl::Status>>();
    std::future<absl::Status> result = loaded->get_future();
    app->LoadTenants(tenants_,
                     [loaded](absl::Status status) { loaded->set_value(std::move(status)); });
    if (result.wait_for(absl::ToChronoSeconds(kLoadTenantsMax)) != std::future_status::ready) {
      return absl::UnavailableError(
          fmt::format("{} did not load the tenants file in time", app->shards().service()));
    }
    const absl::Status status = result.get();
    if (status.ok()) continue;
    telemetry::Log(telemetry::Level::kError, "tenants.not_loaded",
                   {{"service", app->shards().service()}, {"error", status}});
    // No room for changes (disk nearly full, outbox at its limit): the process must live all the
    // same, for only it can drain what fills it. The tokens are in memory anyway.
    if (status.code() != absl::StatusCode::kResourceExhausted) return status;
  }
  return absl::OkStatus();
}

void Process::UpdateServing() {
  server_->SetServing(admin_->rpc().full_name(), true);
  for (App* app : apps_) {
    const bool ready = app->Ready().ok();
    for (rpc::Service* service : app->rpc_services()) {
      server_->SetServing(service->full_name(), ready);
    }
  }
}

bool Process::AwaitReady() {
  const absl::Duration until = clock_.Steady() + kReadyMax;
  const auto worth_waiting = [this] {
    for (App* app : apps_) {
      const absl::Status ready = app->Ready();
      // Waiting makes no room on a disk, and reads can be served.
      if (!ready.ok() && ready.code() != absl::StatusCode::kResourceExhausted) return true;
    }
    return false;
  };
  while (worth_waiting() && clock_.Steady() < until) {
    if (WaitForStopSignal(kReadyLook)) return false;
  }
  UpdateServing();
  return true;
}

void Process::Fail(const absl::Status& status) {
  if (!fatal_.exchange(true)) LogFailure(status);
}

void Process::LogFailure(const absl::Status& status, const std::string& file) const {
  telemetry::Log(telemetry::Level::kError, "process.failed", {{"error", status}, {"file", file}});
  // A write may meet the end of the disk before the guard looks.
  if (ReasonOf(status) != "DISK_SPACE_LOW") return;
  telemetry::Log(telemetry::Level::kError, "disk.full",
                 {{"directory", options_.data_dir},
                  {"free_bytes", guard_ == nullptr ? 0 : guard_->free_bytes()},
                  {"advice", "free space or enlarge the volume; nothing acknowledged is lost"}});
}

void Process::KeepHouse() {
  while (!WaitForStopSignal(kHouseKeeping)) {
    guard_->Step(clock_.Steady());
    if (guard_->state() == store::SpaceGuard::State::kHard) {
      Fail(Error(absl::StatusCode::kResourceExhausted, "DISK_SPACE_LOW",
                 "free space is below the hard limit"));
    }
    if (fatal_) return;
    log_->Step(clock_.Now());
    UpdateServing();
  }
}

void Process::StopAll() {
  // After a failed sync nothing can be drained; callers were told that the outcome is unknown.
  const absl::Duration deadline = fatal_ ? absl::Seconds(1) : options_.stop_deadline;
  if (server_ != nullptr) {
    server_->SetAllServing(false);
    server_->Stop(deadline / 3);
  }
  // Side by side: each may wait for a bus that is away, and the deadline is for all of them.
  std::vector<std::thread> stopping;
  for (App* app : apps_) {
    stopping.emplace_back([app, deadline] { app->Stop(deadline * 2 / 3); });
  }
  for (std::thread& thread : stopping) thread.join();
  // A read whose caller has gone may still be under way, and the stores go next.
  read_pool_->Stop();
  prepare_pool_->Stop();
  server_.reset();
  admin_.reset();
  metrics_server_.reset();
}

int Process::Run(const std::function<void(const std::string&, int)>& on_ready) {
  telemetry::Log(telemetry::Level::kInfo, "process.starting",
                 {{"data_dir", options_.data_dir}, {"installation", installation_->id()}});
  const absl::Status started = StartAll();
  if (started.ok() && AwaitReady()) {
    telemetry::Log(telemetry::Level::kInfo, "process.ready",
                   {{"grpc", server_->address()}, {"metrics_port", metrics_server_->port()}});
    if (on_ready) on_ready(server_->address(), metrics_server_->port());
    KeepHouse();
  }
  telemetry::Log(telemetry::Level::kInfo, "process.stopping", {});
  StopAll();
  if (!started.ok()) return ReportFailure(name_, started);
  if (fatal_) return EX_IOERR;
  telemetry::Log(telemetry::Level::kInfo, "process.stopped", {});
  return 0;
}

}  // namespace frontdesk::process
