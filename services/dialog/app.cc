#include "services/dialog/app.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "services/dialog/consumer.h"
#include "services/dialog/dialog_rpc.h"
#include "services/dialog/tenants.h"
#include "services/dialog/timers.h"

namespace frontdesk::dialog {

App::App(const bus::AppDeps& deps, const Config& config, process::DataKeys& keys,
         process::Answers& answers, process::Encoding* encoding,
         std::shared_ptr<IntentModels> models, std::shared_ptr<Understander> understander)
    : config_(config),
      metrics_(deps.metrics),
      scope_(std::make_shared<HandlerScope>(HandlerScope{config_, metrics_})),
      texts_(keys, config.key_timeout),
      encoding_(encoding),
      models_(std::move(models)),
      understander_(std::move(understander)),
      preparer_(std::make_shared<MessagePreparer>(
          MessagePreparer::Collaborators{keys, answers, understander_, deps.clock, metrics_})),
      worker_(preparer_, deps.prepare_pool, scope_, config.prepare_deadline),
      ask_again_([this](const AnswerWish& wish) { worker_.Ask(wish); }) {}

App::~App() {
  if (models_ != nullptr) models_->Stop();
  preparer_->Close();
}

absl::StatusOr<std::unique_ptr<App>> App::Open(const bus::AppDeps& deps, const Config& config,
                                               process::DataKeys& keys, process::Answers& answers,
                                               process::Encoding* encoding, rpc::Host* host) {
  FD_RETURN_IF_ERROR(config.Validate());
  std::shared_ptr<IntentModels> models;
  std::shared_ptr<Understander> understander;
  if (encoding != nullptr) {
    const Metrics metrics(deps.metrics);
    IntentModels::Options options;
    options.directory = deps.installation.data_dir() + "/dialog/intent-models";
    models = std::make_shared<IntentModels>(
        IntentModels::Collaborators{*encoding, deps.clock, deps.environment, metrics},
        std::move(options));
    FD_ASSIGN_OR_RETURN(understander, Understander::Make({*encoding, models, deps.clock, metrics}));
  }
  std::unique_ptr<App> app(
      new App(deps, config, keys, answers, encoding, std::move(models), std::move(understander)));
  FD_ASSIGN_OR_RETURN(
      app->shards_,
      bus::ShardSet::Open(deps, config.ShardOptions(), MakeRoutes(*app->scope_, app->preparer_),
                          [app = app.get()](const engine::Timer& timer, engine::Command& command) {
                            MakeTimerCommand(*app->scope_, app->ask_again_, timer, command);
                          }));
  app->preparer_->Attach(*app->shards_);
  if (app->models_ != nullptr) app->models_->Attach(*app->shards_);
  app->service_ = std::make_unique<DialogService>(DialogService::Collaborators{
      *app->shards_, deps.read_pool, app->texts_, deps.clock, *app->scope_});
  app->intents_ = std::make_unique<IntentService>(
      IntentService::Collaborators{*app->shards_, deps.read_pool, deps.prepare_pool, deps.clock,
                                   app->models_, app->understander_});
  if (host != nullptr) app->rpc_.emplace(MakeDialogRpc(*host, *app->service_, *app->intents_));
  return app;
}

std::vector<rpc::Service*> App::rpc_services() {
  if (!rpc_.has_value()) return {};
  return {&*rpc_};
}

void App::LoadTenants(const rpc::TenantsFile& tenants,
                      absl::AnyInvocable<void(absl::Status)> done) {
  for (const rpc::TenantEntry& tenant : tenants.tenants) {
    absl::TimeZone zone;
    if (understander_ != nullptr && absl::LoadTimeZone(tenant.time_zone, &zone)) {
      understander_->SetTimeZone(tenant.id, zone);
    }
  }
  LoadTenantsFile(tenants, *shards_, models_, std::move(done));
}

void App::Start() {
  shards_->Start();
  if (models_ != nullptr) models_->Start();
}

void App::Stop(absl::Duration deadline) {
  if (models_ != nullptr) models_->Stop();
  shards_->Stop(deadline);
}

bool App::Step(absl::Time now) {
  bool moved = shards_->Step(now);
  if (encoding_ != nullptr) {
    moved |= encoding_->Step();
    moved |= models_->Step();
  }
  return moved;
}

}  // namespace frontdesk::dialog
