#include "services/channel/app.h"

#include <algorithm>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/http/server.h"
#include "libs/telemetry/thread_name.h"
#include "services/channel/adapters/open_api.h"
#include "services/channel/adapters/web_chat.h"
#include "services/channel/adapters/webhook.h"
#include "services/channel/consumer.h"
#include "services/channel/http/http_api.h"
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
  app->keys_ =
      std::make_unique<KeyVault>(*app->shards_, deps.read_pool, ring, deps.random, app->metrics_,
                                 static_cast<size_t>(config.cached_keys_max));
  app->service_ = std::make_unique<ChannelService>(
      ChannelService::Collaborators{*app->shards_, deps.read_pool, *app->keys_, deps.random,
                                    deps.clock, app->metrics_, app->rules_});
  app->data_key_service_ = std::make_unique<DataKeyService>(*app->keys_);
  app->data_keys_ = std::make_unique<ChannelDataKeys>(*app->keys_);
  app->adapters_.push_back(std::make_unique<WebChatAdapter>(app->feed_));
  app->adapters_.push_back(std::make_unique<OpenApiAdapter>(app->feed_));
  if (host != nullptr) {
    // Not in the simulation: it talks to the outside on threads of its own.
    WebhookAdapter::Options webhook;
    webhook.timeout = config.webhook_timeout;
    app->adapters_.push_back(
        std::make_unique<WebhookAdapter>(*app->keys_, deps.clock, &PostWithCurl, webhook));
  }
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
    if (!config.http_listen.empty()) FD_RETURN_IF_ERROR(app->OpenHttp(*host));
  }
  return app;
}

absl::Status App::OpenHttp(rpc::Host& host) {
  FD_ASSIGN_OR_RETURN(http_, http::Server::Bind({.listen = config_.http_listen,
                                                 .threads = config_.http_threads,
                                                 .connections_max = config_.http_connections_max,
                                                 .idle_timeout = config_.http_idle_timeout},
                                                metrics_.http_port));
  http_api_ = std::make_unique<HttpApi>(
      HttpApi::Collaborators{*service_, feed_, host.authenticator(),
                             [this] { return ReadyForCustomers(); },
                             [this](absl::Duration delay, std::function<void()> task) {
                               http_->After(delay, std::move(task));
                             }},
      HttpApi::Options{.poll_wait_max = config_.poll_wait_max,
                       .chat_tenant = config_.chat_tenant,
                       .chat_account = config_.chat_account,
                       .chat_session_life = config_.chat_session_life});
  return absl::OkStatus();
}

App::~App() {
  // Before the delivery worker that its threads report to.
  if (http_ != nullptr) http_->Stop(absl::ZeroDuration());
  StopDelivery();
  adapters_.clear();
}

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
  channel::LoadTenants(tenants, *service_, ring_,
                       [this, done = std::move(done)](absl::Status status) mutable {
                         if (status.ok()) loaded_.store(true, std::memory_order_release);
                         done(std::move(status));
                       });
}

absl::Status App::ReadyForCustomers() {
  if (!loaded_.load(std::memory_order_acquire)) {
    return WithRetryDelay(
        Error(absl::StatusCode::kUnavailable, "NOT_READY", "the tenants are not loaded yet"),
        absl::Seconds(1));
  }
  return Ready();
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
  if (http_ != nullptr) {
    http_->Serve(*http_api_);
  }
}

void App::Stop(absl::Duration deadline) {
  if (http_ != nullptr) http_->Stop(std::min(deadline / 3, absl::Seconds(3)));
  StopDelivery();
  shards_->Stop(deadline);
}

void App::StopDelivery() {
  if (!delivery_thread_.joinable()) return;
  stop_delivery_.store(true, std::memory_order_release);
  delivery_->work().Notify();
  delivery_thread_.join();
}

bool App::Step(absl::Time now) {
  const bool moved = shards_->Step(now);
  return delivery_->Step(now) || moved;
}

absl::Status App::Ready() { return shards_->Ready(); }

int App::http_port() const { return http_ == nullptr ? 0 : http_->port(); }

}  // namespace frontdesk::channel
