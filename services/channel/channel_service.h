#pragma once

#include <memory>
#include <string>

#include "frontdesk/channel/v1/channel_service.pb.h"
#include "libs/base/clock.h"
#include "libs/base/ulid.h"
#include "libs/bus/shard.h"
#include "libs/rpc/call.h"
#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/channel/key_vault.h"
#include "services/channel/message_handlers.h"

namespace frontdesk::channel {

// The RPCs of frontdesk.channel.v1.ChannelService, free of gRPC: also what the HTTP port and the
// simulation call. Each method checks the shape, prepares (hashes, keys, seals) and submits a
// command, or reads. Never blocks; the call, request and response live until `finish` was called.
// Owned by the App. Thread safe.
class ChannelService {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    db::ReadPool& read_pool;
    KeyVault& keys;
    RandomSource& random;
    Clock& clock;
    const ChannelMetrics& metrics;
    const MessageRules& rules;
  };
  explicit ChannelService(Collaborators in) : in_(in), ids_(in.random) {}

  void CreateChannelAccount(const rpc::Call& call, const v1::CreateChannelAccountRequest& request,
                            v1::CreateChannelAccountResponse* response, rpc::Finish finish);
  void UpdateChannelAccount(const rpc::Call& call, const v1::UpdateChannelAccountRequest& request,
                            v1::UpdateChannelAccountResponse* response, rpc::Finish finish);
  void GetChannelAccount(const rpc::Call& call, const v1::GetChannelAccountRequest& request,
                         v1::GetChannelAccountResponse* response, rpc::Finish finish);
  void ListChannelAccounts(const rpc::Call& call, const v1::ListChannelAccountsRequest& request,
                           v1::ListChannelAccountsResponse* response, rpc::Finish finish);

  void GetCustomer(const rpc::Call& call, const v1::GetCustomerRequest& request,
                   v1::GetCustomerResponse* response, rpc::Finish finish);
  void ListCustomers(const rpc::Call& call, const v1::ListCustomersRequest& request,
                     v1::ListCustomersResponse* response, rpc::Finish finish);
  void LinkIdentity(const rpc::Call& call, const v1::LinkIdentityRequest& request,
                    v1::LinkIdentityResponse* response, rpc::Finish finish);
  void UnlinkIdentity(const rpc::Call& call, const v1::UnlinkIdentityRequest& request,
                      v1::UnlinkIdentityResponse* response, rpc::Finish finish);

  void GetMessage(const rpc::Call& call, const v1::GetMessageRequest& request,
                  v1::GetMessageResponse* response, rpc::Finish finish);
  void ListMessages(const rpc::Call& call, const v1::ListMessagesRequest& request,
                    v1::ListMessagesResponse* response, rpc::Finish finish);
  void SendMessage(const rpc::Call& call, const v1::SendMessageRequest& request,
                   v1::SendMessageResponse* response, rpc::Finish finish);
  void AcknowledgeMessages(const rpc::Call& call, const v1::AcknowledgeMessagesRequest& request,
                           v1::AcknowledgeMessagesResponse* response, rpc::Finish finish);
  void IngestMessage(const rpc::Call& call, const v1::IngestMessageRequest& request,
                     v1::IngestMessageResponse* response, rpc::Finish finish);

  // Not RPCs. The id of the customer behind a sender of a channel account, or "" when nobody has
  // written yet: chat sessions and polls begin with it.
  using CustomerDone = absl::AnyInvocable<void(absl::StatusOr<std::string>)>;
  void FindSender(const std::string& tenant, const std::string& channel_account,
                  const std::string& sender, CustomerDone done);
  // For the tenants file: the customer with this identity exists and belongs to the account.
  void EnsureCustomer(const rpc::Call& call, v1::IdentityKind kind,
                      const std::string& channel_account, const std::string& value,
                      const std::string& account, rpc::Finish finish);

  Clock& clock() { return in_.clock; }
  KeyVault& keys() { return in_.keys; }
  RandomSource& random() { return in_.random; }
  const ChannelMetrics& metrics() const { return in_.metrics; }

 private:
  struct Ingest;
  struct Send;
  struct Link;
  struct Ensure;

  db::Store& StoreOf(const std::string& tenant) { return in_.shards.For(tenant).store(); }
  db::Committer& CommitterOf(const std::string& tenant) {
    return in_.shards.For(tenant).committer();
  }
  void PrepareIngest(std::shared_ptr<Ingest> work);
  absl::Status SealIngest(Ingest& work);
  void SubmitIngest(std::shared_ptr<Ingest> work);
  void PrepareSend(std::shared_ptr<Send> work);
  void SubmitSend(std::shared_ptr<Send> work);
  void PrepareLink(std::shared_ptr<Link> work);
  void PrepareEnsure(std::shared_ptr<Ensure> work);
  // What is known of a sender, read by a prepare step; with a fresh key when nobody is.
  absl::Status ReadSender(const db::Reader& reader, const std::string& tenant,
                          PreparedCustomer& sender, KeyVault::Key& key);
  absl::Status CompleteSender(const std::string& tenant, std::string_view value,
                              PreparedCustomer& sender, KeyVault::Key& key);

  Collaborators in_;
  UlidSource ids_;
};

rpc::Service MakeChannelRpc(rpc::Host& host, ChannelService& channel);

}  // namespace frontdesk::channel
