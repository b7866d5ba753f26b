#include "services/channel/app.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/telemetry/thread_name.h"
#include "services/channel/adapters/open_api.h"
#include "services/channel/adapters/web_chat.h"
#include "services/channel/consumer.h"
#include "services/channel/http/http_server.h"
#include "services/channel/tenants_loader.h"
#include "services/channel/timers.h"

namespace frontdesk::channel {

App::App(const bus::AppDeps& deps, const Config& config, text::KeyRing& ring)
    : deps_(deps), config_(config), ring_(ring), metrics_(deps.metrics) {
  rules_.outbound_expiry = config.outbound_expiry;
  rules_.on_stored = [this](const StoredMessage& message) { OnStored(message); };
}

absl::StatusOr<std::unique_ptr<App>> App::Open(const bus::AppDeps& deps, const Config& config,
                                               text::KeyRing& ring, rpc::Host* host) {
  FD_RETURN_IF_ERROR(config.Validate());
  std::unique_ptr<App> app(new App(deps, config, ring));
  bus::Shard::Options options;
  options.service = "channel";
  FD_ASSIGN_OR_RETURN(app->shards_, bus::ShardSet::Open(deps, options, MakeRoutes(app->rules_),
                                                        MakeTimerCommands()));
  app->keys_ = std::make_unique<KeyVault>(*app->shards_, deps.read_pool, ring, deps.random,
                                          app->metrics_,
                                          static_cast<size_t>(config.cached_keys_max));
  app->service_ = std::make_unique<ChannelService>(ChannelService::Collaborators{
      *app->shards_, deps.read_pool, *app->keys_, deps.random, deps.clock, app->metrics_,
      app->rules_});
  app->data_key_service_ = std::make_unique<DataKeyService>(*app->keys_);
  app->data_keys_ = std::make_unique<ChannelDataKeys>(*app->keys_);
  app->adapters_.push_back(std::make_unique<WebChatAdapter>(app->feed_));
  app->adapters_.push_back(std::make_unique<OpenApiAdapter>(app->feed_));
  std::vector<Adapter*> adapters;
  for (const auto& adapter : app->adapters_) adapters.push_back(adapter.get());
  app->delivery_ = std::make_unique<DeliveryWorker>(
      DeliveryWorker::Collaborators{*app->shards_, *app->keys_, deps.clock, app->metrics_},
      DeliveryWorker::Options{.queue_max = static_cast<size_t>(config.delivery_queue_max)},
      std::move(adapters));
  if (host != nullptr) {
    app->rpc_.push_back(std::make_unique<rpc::Service>(MakeChannelRpc(*host, *app->service_)));
    app->rpc_.push_back(
        std::make_unique<rpc::Service>(MakeDataKeyRpc(*host, *app->data_key_service_)));
  }
  return app;
}

App::~App() = default;

std::vector<rpc::Service*> App::rpc_services() {
  std::vector<rpc::Service*> services;
  for (const auto& service : rpc_) services.push_back(service.get());
  return services;
}

void App::OnStored(const StoredMessage& message) {
  if (message.outbound) {
    delivery_->Enqueue(message);
  } else {
    feed_.Tell(message.tenant, message.customer);
  }
}

void App::LoadTenants(const rpc::TenantsFile& tenants,
                      absl::AnyInvocable<void(absl::Status)> done) {
  channel::LoadTenants(tenants, *service_, ring_, std::move(done));
}

void App::RunDelivery() {
  telemetry::NameThread("fd-delivery");
  while (!stop_delivery_.load(std::memory_order_acquire)) {
    if (!delivery_->Step(deps_.clock.Now())) delivery_->work().WaitFor(absl::Milliseconds(500));
  }
}

void App::Start() {
  shards_->Start();
  delivery_thread_ = std::thread([this] { RunDelivery(); });
}

void App::Stop(absl::Duration deadline) {
  stop_delivery_.store(true, std::memory_order_release);
  delivery_->work().Notify();
  if (delivery_thread_.joinable()) delivery_thread_.join();
  shards_->Stop(deadline);
}

bool App::Step(absl::Time now) {
  const bool moved = shards_->Step(now);
  return delivery_->Step(now) || moved;
}

absl::Status App::Ready() { return shards_->Ready(); }

int App::http_port() const { return 0; }

}  // namespace frontdesk::channel
