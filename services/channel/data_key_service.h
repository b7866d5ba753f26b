#pragma once

#include "frontdesk/channel/v1/data_key_service.pb.h"
#include "libs/process/peers.h"
#include "libs/rpc/call.h"
#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/channel/key_vault.h"

namespace frontdesk::channel {

// frontdesk.channel.v1.DataKeyService: hands customers' keys to the other services, role SERVICE
// only. Owned by the App. Thread safe, never blocks.
class DataKeyService {
 public:
  explicit DataKeyService(KeyVault& keys) : keys_(keys) {}

  void GetDataKeys(const rpc::Call& call, const v1::GetDataKeysRequest& request,
                   v1::GetDataKeysResponse* response, rpc::Finish finish);

 private:
  KeyVault& keys_;
};

rpc::Service MakeDataKeyRpc(rpc::Host& host, DataKeyService& data_keys);

// The same without a network, for services in one process with channel. Shares the vault's cache.
class ChannelDataKeys final : public process::DataKeys {
 public:
  explicit ChannelDataKeys(KeyVault& keys) : keys_(keys) {}

  void Get(std::string_view tenant, std::vector<std::string> customers, absl::Duration deadline,
           Done done) override;

 private:
  KeyVault& keys_;
};

}  // namespace frontdesk::channel
