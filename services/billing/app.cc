#include "services/billing/app.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "services/billing/billing_rpc.h"
#include "services/billing/consumer.h"
#include "services/billing/tenants.h"
#include "services/billing/timers.h"

namespace frontdesk::billing {

absl::StatusOr<std::unique_ptr<App>> App::Open(const bus::AppDeps& deps, const Config& config,
                                               rpc::Host* host) {
  FD_RETURN_IF_ERROR(config.Validate());
  std::unique_ptr<App> app(new App(deps));
  FD_ASSIGN_OR_RETURN(
      app->shards_,
      bus::ShardSet::Open(deps, config.ShardOptions("billing"), MakeRoutes(app->metrics_),
                          [&metrics = app->metrics_](const db::Timer& timer, db::Command& command) {
                            MakeTimerCommand(metrics, timer, command);
                          }));
  app->service_ = std::make_unique<BillingService>(
      BillingService::Collaborators{*app->shards_, deps.read_pool, deps.clock, app->metrics_});
  if (host != nullptr) app->rpc_.emplace(MakeBillingRpc(*host, *app->service_));
  return app;
}

std::vector<rpc::Service*> App::rpc_services() {
  if (!rpc_.has_value()) return {};
  return {&*rpc_};
}

void App::LoadTenants(const rpc::TenantsFile& tenants,
                      absl::AnyInvocable<void(absl::Status)> done) {
  LoadBilling(tenants, *shards_, std::move(done));
}

}  // namespace frontdesk::billing
