#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "libs/bus/shard.h"
#include "libs/http/server.h"
#include "libs/process/app.h"
#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "libs/text/key_ring.h"
#include "services/channel/channel_service.h"
#include "services/channel/config.h"
#include "services/channel/data_key_service.h"
#include "services/channel/delivery_worker.h"
#include "services/channel/message_feed.h"

namespace frontdesk::channel {

class HttpApi;

// The channel service put together. With an rpc::Host it has a gRPC surface and, where the
// configuration names an address, the HTTP port; without one (the simulation) neither, and Step
// drives it.
class App final : public process::App {
 public:
  // `ring` holds the tenants' keys and outlives the App; `host` may be null.
  static absl::StatusOr<std::unique_ptr<App>> Open(const bus::AppDeps& deps, const Config& config,
                                                   text::KeyRing& ring, rpc::Host* host);
  ~App() override;

  ChannelService& service() { return *service_; }
  // For the other services of this process.
  process::DataKeys& data_keys() { return *data_keys_; }
  DeliveryWorker& delivery() { return *delivery_; }
  MessageFeed& feed() { return feed_; }
  KeyVault& keys() { return *keys_; }
  // The port in use, also when 0 was asked for; 0 = off.
  int http_port() const;

  bus::ShardSet& shards() override { return *shards_; }
  std::vector<rpc::Service*> rpc_services() override;
  void LoadTenants(const rpc::TenantsFile& tenants,
                   absl::AnyInvocable<void(absl::Status)> done) override;
  void Start() override;
  void Stop(absl::Duration deadline) override;
  bool Step(absl::Time now) override;
  absl::Status Ready() override;

 private:
  App(const bus::AppDeps& deps, const Config& config, text::KeyRing& ring);
  absl::Status OpenHttp(rpc::Host& host);
  // What /healthz says.
  absl::Status ReadyForCustomers();
  void RunDelivery();
  void StopDelivery();
  void OnStored(const StoredMessage& message);

  bus::AppDeps deps_;
  Config config_;
  text::KeyRing& ring_;
  ChannelMetrics metrics_;
  MessageFeed feed_;
  MessageRules rules_;
  std::unique_ptr<bus::ShardSet> shards_;
  std::unique_ptr<KeyVault> keys_;
  std::unique_ptr<ChannelService> service_;
  std::unique_ptr<DataKeyService> data_key_service_;
  std::unique_ptr<ChannelDataKeys> data_keys_;
  std::vector<std::unique_ptr<Adapter>> adapters_;
  std::unique_ptr<DeliveryWorker> delivery_;
  std::vector<std::unique_ptr<rpc::Service>> rpc_;
  std::unique_ptr<http::Server> http_;  // both null: no HTTP port
  std::unique_ptr<HttpApi> http_api_;
  std::atomic<bool> loaded_{false};  // the tenants file is in: before it, accounts seem unknown
  std::atomic<bool> stop_delivery_{false};
  std::thread delivery_thread_;
};

}  // namespace frontdesk::channel
