#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/ulid.h"
#include "libs/process/encoding/encoding.h"
#include "libs/process/peers.h"
#include "libs/process/sealing.h"
#include "libs/process/testing/fake_data_keys.h"
#include "libs/process/testing/service_world.h"
#include "services/dialog/app.h"

namespace frontdesk::dialog::testing {

using process::testing::FakeDataKeys;
using process::testing::kParent;
using process::testing::kTenant;
inline constexpr const char* kMia = "tenants/acme/agents/mia";
inline constexpr const char* kAdaId = "ada";
inline constexpr const char* kWeb = "tenants/acme/channelAccounts/web";

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
  bool cites = true;
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
      if (cites) {
        answer.add_citations()->set_article_version("tenants/acme/articles/refunds/versions/1");
      }
    }
    done(std::move(response));
  }

  std::deque<std::pair<knowledge::v1::AnswerQuestionRequest, Done>> waiting_;
};

class DialogWorld final : public process::testing::ServiceWorld<App, v1::DialogEvent> {
 public:
  // With what texts are read by: declared phrases alone, or lexical encoders beside them.
  enum class Reading { kPhrases, kLexical };

  explicit DialogWorld(Config config = Config(), Reading reading = Reading::kPhrases)
      : ServiceWorld(rpc::Role::kAgent, "mia") {
    Start([this, config, reading](const bus::AppDeps& deps) {
      return App::Open(deps, config, keys, knowledge,
                       reading == Reading::kLexical ? &encoding : nullptr, nullptr);
    });
  }
  ~DialogWorld() { Close(); }

  FD_SERVICE_CALL(GetConversation)
  FD_SERVICE_CALL(ListConversations)
  FD_SERVICE_CALL(ListTurns)
  FD_SERVICE_CALL(TakeOverConversation)
  FD_SERVICE_CALL(ReplyToConversation)
  FD_SERVICE_CALL(ResolveConversation)
  FD_SERVICE_CALL(ReturnToBot)
  FD_SERVICE_CALL(RequestTicket)
  FD_SERVICE_CALL(CreateAgent)
  FD_SERVICE_CALL(GetAgent)
  FD_SERVICE_CALL(ListAgents)
  FD_SERVICE_CALL(UpdateAgent)

  // The same of the calls about intents, by an administrator.
  template <class Request, class Response>
  absl::Status Ask(void (IntentService::*method)(const rpc::Call&, const Request&, Response*,
                                                 rpc::Finish),
                   const Request& request, Response* response) {
    std::string name = Request::descriptor()->name();
    name.resize(name.size() - std::string_view("Request").size());
    rpc::Call call;
    call.tenant = kTenant;
    call.caller = {kTenant, "ann", rpc::Role::kAdmin};
    call.method = name;
    call.give_up_at = clock.Steady() + absl::Seconds(5);
    int finished = 0;
    absl::Status result;
    (app->intents().*method)(call, request, response, [&](absl::Status status) {
      ++finished;
      result = std::move(status);
    });
    Settle();
    CHECK(finished == 1);
    return result;
  }

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
    return Must(&Service::GetConversation, request).conversation();
  }
  std::vector<v1::Conversation> All() {
    v1::ListConversationsRequest request;
    request.set_parent(kParent);
    request.set_page_size(200);
    const auto response = Must(&Service::ListConversations, request);
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
    const auto response = Must(&Service::ListTurns, request);
    return {response.turns().begin(), response.turns().end()};
  }

  // Puts a customer's message on the bus; gives its name. The same `id` again is a redelivery of the
  // source after a restore: another event of the same message.
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
    PublishEvent(fmt::format("{}/{}", kTenant, customer), event);
    return message.name();
  }
  void PublishTicketCreated(const ticket::v1::TicketCreated& created) {
    ticket::v1::TicketEvent event;
    *event.mutable_ticket_created() = created;
    PublishEvent(created.ticket().name(), event);
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

  FakeDataKeys keys{random};
  FakeKnowledge knowledge;
  process::Encoding encoding{process::EncodingConfig{.models_dir = ""}, clock, metrics,
                             process::Encoding::Threads::kNone};
};

}  // namespace frontdesk::dialog::testing
