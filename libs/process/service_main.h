#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/config/load.h"
#include "libs/process/process.h"
#include "libs/process/remote_data_keys.h"

namespace frontdesk::process {

// Where the services that a service calls are, when they are not in its process.
struct PeerOptions {
  std::string channel = "127.0.0.1:7001";
  std::string dialog = "127.0.0.1:7002";
  std::string knowledge = "127.0.0.1:7003";
  std::string ticket = "127.0.0.1:7004";
  std::string token;

  void Describe(config::Fields& fields);
};

// Connections to other services' processes, made when first asked for, and what else a service leans
// on. Goes after the service and before the process.
class Peers {
 public:
  Peers(const PeerOptions& options, const bus::AppDeps& deps) : options_(options), deps_(deps) {}

  DataKeys& data_keys();
  rpc::Client& knowledge();
  // Null when its address is empty: what needs it is refused.
  rpc::Client* dialog();
  rpc::Client* ticket();
  // Keeps a part that the service needs.
  template <class Part>
  Part& Own(std::unique_ptr<Part> part) {
    Part& kept = *part;
    owned_.push_back(std::shared_ptr<void>(std::move(part)));
    return kept;
  }

 private:
  std::unique_ptr<rpc::Client> Connect(const std::string& target) const;

  const PeerOptions options_;
  const bus::AppDeps& deps_;
  std::unique_ptr<rpc::Client> channel_;
  std::unique_ptr<rpc::Client> knowledge_;
  std::unique_ptr<rpc::Client> dialog_;
  std::unique_ptr<rpc::Client> ticket_;
  std::unique_ptr<RemoteDataKeys> data_keys_;
  std::vector<std::shared_ptr<void>> owned_;
};

// main() of a service's own binary: options (the process's, the service's under its name, `peers`,
// and what `describe_more` adds), process, the service, run.
template <class Config>
int ServiceMain(
    const std::string& name, int argc, char** argv,
    std::function<absl::StatusOr<std::unique_ptr<App>>(Process&, Peers&, const Config&)> open,
    const std::function<void(config::Fields&)>& describe_more = nullptr) {
  ProcessOptions options;
  PeerOptions peer_options;
  Config config;
  config::Fields fields;
  options.Describe(fields);
  fields.Section("peers", peer_options);
  fields.Section(name, config);
  if (describe_more) describe_more(fields);
  const std::optional<int> exit_code =
      config::LoadOrExitCode(fields, config::FromMain(name, argc, argv));
  if (exit_code.has_value()) return *exit_code;
  if (absl::Status valid = config.Validate(); !valid.ok()) return ReportFailure(name, valid);
  auto process = Process::Open(name, options);
  if (!process.ok()) return ReportFailure(name, process.status());
  Peers peers(peer_options, (*process)->deps());
  auto app = open(**process, peers, config);
  if (!app.ok()) return ReportFailure(name, app.status());
  (*process)->Add(**app);
  return (*process)->Run();
}

}  // namespace frontdesk::process
