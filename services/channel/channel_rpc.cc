#include "services/channel/channel_service.h"
#include "services/channel/data_key_service.h"

// The tables of methods: who may call what.
namespace frontdesk::channel {
namespace {

inline constexpr rpc::Roles kEverybody(rpc::Role::kAdmin, rpc::Role::kService, rpc::Role::kAgent,
                                       rpc::Role::kAnalyst, rpc::Role::kChannel);

}  // namespace

rpc::Service MakeChannelRpc(rpc::Host& host, ChannelService& channel) {
  rpc::Service service(host, "frontdesk.channel.v1.ChannelService");
  service.Unary(channel, &ChannelService::CreateChannelAccount,
                {.name = "CreateChannelAccount", .roles = rpc::kAdmins, .mutation = true});
  service.Unary(channel, &ChannelService::UpdateChannelAccount,
                {.name = "UpdateChannelAccount",
                 .roles = rpc::kAdmins,
                 .mutation = true,
                 .tenant_field = "channel_account.name"});
  service.Unary(channel, &ChannelService::GetChannelAccount,
                {.name = "GetChannelAccount", .roles = kEverybody});
  service.Unary(channel, &ChannelService::ListChannelAccounts,
                {.name = "ListChannelAccounts", .roles = kEverybody});
  service.Unary(channel, &ChannelService::GetCustomer,
                {.name = "GetCustomer", .roles = rpc::kReaders});
  service.Unary(channel, &ChannelService::ListCustomers,
                {.name = "ListCustomers", .roles = rpc::kReaders});
  service.Unary(channel, &ChannelService::LinkIdentity,
                {.name = "LinkIdentity", .roles = rpc::kAgents, .mutation = true});
  service.Unary(
      channel, &ChannelService::UnlinkIdentity,
      {.name = "UnlinkIdentity", .roles = rpc::kAgents, .mutation = true, .frees_space = true});
  service.Unary(channel, &ChannelService::GetMessage, {.name = "GetMessage", .roles = kEverybody});
  service.Unary(channel, &ChannelService::ListMessages,
                {.name = "ListMessages", .roles = kEverybody});
  service.Unary(channel, &ChannelService::SendMessage,
                {.name = "SendMessage", .roles = rpc::kAgents, .mutation = true});
  service.Unary(channel, &ChannelService::AcknowledgeMessages,
                {.name = "AcknowledgeMessages", .roles = rpc::kChannels, .mutation = true});
  service.Unary(channel, &ChannelService::IngestMessage,
                {.name = "IngestMessage", .roles = rpc::kChannels, .mutation = true});
  return service;
}

rpc::Service MakeDataKeyRpc(rpc::Host& host, DataKeyService& data_keys) {
  rpc::Service service(host, "frontdesk.channel.v1.DataKeyService");
  service.Unary(data_keys, &DataKeyService::GetDataKeys,
                {.name = "GetDataKeys", .roles = rpc::kServices});
  return service;
}

}  // namespace frontdesk::channel
