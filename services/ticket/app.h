#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/bus/shard.h"
#include "libs/process/app.h"
#include "libs/process/peers.h"
#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/ticket/config.h"
#include "services/ticket/metrics.h"
#include "services/ticket/texts.h"
#include "services/ticket/ticket_service.h"

namespace frontdesk::ticket {

// The ticket service, wired. See process::App for owner and life cycle. `keys` outlives it.
class App final : public process::App {
 public:
  // `host` is null in the simulation. FAILED_PRECONDITION, INVALID_ARGUMENT. Blocks.
  static absl::StatusOr<std::unique_ptr<App>> Open(const bus::AppDeps& deps, const Config& config,
                                                   process::DataKeys& keys, rpc::Host* host);

  TicketService& service() { return *service_; }

  bus::ShardSet& shards() override { return *shards_; }
  std::vector<rpc::Service*> rpc_services() override;
  void LoadTenants(const rpc::TenantsFile& tenants,
                   absl::AnyInvocable<void(absl::Status)> done) override;

 private:
  App(const bus::AppDeps& deps, const Config& config, process::DataKeys& keys)
      : metrics_(deps.metrics), texts_(keys, config.key_timeout, metrics_) {}

  const Metrics metrics_;
  Texts texts_;
  std::unique_ptr<bus::ShardSet> shards_;
  std::unique_ptr<TicketService> service_;
  std::optional<rpc::Service> rpc_;
};

}  // namespace frontdesk::ticket
