#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/topics.h"
#include "libs/base/ulid.h"
#include "libs/bus/embedded_log.h"
#include "libs/process/peers.h"
#include "libs/process/sealing.h"
#include "libs/store/simulated_disk.h"
#include "libs/text/seal.h"
#include "services/dialog/app.h"

namespace frontdesk::dialog::testing {

inline constexpr const char* kTenant = "acme";
inline constexpr const char* kMia = "tenants/acme/agents/mia";
inline constexpr const char* kAdaId = "ada";
inline constexpr const char* kWeb = "tenants/acme/channelAccounts/web";

// Keys for every customer but those whose id begins with "unknown".
class FakeDataKeys final : public process::DataKeys {
 public:
  explicit FakeDataKeys(RandomSource& random) : random_(random) {}
  void Get(std::string_view, std::vector<std::string> customers, absl::Duration,
           Done done) override {
    if (!status.ok()) return done(status);
    std::vector<Key> keys;
    for (const std::string& customer : customers) keys.push_back(Of(customer));
    done(std::move(keys));
  }
  Key Of(const std::string& customer) {
    Key& key = keys_[customer];
    if (key == nullptr && customer.substr(0, 7) != "unknown") {
      key = std::make_shared<text::DataKey>(text::NewDataKey("key-" + customer, random_));
    }
    return key;
  }

  absl::Status status;

 private:
  RandomSource& random_;
  std::map<std::string, Key> keys_;
};

// Knows what it was told; can be slow, or away.
class FakeKnowledge final : public process::Answers {
 public:
  void Answer(const knowledge::v1::AnswerQuestionRequest& request, absl::Duration,
              Done done) override {
    asked.push_back(request);
    if (slow) {
      waiting_.emplace_back(request, std::move(done));
    } else {
      Give(request, std::move(done));
    }
  }
  // Answers what waits.
  void Release() {
    while (!waiting_.empty()) {
      auto [request, done] = std::move(waiting_.front());
      waiting_.pop_front();
      Give(request, std::move(done));
    }
  }

  std::map<std::string, std::string> known = {
      {"How do I get a refund?", "Open Orders and choose Refund."},
      {"怎么退款？", "请在“我的订单”中申请退款。"}};
  bool slow = false;
  absl::Status status;
  std::vector<knowledge::v1::AnswerQuestionRequest> asked;

 private:
  void Give(const knowledge::v1::AnswerQuestionRequest& request, Done done) {
    if (!status.ok()) return done(status);
    knowledge::v1::AnswerQuestionResponse response;
    const auto found = known.find(request.question());
    knowledge::v1::Answer& answer = *response.mutable_answer();
    answer.set_known(found != known.end());
    answer.set_confidence_bps(found != known.end() ? 9'000 : 1'200);
    if (found != known.end()) {
      answer.set_text(found->second);
      answer.add_citations()->set_article_version("tenants/acme/articles/refunds/versions/1");
    }
    done(std::move(response));
  }

  std::deque<std::pair<knowledge::v1::AnswerQuestionRequest, Done>> waiting_;
};

// The whole service over a simulated disk and an embedded log, stepped by hand under a simulated
// clock. A crash loses what was not synced.
class DialogWorld {
 public:
  explicit DialogWorld(Config config = Config()) : config_(config) { Open(true); }
  ~DialogWorld() { Close(); }

