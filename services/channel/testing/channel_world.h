#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/topics.h"
#include "libs/bus/embedded_log.h"
#include "libs/process/sealing.h"
#include "libs/store/simulated_disk.h"
#include "services/channel/app.h"

namespace frontdesk::channel::testing {

inline constexpr const char* kTenant = "acme";
inline constexpr const char* kWeb = "tenants/acme/channelAccounts/web";
inline constexpr const char* kApi = "tenants/acme/channelAccounts/api";

// The whole service over a simulated disk and an embedded log, stepped by hand under a simulated
// clock, with a web chat, an open API and a webhook account. A crash loses what was not synced.
class ChannelWorld {
 public:
  ChannelWorld() {
    Open(true);
    REQUIRE(ring->GenerateFor(kTenant).ok());
    CreateAccount("web", v1::CHANNEL_KIND_WEB_CHAT);
    CreateAccount("api", v1::CHANNEL_KIND_OPEN_API);
    CreateAccount("hook", v1::CHANNEL_KIND_WEBHOOK);
  }
  ~ChannelWorld() { Close(); }

  void CrashFor(absl::Duration away) {
    app->shards().Abandon();
    log_->Abandon();
    disk_.Crash();
    Close();
    clock.Advance(away);
    Open(false);
  }
  void Settle() {
    bool moved = true;
    while (moved) {
      moved = log_->Step(clock.Now());
      moved |= prepare_pool_.Step();
      moved |= app->Step(clock.Now());
    }
  }
  void Advance(absl::Duration by) {
    clock.Advance(by);
    Settle();
  }

  rpc::Call CallAs(rpc::Role role, std::string_view method) {
    rpc::Call call;
    call.tenant = kTenant;
    call.caller = {kTenant, "mia", role};
    call.method = method;
    call.give_up_at = clock.Steady() + absl::Seconds(5);
    return call;
  }

  template <class Request, class Response>
  using Method = void (ChannelService::*)(const rpc::Call&, const Request&, Response*, rpc::Finish);

