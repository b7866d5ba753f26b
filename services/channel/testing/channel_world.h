#pragma once

#include <memory>
#include <string>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/process/testing/service_world.h"
#include "services/channel/app.h"

namespace frontdesk::channel::testing {

using process::testing::kParent;
using process::testing::kTenant;
inline constexpr const char* kWeb = "tenants/acme/channelAccounts/web";
inline constexpr const char* kApi = "tenants/acme/channelAccounts/api";

// With a web chat, an open API and a webhook account.
class ChannelWorld final : public process::testing::ServiceWorld<App, v1::ChannelEvent> {
 public:
  ChannelWorld() : ServiceWorld(rpc::Role::kAdmin, "mia") {
    Start([this](const bus::AppDeps& deps) { return App::Open(deps, Config(), *ring, nullptr); });
    REQUIRE(ring->GenerateFor(kTenant).ok());
    CreateAccount("web", v1::CHANNEL_KIND_WEB_CHAT);
    CreateAccount("api", v1::CHANNEL_KIND_OPEN_API);
    CreateAccount("hook", v1::CHANNEL_KIND_WEBHOOK);
  }
  ~ChannelWorld() { Close(); }

  FD_SERVICE_CALL(CreateChannelAccount)
  FD_SERVICE_CALL(UpdateChannelAccount)
  FD_SERVICE_CALL(ListChannelAccounts)
  FD_SERVICE_CALL(GetCustomer)
  FD_SERVICE_CALL(ListCustomers)
  FD_SERVICE_CALL(LinkIdentity)
  FD_SERVICE_CALL(UnlinkIdentity)
  FD_SERVICE_CALL(GetMessage)
  FD_SERVICE_CALL(ListMessages)
  FD_SERVICE_CALL(SendMessage)
  FD_SERVICE_CALL(AcknowledgeMessages)
  FD_SERVICE_CALL(IngestMessage)

  void CreateAccount(const std::string& id, v1::ChannelKind kind) {
    v1::CreateChannelAccountRequest request;
    request.set_parent(kParent);
    request.set_channel_account_id(id);
    request.mutable_channel_account()->set_kind(kind);
    request.mutable_channel_account()->set_display_name(id);
    request.set_request_id(NewRequestId());
    const auto response = Must(&Service::CreateChannelAccount, request);
    if (kind == v1::CHANNEL_KIND_WEBHOOK) webhook_secret = response.webhook_secret();
  }
  v1::IngestMessageRequest Inbound(const std::string& id, const std::string& sender,
                                   const std::string& text, const std::string& account = kApi) {
    v1::IngestMessageRequest request;
    request.set_parent(account);
    request.set_channel_message_id(id);
    request.set_sender_id(sender);
    request.set_text(text);
    request.set_request_id(NewRequestId());
    return request;
  }
  v1::Message Ingest(const std::string& id, const std::string& sender, const std::string& text,
                     const std::string& account = kApi) {
    return Must(&Service::IngestMessage, Inbound(id, sender, text, account)).message();
  }
  v1::Message Send(const std::string& customer, const std::string& text,
                   const std::string& account = kApi) {
    v1::SendMessageRequest request;
    request.set_parent(customer);
    request.set_channel_account(account);
    request.set_text(text);
    request.set_request_id(NewRequestId());
    return Must(&Service::SendMessage, request, rpc::Role::kAgent).message();
  }
  v1::Message Get(const std::string& name) {
    v1::GetMessageRequest request;
    request.set_name(name);
    return Must(&Service::GetMessage, request).message();
  }
  v1::ListMessagesResponse List(const std::string& customer, rpc::Role role = rpc::Role::kAgent) {
    v1::ListMessagesRequest request;
    request.set_parent(customer);
    request.set_page_size(200);
    return Must(&Service::ListMessages, request, role);
  }

  dialog::v1::ReplyRequested Reply(const std::string& id, const std::string& customer,
                                   const std::string& text, int64_t token = 1) {
    dialog::v1::ReplyRequested reply;
    reply.set_reply(id);
    reply.set_conversation("tenants/acme/conversations/c1");
    reply.set_customer(customer);
    reply.set_channel_account(kApi);
    reply.mutable_text()->set_masked(text);
    reply.set_author_kind(common::v1::AUTHOR_KIND_BOT);
    reply.set_author("services/dialog");
    reply.mutable_speaker_lease()->set_token(token);
    return reply;
  }
  void Publish(const dialog::v1::ReplyRequested& reply) {
    dialog::v1::DialogEvent event;
    *event.mutable_reply_requested() = reply;
    PublishEvent("acme/all", event);
  }

  std::unique_ptr<text::KeyRing> ring = text::KeyRing::InMemory(random);
  std::string webhook_secret;
};

}  // namespace frontdesk::channel::testing