  // The process dies, and comes back after a while.
  void CrashFor(absl::Duration away) {
    app->shards().Abandon();
    log_->Abandon();
    disk_.Crash();
    Close();
    clock.Advance(away);
    Open(false);
  }
  // A consistent copy of the store as it is now.
  void Backup() {
    disk_.DeleteDirectory("/backup").IgnoreError();
    REQUIRE(app->shards().For(kTenant).store().Backup("/backup").ok());
  }
  // The store is lost; the backup takes its place, and reads again what it had read since.
  void Restore() {
    app.reset();
    const std::string directory = installation_->StoreDirectory("dialog", 0);
    REQUIRE(disk_.DeleteDirectory(directory).ok());
    const absl::Status restored = ::frontdesk::store::Store::RestoreBackup(
        "/backup", directory, 1, disk_.environment(), clock.Now(), random);
    INFO(restored);
    REQUIRE(restored.ok());
    Close();
    Open(false);
    for (int i = 0; i < 20; ++i) Advance(absl::Milliseconds(10));
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

  rpc::Call CallAs(rpc::Role role, std::string principal, std::string_view method) {
    rpc::Call call;
    call.tenant = kTenant;
    call.caller = {kTenant, std::move(principal), role};
    call.method = method;
    call.give_up_at = clock.Steady() + absl::Seconds(5);
    return call;
  }
  // Calls a method and steps until it has ended.
  template <class Request, class Response>
  absl::Status Do(void (DialogService::*method)(const rpc::Call&, const Request&, Response*,
                                                rpc::Finish),
                  std::string_view name, const Request& request, Response* response) {
    const rpc::Call call = CallAs(role, principal, name);
    int finished = 0;
    absl::Status result;
    (app->service().*method)(call, request, response, [&](absl::Status status) {
      ++finished;
      result = std::move(status);
    });
    Settle();
    CHECK(finished == 1);
    return result;
  }
#define FD_DIALOG_CALL(Method)                                                              \
  absl::Status Method(const v1::Method##Request& request, v1::Method##Response* response) { \
    return Do(&DialogService::Method, #Method, request, response);                          \
  }
  FD_DIALOG_CALL(GetConversation)
  FD_DIALOG_CALL(ListConversations)
  FD_DIALOG_CALL(ListTurns)
  FD_DIALOG_CALL(TakeOverConversation)
  FD_DIALOG_CALL(ReplyToConversation)
  FD_DIALOG_CALL(ResolveConversation)
  FD_DIALOG_CALL(ReturnToBot)
  FD_DIALOG_CALL(RequestTicket)
  FD_DIALOG_CALL(CreateAgent)
  FD_DIALOG_CALL(GetAgent)
  FD_DIALOG_CALL(ListAgents)
  FD_DIALOG_CALL(UpdateAgent)
#undef FD_DIALOG_CALL

  std::string NewRequestId() { return fmt::format("r-{}", ++request_ids_); }

  // As `principal`.
  absl::StatusOr<v1::Conversation> TakeOver(const std::string& name) {
    v1::TakeOverConversationRequest request;
    request.set_name(name);
    request.set_request_id(NewRequestId());
    v1::TakeOverConversationResponse response;
    const absl::Status status = TakeOverConversation(request, &response);
    if (!status.ok()) return status;
    return response.conversation();
  }
  absl::Status Reply(const std::string& name, int64_t token, const std::string& text) {
    v1::ReplyToConversationRequest request;
    request.set_name(name);
    request.set_text(text);
    request.set_speaker_token(token);
    request.set_request_id(NewRequestId());
    v1::ReplyToConversationResponse response;
    return ReplyToConversation(request, &response);
  }
  absl::Status Resolve(const std::string& name) {
    v1::ResolveConversationRequest request;
    request.set_name(name);
    request.set_request_id(NewRequestId());
    v1::ResolveConversationResponse response;
    return ResolveConversation(request, &response);
  }
  absl::Status GiveBack(const std::string& name) {
    v1::ReturnToBotRequest request;
    request.set_name(name);
    request.set_request_id(NewRequestId());
    v1::ReturnToBotResponse response;
    return ReturnToBot(request, &response);
  }
  v1::Conversation Get(const std::string& name) {
    v1::GetConversationRequest request;
    request.set_name(name);
    v1::GetConversationResponse response;
    REQUIRE(GetConversation(request, &response).ok());
    return response.conversation();
  }
  std::vector<v1::Conversation> All() {
    v1::ListConversationsRequest request;
    request.set_parent("tenants/acme");
    request.set_page_size(200);
    v1::ListConversationsResponse response;
    REQUIRE(ListConversations(request, &response).ok());
    return {response.conversations().begin(), response.conversations().end()};
  }
  // The newest conversation.
  v1::Conversation Last() {
    const auto all = All();
    REQUIRE_FALSE(all.empty());
    return all.front();
  }
  std::vector<v1::Turn> Turns(const std::string& conversation) {
    v1::ListTurnsRequest request;
    request.set_parent(conversation);
    request.set_page_size(200);
    v1::ListTurnsResponse response;
    REQUIRE(ListTurns(request, &response).ok());
    return {response.turns().begin(), response.turns().end()};
  }

  // Puts a customer's message on the bus; gives its name. The same `id` again is a redelivery of
  // the source after a restore: another event of the same message.
  std::string Write(const std::string& text, const std::string& customer = kAdaId,
                    std::string id = "") {
    if (id.empty()) id = NewUlid(clock.Now(), random);
    channel::v1::ChannelEvent event;
    channel::v1::MessageReceived& received = *event.mutable_message_received();
    channel::v1::Message& message = *received.mutable_message();
    message.set_customer("tenants/acme/customers/" + customer);
    message.set_name(message.customer() + "/messages/" + id);
    message.set_channel_account(kWeb);
    message.set_direction(channel::v1::MESSAGE_DIRECTION_INBOUND);
    auto sealed = process::SealText(keys.Of(customer).get(),
                                    {.tenant = kTenant,
                                     .customer = customer,
                                     .resource = message.name(),
                                     .field = "text",
                                     .version = 1},
                                    text);
    REQUIRE(sealed.ok());
    *message.mutable_text() = *std::move(sealed);
    received.set_customer(message.customer());
    received.set_channel_account(kWeb);
    received.set_account("tenants/acme/accounts/lovelace");
    Publish(topics::kChannel, "channel", fmt::format("{}/{}", kTenant, customer),
            "frontdesk.channel.v1.MessageReceived", event.SerializeAsString());
    return message.name();
  }
  void PublishTicketCreated(const ticket::v1::TicketCreated& created) {
    ticket::v1::TicketEvent event;
    *event.mutable_ticket_created() = created;
    Publish(topics::kTicket, "ticket", created.ticket().name(), "frontdesk.ticket.v1.TicketCreated",
            event.SerializeAsString());
  }

  // Everything on the service's topic so far, per customer in order; each event once, as consumers
  // see it: the bus may hold what a crash made the relay send again.
  std::vector<v1::DialogEvent> Events() {
    Settle();
    std::vector<v1::DialogEvent> events;
    std::set<std::string> seen;
    for (const bus::Record& record : Records(topics::kDialog, 4)) {
      v1::DialogEvent event;
      REQUIRE(event.ParseFromString(record.value));
      if (seen.insert(event.metadata().event_id()).second) events.push_back(std::move(event));
    }
    return events;
  }
  std::vector<v1::DialogEvent> Events(v1::DialogEvent::PayloadCase payload) {
    std::vector<v1::DialogEvent> events = Events();
    std::erase_if(events, [&](const auto& event) { return event.payload_case() != payload; });
    return events;
  }
  // Plain texts of what went out, in order.
  std::vector<std::string> Said(const std::string& customer = kAdaId) {
    std::vector<std::string> said;
    for (const v1::DialogEvent& event : Events(v1::DialogEvent::kReplyRequested)) {
      const v1::ReplyRequested& reply = event.reply_requested();
      if (reply.customer() != "tenants/acme/customers/" + customer) continue;
      auto plain = process::OpenText(*keys.Of(customer), kTenant, customer, reply.text());
      said.push_back(plain.ok() ? *plain : reply.text().masked());
    }
    return said;
  }
  size_t DeadLetters() {
    Settle();
    return Records(topics::kDeadLetter, 1).size();
  }

  SimulatedClock clock;
  SeededRandom random{7};
  telemetry::Metrics metrics;
  FakeDataKeys keys{random};
  FakeKnowledge knowledge;
  std::unique_ptr<App> app;
  // Who calls.
  rpc::Role role = rpc::Role::kAgent;
  std::string principal = "mia";

 private:
  void Open(bool first_start) {
    auto installation = bus::Installation::Open({.data_dir = "/data", .first_start = first_start},
                                                disk_.environment(), clock.Now(), random);
    INFO(installation.status());
    REQUIRE(installation.ok());
    installation_ = *std::move(installation);
    auto log = bus::EmbeddedLog::Open(
        {disk_.environment(), clock, random, metrics, [](const absl::Status&) {}},
        {.directory = "/data/bus"});
    INFO(log.status());
    REQUIRE(log.ok());
    log_ = *std::move(log);
    REQUIRE(log_->EnsureTopics(1).ok());
    deps_ = std::make_unique<bus::AppDeps>(
        bus::AppDeps{clock, random, disk_.environment(), *installation_, *log_, metrics, guard_,
                     read_pool_, prepare_pool_, [](const absl::Status& status) { FAIL(status); }});
    auto opened = App::Open(*deps_, config_, keys, knowledge, nullptr);
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

  void Publish(std::string_view topic, const std::string& service, const std::string& key,
               const std::string& type, std::string value) {
    const int partition = PartitionOf(key, 4);
    uint64_t& seq = seq_[service];
    uint64_t& last = last_[service + std::to_string(partition)];
    const uint64_t prev = std::exchange(last, ++seq);
    bus::OutboundRecord record{
        std::string(topic),
        partition,
        key,
        {{"ce_id", fmt::format("{}-event-{}", service, seq)},
         {"ce_source", fmt::format("/frontdesk/{}/0", service)},
         {"ce_type", type},
         {"ce_subject", "s"},
         {"ce_time", absl::FormatTime(absl::RFC3339_full, clock.Now(), absl::UTCTimeZone())},
         {"ce_specversion", "1.0"},
         {"content-type", "application/protobuf"},
         {"fd_tenant", kTenant},
         {"fd_actor", "services/" + service},
         {"fd_epoch", "1"},
         {"fd_seq", std::to_string(seq)},
         {"fd_prev", std::to_string(prev)}},
        std::move(value)};
    auto publisher = log_->NewPublisher();
    REQUIRE(publisher.ok());
    REQUIRE((*publisher)->Offer(std::move(record), seq));
    const auto acknowledged = (*publisher)->Poll();
    REQUIRE(acknowledged.ok());
    REQUIRE(*acknowledged == seq);
    // The consumer looks again after a moment.
    for (int i = 0; i < 20; ++i) Advance(absl::Milliseconds(10));
  }
  std::vector<bus::Record> Records(std::string_view topic, int partitions) {
    std::vector<bus::Record> records;
    std::vector<bus::Assignment> assignments;
    for (int partition = 0; partition < partitions; ++partition) {
      assignments.push_back({std::string(topic), partition, bus::kEarliestOffset});
    }
    auto subscription = log_->Subscribe("test", assignments);
    REQUIRE(subscription.ok());
    for (size_t i = 0; i < assignments.size(); ++i) {
      for (auto page = (*subscription)->Poll(i, 100); page.ok() && !page->empty();
           page = (*subscription)->Poll(i, 100)) {
        std::move(page->begin(), page->end(), std::back_inserter(records));
      }
    }
    return records;
  }

  const Config config_;
  ::frontdesk::store::SimulatedDisk disk_;
  ::frontdesk::store::SpaceGuard guard_{
      {.directory = "/data", .free_bytes = [](const std::string&) { return 1ull << 40; }}, metrics};
  ::frontdesk::store::ReadPool read_pool_{{.threads = 0}, metrics};
  bus::PreparePool prepare_pool_{{.threads = 0}, metrics};
  std::unique_ptr<bus::Installation> installation_;
  std::unique_ptr<bus::EmbeddedLog> log_;
  std::unique_ptr<bus::AppDeps> deps_;
  int request_ids_ = 0;
  std::map<std::string, uint64_t> seq_;   // by source
  std::map<std::string, uint64_t> last_;  // by source and partition
};

}  // namespace frontdesk::dialog::testing