  // A call under way; must stay until it has finished.
  template <class Request, class Response>
  struct Running {
    rpc::Call call;
    Request request;
    Response response;
    int finished = 0;
    absl::Status status;
  };
  // Begins a call without stepping, so that several run at once.
  template <class Request, class Response>
  std::unique_ptr<Running<Request, Response>> Begin(Method<Request, Response> method,
                                                    std::string_view name, Request request,
                                                    rpc::Role role = rpc::Role::kAdmin) {
    auto running = std::make_unique<Running<Request, Response>>();
    running->call = CallAs(role, name);
    running->request = std::move(request);
    auto* raw = running.get();
    (app->service().*method)(raw->call, raw->request, &raw->response, [raw](absl::Status status) {
      ++raw->finished;
      raw->status = std::move(status);
    });
    return running;
  }
  template <class Request, class Response>
  absl::Status Do(Method<Request, Response> method, std::string_view name, const Request& request,
                  Response* response, rpc::Role role) {
    auto running = Begin<Request, Response>(method, name, request, role);
    Settle();
    CHECK(running->finished == 1);
    *response = running->response;
    return running->status;
  }
#define FD_CHANNEL_CALL(Name)                                                       \
  absl::Status Name(const v1::Name##Request& request, v1::Name##Response* response, \
                    rpc::Role role = rpc::Role::kAdmin) {                           \
    return Do(&ChannelService::Name, #Name, request, response, role);               \
  }
  FD_CHANNEL_CALL(CreateChannelAccount)
  FD_CHANNEL_CALL(UpdateChannelAccount)
  FD_CHANNEL_CALL(ListChannelAccounts)
  FD_CHANNEL_CALL(GetCustomer)
  FD_CHANNEL_CALL(ListCustomers)
  FD_CHANNEL_CALL(LinkIdentity)
  FD_CHANNEL_CALL(UnlinkIdentity)
  FD_CHANNEL_CALL(GetMessage)
  FD_CHANNEL_CALL(ListMessages)
  FD_CHANNEL_CALL(SendMessage)
  FD_CHANNEL_CALL(AcknowledgeMessages)
  FD_CHANNEL_CALL(IngestMessage)
#undef FD_CHANNEL_CALL

  std::string NewRequestId() { return fmt::format("r-{}", ++request_ids_); }

  void CreateAccount(const std::string& id, v1::ChannelKind kind) {
    v1::CreateChannelAccountRequest request;
    request.set_parent("tenants/acme");
    request.set_channel_account_id(id);
    request.mutable_channel_account()->set_kind(kind);
    request.mutable_channel_account()->set_display_name(id);
    request.set_request_id(NewRequestId());
    v1::CreateChannelAccountResponse response;
    const absl::Status status = CreateChannelAccount(request, &response);
    INFO(status);
    REQUIRE(status.ok());
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
    v1::IngestMessageResponse response;
    const absl::Status status = IngestMessage(Inbound(id, sender, text, account), &response);
    INFO(status);
    REQUIRE(status.ok());
    return response.message();
  }
  v1::Message Send(const std::string& customer, const std::string& text,
                   const std::string& account = kApi) {
    v1::SendMessageRequest request;
    request.set_parent(customer);
    request.set_channel_account(account);
    request.set_text(text);
    request.set_request_id(NewRequestId());
    v1::SendMessageResponse response;
    const absl::Status status = SendMessage(request, &response, rpc::Role::kAgent);
    INFO(status);
    REQUIRE(status.ok());
    return response.message();
  }
  v1::Message Get(const std::string& name) {
    v1::GetMessageRequest request;
    request.set_name(name);
    v1::GetMessageResponse response;
    REQUIRE(GetMessage(request, &response).ok());
    return response.message();
  }
  v1::ListMessagesResponse List(const std::string& customer, rpc::Role role = rpc::Role::kAgent) {
    v1::ListMessagesRequest request;
    request.set_parent(customer);
    request.set_page_size(200);
    v1::ListMessagesResponse response;
    REQUIRE(ListMessages(request, &response, role).ok());
    return response;
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
  // Puts a reply of dialog on the bus and waits until it was consumed.
  void Publish(const dialog::v1::ReplyRequested& reply) {
    dialog::v1::DialogEvent event;
    *event.mutable_reply_requested() = reply;
    const std::string key = fmt::format("{}/all", kTenant);
    const uint64_t seq = ++dialog_seq_;
    bus::OutboundRecord record{
        std::string(topics::kDialog),
        PartitionOf(key, 4),
        key,
        {{"ce_id", fmt::format("event-{}", seq)},
         {"ce_source", "/frontdesk/dialog/0"},
         {"ce_type", "frontdesk.dialog.v1.ReplyRequested"},
         {"ce_subject", "tenants/acme/conversations/c1"},
         {"ce_time", absl::FormatTime(absl::RFC3339_full, clock.Now(), absl::UTCTimeZone())},
         {"ce_specversion", "1.0"},
         {"content-type", "application/protobuf"},
         {"fd_tenant", kTenant},
         {"fd_actor", "services/dialog"},
         {"fd_epoch", "1"},
         {"fd_seq", std::to_string(seq)},
         {"fd_prev", std::to_string(seq - 1)}},
        event.SerializeAsString()};
    auto publisher = log_->NewPublisher();
    REQUIRE(publisher.ok());
    REQUIRE((*publisher)->Offer(std::move(record), seq));
    const auto acknowledged = (*publisher)->Poll();
    REQUIRE(acknowledged.ok());
    for (int i = 0; i < 20; ++i) Advance(absl::Milliseconds(10));
  }

  // Everything on the service's topic so far, each event once.
  std::vector<v1::ChannelEvent> Events() {
    Settle();
    std::vector<v1::ChannelEvent> events;
    std::set<std::string> seen;
    for (int partition = 0; partition < 4; ++partition) {
      auto subscription = log_->Subscribe(
          "test", {{std::string(topics::kChannel), partition, bus::kEarliestOffset}});
      REQUIRE(subscription.ok());
      for (auto page = (*subscription)->Poll(0, 100); page.ok() && !page->empty();
           page = (*subscription)->Poll(0, 100)) {
        for (const bus::Record& record : *page) {
          v1::ChannelEvent event;
          REQUIRE(event.ParseFromString(record.value));
          if (seen.insert(event.metadata().event_id()).second) events.push_back(std::move(event));
        }
      }
    }
    return events;
  }
  int CountEvents(v1::ChannelEvent::PayloadCase payload) {
    int count = 0;
    for (const v1::ChannelEvent& event : Events()) count += event.payload_case() == payload;
    return count;
  }

  SimulatedClock clock;
  SeededRandom random{7};
  telemetry::Metrics metrics;
  std::unique_ptr<text::KeyRing> ring = text::KeyRing::InMemory(random);
  std::unique_ptr<App> app;
  std::string webhook_secret;

 private:
  void Open(bool first_start) {
    auto installation = bus::Installation::Open({.data_dir = "/data", .first_start = first_start},
                                                disk_.environment(), clock.Now(), random);
    REQUIRE(installation.ok());
    installation_ = *std::move(installation);
    auto log = bus::EmbeddedLog::Open(
        {disk_.environment(), clock, random, metrics, [](const absl::Status&) {}},
        {.directory = "/data/bus"});
    REQUIRE(log.ok());
    log_ = *std::move(log);
    REQUIRE(log_->EnsureTopics(1).ok());
    deps_ = std::make_unique<bus::AppDeps>(
        bus::AppDeps{clock, random, disk_.environment(), *installation_, *log_, metrics, guard_,
                     read_pool_, prepare_pool_, [](const absl::Status& status) { FAIL(status); }});
    auto opened = App::Open(*deps_, Config(), *ring, nullptr);
    INFO(opened.status());
    REQUIRE(opened.ok());
    app = *std::move(opened);
    Settle();
  }
  void Close() {
    app.reset();
    deps_.reset();
    log_.reset();
    installation_.reset();
  }

  ::frontdesk::store::SimulatedDisk disk_;
  ::frontdesk::store::SpaceGuard guard_{
      {.directory = "/data", .free_bytes = [](const std::string&) { return 1ull << 40; }}, metrics};
  ::frontdesk::store::ReadPool read_pool_{{.threads = 0}, metrics};
  bus::PreparePool prepare_pool_{{.threads = 0}, metrics};
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> log_;
  std::unique_ptr<bus::AppDeps> deps_;
  int request_ids_ = 0;
  uint64_t dialog_seq_ = 0;
};

}  // namespace frontdesk::channel::testing
