#include "services/dialog/app.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "services/dialog/consumer.h"
#include "services/dialog/dialog_rpc.h"
#include "services/dialog/tenants.h"
#include "services/dialog/timers.h"

namespace frontdesk::dialog {

App::App(const bus::AppDeps& deps, const Config& config, process::DataKeys& keys,
         process::Answers& answers)
    : config_(config),
      metrics_(deps.metrics),
      scope_(std::make_shared<HandlerScope>(HandlerScope{config_, metrics_})),
      texts_(keys, config.key_timeout),
      preparer_(std::make_shared<MessagePreparer>(
          MessagePreparer::Collaborators{keys, answers, deps.clock, metrics_})),
      worker_(preparer_, deps.prepare_pool, scope_, config.prepare_deadline),
      ask_again_([this](const AnswerWish& wish) { worker_.Ask(wish); }) {}

App::~App() { preparer_->Close(); }

absl::StatusOr<std::unique_ptr<App>> App::Open(const bus::AppDeps& deps, const Config& config,
                                               process::DataKeys& keys, process::Answers& answers,
                                               rpc::Host* host) {
  FD_RETURN_IF_ERROR(config.Validate());
  std::unique_ptr<App> app(new App(deps, config, keys, answers));
  FD_ASSIGN_OR_RETURN(
      app->shards_,
      bus::ShardSet::Open(deps, config.ShardOptions(), MakeRoutes(*app->scope_, app->preparer_),
                          [app = app.get()](const engine::Timer& timer, engine::Command& command) {
                            MakeTimerCommand(*app->scope_, app->ask_again_, timer, command);
                          }));
  app->preparer_->Attach(*app->shards_);
  app->service_ = std::make_unique<DialogService>(DialogService::Collaborators{
      *app->shards_, deps.read_pool, app->texts_, deps.clock, *app->scope_});
  if (host != nullptr) app->rpc_.emplace(MakeDialogRpc(*host, *app->service_));
  return app;
}

std::vector<rpc::Service*> App::rpc_services() {
  if (!rpc_.has_value()) return {};
  return {&*rpc_};
}

void App::LoadTenants(const rpc::TenantsFile& tenants,
                      absl::AnyInvocable<void(absl::Status)> done) {
  LoadAgents(tenants, *shards_, std::move(done));
}

}  // namespace frontdesk::dialog
