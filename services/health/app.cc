#include "services/health/app.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "services/health/consumer.h"
#include "services/health/health_rpc.h"
#include "services/health/tenants.h"
#include "services/health/timers.h"

namespace frontdesk::health {

absl::StatusOr<std::unique_ptr<App>> App::Open(const bus::AppDeps& deps, const Config& config,
                                               rpc::Host* host) {
  FD_RETURN_IF_ERROR(config.Validate());
  std::unique_ptr<App> app(new App(deps));
  FD_ASSIGN_OR_RETURN(
      app->shards_,
      bus::ShardSet::Open(deps, config.ShardOptions("health"), MakeRoutes(app->metrics_),
                          [&metrics = app->metrics_](const ::frontdesk::store::Timer& timer,
                                                     ::frontdesk::store::Command& command) {
                            MakeTimerCommand(metrics, timer, command);
                          }));
  app->service_ = std::make_unique<HealthService>(HealthService::Collaborators{
      *app->shards_, deps.read_pool, deps.clock, deps.random, app->metrics_});
  if (host != nullptr) app->rpc_.emplace(MakeHealthRpc(*host, *app->service_));
  return app;
}

std::vector<rpc::Service*> App::rpc_services() {
  if (!rpc_.has_value()) return {};
  return {&*rpc_};
}

void App::LoadTenants(const rpc::TenantsFile& tenants,
                      absl::AnyInvocable<void(absl::Status)> done) {
  LoadAccounts(metrics_, tenants, *shards_, std::move(done));
}

}  // namespace frontdesk::health
