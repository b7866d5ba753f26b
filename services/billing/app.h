#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/bus/shard.h"
#include "libs/process/app.h"
#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/billing/billing_service.h"
#include "services/billing/config.h"
#include "services/billing/metrics.h"

namespace frontdesk::billing {

// The billing service, wired. See process::App for owner and life cycle.
class App final : public process::App {
 public:
  // `host` is null in the simulation. FAILED_PRECONDITION, INVALID_ARGUMENT. Blocks.
  static absl::StatusOr<std::unique_ptr<App>> Open(const bus::AppDeps& deps, const Config& config,
                                                   rpc::Host* host);

  BillingService& service() { return *service_; }

  bus::ShardSet& shards() override { return *shards_; }
  std::vector<rpc::Service*> rpc_services() override;
  void LoadTenants(const rpc::TenantsFile& tenants,
                   absl::AnyInvocable<void(absl::Status)> done) override;

 private:
  explicit App(const bus::AppDeps& deps) : metrics_(deps.metrics) {}

  const Metrics metrics_;
  std::unique_ptr<bus::ShardSet> shards_;
  std::unique_ptr<BillingService> service_;
  std::optional<rpc::Service> rpc_;
};

}  // namespace frontdesk::billing
