#include "tests/sim/workload.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <google/protobuf/util/time_util.h>

#include "libs/base/absl_interop.h"
#include "libs/base/status_macros.h"

namespace frontdesk::sim {
namespace {

// Retention is 30 days: a run stays well below, so that the whole bus can be checked.
constexpr absl::Duration kPassedMax = absl::Hours(24 * 20);
// Request ids are kept for 7 days.
constexpr absl::Duration kRepeatWithin = absl::Hours(24 * 3);

constexpr std::array<const char*, 14> kTexts = {
    "How long does delivery take?",
    "How can I return goods?",
    "配送需要多长时间？",
    "怎么退货？",
    "Do you sell purple elephants?",
    "Why is the moon so far away from my garden fence?",
    "你们的宠物恐龙多少钱一只？",
    "I want to talk to a human agent",
    "我要人工客服",
    "Thanks, that solved it",
    "谢谢，问题解决了",
    "Hello",
    "This is urgent, the shop is down! My number is +49 170 5551234",
    "My mail is ada@example.org, please write to me",
};

}  // namespace

template <class Service, class Request, class Response>
Operation& Workload::Submit(ServiceId service, const std::string& fact,
                            void (Service::*method)(const rpc::Call&, const Request&, Response*,
                                                    rpc::Finish),
                            const char* name, const Caller& caller, Request request,
                            std::function<void(const Response&)> on_ok) {
  Operation& operation =
      model_.Add(service, name, request.request_id(), fact, world_.clock.Steady());
  operation.send = [this, &operation, method, name, caller, request = std::move(request),
                    on_ok = std::move(on_ok)] {
    model_.OnSend(operation);
    world_.Send<Service, Request, Response>(
        method, name, caller, request,
        [this, &operation, on_ok](absl::Status status, const Response& response) {
          model_.OnEnd(operation, status, response.SerializeAsString());
          if (status.ok() && on_ok != nullptr) on_ok(response);
        });
  };
  operation.send();
  return operation;
}

std::string Workload::NewRequestId() { return fmt::format("r-{}", ++next_id_); }

std::string Workload::NewTag() {
  std::string tag = "q";
  for (int rest = ++next_id_; rest > 0; rest /= 20) tag += static_cast<char>('a' + rest % 20);
  return tag + "z";
}

std::string Workload::AnyTenant() { return kTenants[random_.Uniform(kTenants.size())]; }

Caller Workload::AnyAgent(const std::string& tenant) {
  return {tenant, random_.Bool(0.5) ? "mia" : "noah", rpc::Role::kAgent};
}

absl::Status Workload::Act() {
  using Action = void (Workload::*)();
  struct Choice {
    int weight;
    Action action;
  };
  static constexpr std::array<Choice, 21> kChoices = {{
      {22, &Workload::Write},        {3, &Workload::WriteAtOnce},    {5, &Workload::WriteAgain},
      {5, &Workload::ReadReplies},   {6, &Workload::TakeOver},       {8, &Workload::Reply},
      {4, &Workload::Resolve},       {2, &Workload::ReturnToBot},    {3, &Workload::RequestTicket},
      {7, &Workload::CreateTicket},  {8, &Workload::Note},           {14, &Workload::MoveTicket},
      {4, &Workload::Assign},        {3, &Workload::ChangePriority}, {5, &Workload::ReportUse},
      {5, &Workload::ReportSignals}, {2, &Workload::IssueInvoice},   {2, &Workload::RateAnswer},
      {12, &Workload::Repeat},       {3, &Workload::ChangeBus},      {1, &Workload::ChangeSpace},
  }};
  const uint64_t dice = random_.Uniform(100);
  if (dice < 8) {
    FD_RETURN_IF_ERROR(PassTime());
  } else if (dice < 10) {
    FD_RETURN_IF_ERROR(Crash());
  } else if (dice < 11) {
    random_.Bool(0.5) ? FailSync() : JumpClock();
  } else if (dice < 13) {
    FD_RETURN_IF_ERROR(random_.Bool(0.6) ? BackUp() : RestoreOne());
  } else {
    int total = 0;
    for (const Choice& choice : kChoices) total += choice.weight;
    int rest = static_cast<int>(random_.Uniform(static_cast<uint64_t>(total)));
    for (const Choice& choice : kChoices) {
      if (rest < choice.weight) {
        (this->*choice.action)();
        break;
      }
      rest -= choice.weight;
    }
  }
  if (random_.Bool(0.12)) return world_.Settle();
  return world_.Steps(static_cast<int>(random_.Uniform(60)));
}

void Workload::Write() {
  SentMessage message;
  message.tenant = AnyTenant();
  message.channel_account = random_.Bool(0.5) ? "web" : "api";
  if (random_.Bool(0.1)) ++senders_;
  message.sender = fmt::format("visitor-{}", random_.Uniform(static_cast<uint64_t>(senders_)));
  message.channel_message_id = fmt::format("m-{}", ++next_id_);
  message.text = Pick(kTexts);
  Ingest(message);
}

// Two first messages of somebody new, before anything of either is stored.
void Workload::WriteAtOnce() {
  SentMessage message;
  message.tenant = AnyTenant();
  message.channel_account = "web";
  message.sender = fmt::format("visitor-{}", ++senders_);
  for (int i = 0; i < 2; ++i) {
    message.channel_message_id = fmt::format("m-{}", ++next_id_);
    message.text = Pick(kTexts);
    Ingest(message);
  }
  // The same message twice at the same time.
  if (random_.Bool(0.5)) Ingest(message);
}

void Workload::WriteAgain() {
  if (model_.messages.empty()) return;
  auto place = model_.messages.begin();
  std::advance(place, random_.Uniform(model_.messages.size()));
  Ingest(SentMessage(place->second));
}

void Workload::Ingest(const SentMessage& message) {
  const std::string fact = fmt::format("message/{}/{}/{}", message.tenant, message.channel_account,
                                       message.channel_message_id);
  model_.messages.emplace(fact, message);
  channel::v1::IngestMessageRequest request;
  request.set_parent(
      fmt::format("tenants/{}/channelAccounts/{}", message.tenant, message.channel_account));
  request.set_channel_message_id(message.channel_message_id);
  request.set_sender_id(message.sender);
  request.set_text(message.text);
  if (message.sender.size() % 2 == 0) {
    request.set_account(fmt::format("tenants/{}/accounts/shop", message.tenant));
  }
  request.set_request_id(NewRequestId());
  Submit<channel::ChannelService, channel::v1::IngestMessageRequest,
         channel::v1::IngestMessageResponse>(
      ServiceId::kChannel, fact, &channel::ChannelService::IngestMessage, "IngestMessage",
      {message.tenant, "adapter", rpc::Role::kChannel}, std::move(request),
      [this, fact](const channel::v1::IngestMessageResponse& response) {
        SentMessage& sent = model_.messages[fact];
        const std::string& name = response.message().name();
        customers_[{sent.tenant, sent.sender}] = response.message().customer();
        if (!sent.name.empty() && sent.name != name) {
          model_.Violate(fmt::format("{} was stored as {} and as {}", fact, sent.name, name));
        }
        sent.name = name;
      });
}

void Workload::ReadReplies() {
  if (customers_.empty()) return;
  auto place = customers_.begin();
  std::advance(place, random_.Uniform(customers_.size()));
  const std::string tenant = place->first.first;
  channel::v1::ListMessagesRequest list;
  list.set_parent(place->second);
  list.set_page_size(200);
  auto messages = world_.Read<channel::ChannelService, channel::v1::ListMessagesRequest,
                              channel::v1::ListMessagesResponse>(
      &channel::ChannelService::ListMessages, "ListMessages", tenant, list);
  if (!messages.ok() || messages->messages().empty()) return;
  const auto& last = messages->messages(messages->messages_size() - 1);
  channel::v1::AcknowledgeMessagesRequest request;
  request.set_parent(place->second);
  request.set_channel_account(last.channel_account());
  request.set_sequence(last.sequence());
  request.set_request_id(NewRequestId());
  Submit<channel::ChannelService, channel::v1::AcknowledgeMessagesRequest,
         channel::v1::AcknowledgeMessagesResponse>(
      ServiceId::kChannel, "", &channel::ChannelService::AcknowledgeMessages, "AcknowledgeMessages",
      {tenant, "adapter", rpc::Role::kChannel}, std::move(request));
}

bool Workload::PickConversation(std::string* tenant, dialog::v1::Conversation* conversation) {
  *tenant = AnyTenant();
  dialog::v1::ListConversationsRequest request;
  request.set_parent("tenants/" + *tenant);
  request.set_page_size(20);
  auto page = world_.Read<dialog::DialogService, dialog::v1::ListConversationsRequest,
                          dialog::v1::ListConversationsResponse>(
      &dialog::DialogService::ListConversations, "ListConversations", *tenant, request);
  if (!page.ok() || page->conversations().empty()) return false;
  *conversation = Pick(page->conversations());
  return true;
}

void Workload::TakeOver() {
  std::string tenant;
  dialog::v1::Conversation conversation;
  if (!PickConversation(&tenant, &conversation)) return;
  dialog::v1::TakeOverConversationRequest request;
  request.set_name(conversation.name());
  request.set_request_id(NewRequestId());
  Submit<dialog::DialogService, dialog::v1::TakeOverConversationRequest,
         dialog::v1::TakeOverConversationResponse>(
      ServiceId::kDialog, "", &dialog::DialogService::TakeOverConversation, "TakeOverConversation",
      AnyAgent(tenant), std::move(request),
      [this](const dialog::v1::TakeOverConversationResponse& response) {
        int64_t& token = model_.tokens[response.conversation().name()];
        token = std::max(token, response.conversation().speaker_lease().token());
      });
}

void Workload::Reply() {
  std::string tenant;
  dialog::v1::Conversation conversation;
  if (!PickConversation(&tenant, &conversation)) return;
  const int64_t newest = model_.tokens[conversation.name()];
  const bool stale = newest > 1 && random_.Bool(0.25);
  const int64_t token = stale ? newest - 1 : conversation.speaker_lease().token();
  const std::string tag = NewTag();
  Caller agent = AnyAgent(tenant);
  if (conversation.speaker_lease().holder().ends_with("/mia")) agent.principal = "mia";
  if (conversation.speaker_lease().holder().ends_with("/noah")) agent.principal = "noah";
  dialog::v1::ReplyToConversationRequest request;
  request.set_name(conversation.name());
  request.set_text(fmt::format("Let me see {}", tag));
  request.set_speaker_token(token);
  request.set_request_id(NewRequestId());
  const bool must_be_refused = token < newest;
  Operation& operation = Submit<dialog::DialogService, dialog::v1::ReplyToConversationRequest,
                                dialog::v1::ReplyToConversationResponse>(
      ServiceId::kDialog, "reply/" + tag, &dialog::DialogService::ReplyToConversation,
      "ReplyToConversation", agent, std::move(request));
  operation.must_be_refused = must_be_refused;
}

void Workload::Resolve() {
  std::string tenant;
  dialog::v1::Conversation conversation;
  if (!PickConversation(&tenant, &conversation)) return;
  dialog::v1::ResolveConversationRequest request;
  request.set_name(conversation.name());
  request.set_request_id(NewRequestId());
  Submit<dialog::DialogService, dialog::v1::ResolveConversationRequest,
         dialog::v1::ResolveConversationResponse>(
      ServiceId::kDialog, "", &dialog::DialogService::ResolveConversation, "ResolveConversation",
      AnyAgent(tenant), std::move(request));
}

void Workload::ReturnToBot() {
  std::string tenant;
  dialog::v1::Conversation conversation;
  if (!PickConversation(&tenant, &conversation)) return;
  dialog::v1::ReturnToBotRequest request;
  request.set_name(conversation.name());
  request.set_request_id(NewRequestId());
  Submit<dialog::DialogService, dialog::v1::ReturnToBotRequest, dialog::v1::ReturnToBotResponse>(
      ServiceId::kDialog, "", &dialog::DialogService::ReturnToBot, "ReturnToBot", AnyAgent(tenant),
      std::move(request));
}

void Workload::RequestTicket() {
  std::string tenant;
  dialog::v1::Conversation conversation;
  if (!PickConversation(&tenant, &conversation)) return;
  const std::string tag = NewTag();
  dialog::v1::RequestTicketRequest request;
  request.set_name(conversation.name());
  request.set_subject(fmt::format("Please look {}", tag));
  request.set_request_id(NewRequestId());
  Submit<dialog::DialogService, dialog::v1::RequestTicketRequest,
         dialog::v1::RequestTicketResponse>(ServiceId::kDialog, "ticket/" + tag,
                                            &dialog::DialogService::RequestTicket, "RequestTicket",
                                            AnyAgent(tenant), std::move(request));
}

void Workload::CreateTicket() {
  const std::string tenant = AnyTenant();
  const std::string tag = NewTag();
  ticket::v1::CreateTicketRequest request;
  request.set_parent("tenants/" + tenant);
  request.set_subject(fmt::format("Printer on fire {}", tag));
  request.set_description("It burns since this morning");
  request.set_priority(static_cast<common::v1::Priority>(random_.Uniform(5)));
  if (random_.Bool(0.4)) request.set_account(fmt::format("tenants/{}/accounts/shop", tenant));
  for (const auto& [place, customer] : customers_) {
    if (place.first == tenant && random_.Bool(0.3)) request.set_customer(customer);
  }
  request.set_request_id(NewRequestId());
  Submit<ticket::TicketService, ticket::v1::CreateTicketRequest, ticket::v1::CreateTicketResponse>(
      ServiceId::kTicket, "ticket/" + tag, &ticket::TicketService::CreateTicket, "CreateTicket",
      AnyAgent(tenant), std::move(request),
      [this, tenant](const ticket::v1::CreateTicketResponse& response) {
        tickets_.emplace_back(tenant, response.ticket().name());
      });
}

bool Workload::PickTicket(std::string* tenant, std::string* name) {
  if (random_.Bool(0.6) && !tickets_.empty()) {
    // Mostly the newest, so that some get far.
    const size_t back = std::min<size_t>(random_.Uniform(4), tickets_.size() - 1);
    std::tie(*tenant, *name) = tickets_[tickets_.size() - 1 - back];
    return true;
  }
  *tenant = AnyTenant();
  ticket::v1::ListTicketsRequest request;
  request.set_parent("tenants/" + *tenant);
  request.set_page_size(20);
  auto page = world_.Read<ticket::TicketService, ticket::v1::ListTicketsRequest,
                          ticket::v1::ListTicketsResponse>(&ticket::TicketService::ListTickets,
                                                           "ListTickets", *tenant, request);
  if (!page.ok() || page->tickets().empty()) return false;
  *name = Pick(page->tickets()).name();
  return true;
}

void Workload::Note() {
  std::string tenant;
  std::string name;
  if (!PickTicket(&tenant, &name)) return;
  const std::string tag = NewTag();
  ticket::v1::AddNoteRequest request;
  request.set_parent(name);
  request.set_text(fmt::format("Looked at it {}", tag));
  request.set_visibility(random_.Bool(0.5) ? ticket::v1::NOTE_VISIBILITY_PUBLIC
                                           : ticket::v1::NOTE_VISIBILITY_INTERNAL);
  request.set_request_id(NewRequestId());
  Submit<ticket::TicketService, ticket::v1::AddNoteRequest, ticket::v1::AddNoteResponse>(
      ServiceId::kTicket, "note/" + tag, &ticket::TicketService::AddNote, "AddNote",
      AnyAgent(tenant), std::move(request));
}

void Workload::MoveTicket() {
  std::string tenant;
  std::string name;
  if (!PickTicket(&tenant, &name)) return;
  const Caller agent = AnyAgent(tenant);
  const auto verb = [&]<class Request, class Response>(
                        void (ticket::TicketService::*method)(const rpc::Call&, const Request&,
                                                              Response*, rpc::Finish),
                        const char* what, Request request) {
    request.set_name(name);
    request.set_request_id(NewRequestId());
    const std::string fact = "change/" + tenant + "/" + request.request_id();
    Submit<ticket::TicketService, Request, Response>(ServiceId::kTicket, fact, method, what, agent,
                                                     std::move(request));
  };
  using ticket::TicketService;
  switch (random_.Uniform(8)) {
    case 0:
    case 1:
      return verb(&TicketService::StartTicket, "StartTicket", ticket::v1::StartTicketRequest());
    case 2: {
      ticket::v1::HoldTicketRequest request;
      request.set_reason("waits for the customer");
      return verb(&TicketService::HoldTicket, "HoldTicket", request);
    }
    case 3:
      return verb(&TicketService::ResumeTicket, "ResumeTicket", ticket::v1::ResumeTicketRequest());
    case 4:
    case 5: {
      ticket::v1::ResolveTicketRequest request;
      request.set_resolution("turned it off and on again");
      return verb(&TicketService::ResolveTicket, "ResolveTicket", request);
    }
    case 6:
      return verb(&TicketService::ReopenTicket, "ReopenTicket", ticket::v1::ReopenTicketRequest());
    default:
      return verb(&TicketService::CloseTicket, "CloseTicket", ticket::v1::CloseTicketRequest());
  }
}

void Workload::Assign() {
  std::string tenant;
  std::string name;
  if (!PickTicket(&tenant, &name)) return;
  ticket::v1::AssignTicketRequest request;
  request.set_name(name);
  request.set_assignee(
      fmt::format("tenants/{}/agents/{}", tenant, random_.Bool(0.5) ? "mia" : "noah"));
  request.set_request_id(NewRequestId());
  Submit<ticket::TicketService, ticket::v1::AssignTicketRequest, ticket::v1::AssignTicketResponse>(
      ServiceId::kTicket, "", &ticket::TicketService::AssignTicket, "AssignTicket",
      AnyAgent(tenant), std::move(request));
}

void Workload::ChangePriority() {
  std::string tenant;
  std::string name;
  if (!PickTicket(&tenant, &name)) return;
  ticket::v1::UpdateTicketRequest request;
  request.mutable_ticket()->set_name(name);
  request.mutable_ticket()->set_priority(static_cast<common::v1::Priority>(1 + random_.Uniform(4)));
  request.mutable_update_mask()->add_paths("priority");
  request.set_request_id(NewRequestId());
  Submit<ticket::TicketService, ticket::v1::UpdateTicketRequest, ticket::v1::UpdateTicketResponse>(
      ServiceId::kTicket, "", &ticket::TicketService::UpdateTicket, "UpdateTicket",
      AnyAgent(tenant), std::move(request));
}

void Workload::ReportUse() {
  const std::string tenant = AnyTenant();
  // Sometimes an id that was reported before, with the same payload.
  const bool again = !model_.quantities.empty() && random_.Bool(0.3);
  std::string fact = fmt::format("usage/{}/u-{}", tenant, ++next_id_);
  if (again) {
    auto place = model_.quantities.begin();
    std::advance(place, random_.Uniform(model_.quantities.size()));
    fact = place->first;
  }
  const std::string owner = fact.substr(6, fact.rfind('/') - 6);
  model_.quantities.emplace(fact, 1 + static_cast<int64_t>(fact.size() % 7));
  billing::v1::RecordUsageRequest request;
  request.set_parent("tenants/" + owner);
  billing::v1::Usage& usage = *request.add_usages();
  usage.set_source("app");
  usage.set_usage_id(fact.substr(fact.rfind('/') + 1));
  usage.set_meter(billing::v1::METER_MESSAGES);
  usage.set_quantity(model_.quantities[fact]);
  request.set_request_id(NewRequestId());
  Submit<billing::BillingService, billing::v1::RecordUsageRequest,
         billing::v1::RecordUsageResponse>(ServiceId::kBilling, fact,
                                           &billing::BillingService::RecordUsage, "RecordUsage",
                                           {owner, "ann", rpc::Role::kAdmin}, std::move(request));
}

void Workload::ReportSignals() {
  const std::string tenant = AnyTenant();
  health::v1::RecordSignalsRequest request;
  request.set_parent("tenants/" + tenant);
  health::v1::Signal& signal = *request.add_signals();
  signal.set_signal_id(fmt::format("s-{}", ++next_id_));
  signal.set_account(
      fmt::format("tenants/{}/accounts/{}", tenant, random_.Bool(0.5) ? "shop" : "farm"));
  signal.set_dimension(static_cast<health::v1::HealthDimension>(1 + random_.Uniform(5)));
  signal.set_value_bps(static_cast<int32_t>(random_.Uniform(10'001)));
  request.set_request_id(NewRequestId());
  const std::string key =
      fmt::format("{}/{}", signal.account(), static_cast<int>(signal.dimension()));
  const int value = signal.value_bps();
  model_.signals[key].uncertain.insert(value);
  model_.signals[key].all.insert(value);
  const size_t number = model_.operations.size();
  Submit<health::HealthService, health::v1::RecordSignalsRequest,
         health::v1::RecordSignalsResponse>(
      ServiceId::kHealth, "", &health::HealthService::RecordSignals, "RecordSignals",
      {tenant, "app", rpc::Role::kService}, request,
      [this, key, value, number](const health::v1::RecordSignalsResponse& response) {
        const Operation& operation = *model_.operations[number];
        if (response.recorded_count() != 1) {
          model_.Violate(fmt::format("#{}: a signal was taken {} times by one request",
                                     operation.number, response.recorded_count()));
        }
        if (operation.attempts != 1) return;
        model_.signals[key].last = value;
        model_.signals[key].uncertain.erase(value);
      });
}

void Workload::IssueInvoice() {
  const std::string tenant = AnyTenant();
  const std::string name = fmt::format("tenants/{}/subscriptions/main", tenant);
  billing::v1::GetSubscriptionRequest get;
  get.set_name(name);
  auto subscription = world_.Read<billing::BillingService, billing::v1::GetSubscriptionRequest,
                                  billing::v1::GetSubscriptionResponse>(
      &billing::BillingService::GetSubscription, "GetSubscription", tenant, get);
  if (!subscription.ok()) return;
  billing::v1::IssueInvoiceRequest request;
  request.set_subscription(name);
  *request.mutable_period_start_time() = subscription->subscription().next_invoice_start_time();
  request.set_request_id(NewRequestId());
  const std::string fact =
      fmt::format("invoice/{}/{}", tenant, request.period_start_time().seconds());
  Submit<billing::BillingService, billing::v1::IssueInvoiceRequest,
         billing::v1::IssueInvoiceResponse>(ServiceId::kBilling, fact,
                                            &billing::BillingService::IssueInvoice, "IssueInvoice",
                                            {tenant, "ann", rpc::Role::kAdmin}, std::move(request));
}

void Workload::RateAnswer() {
  const std::string tenant = AnyTenant();
  knowledge::v1::RateAnswerRequest request;
  request.set_parent("tenants/" + tenant);
  request.set_answer_id(fmt::format("answer-{}", ++next_id_));
  request.set_rating(random_.Bool(0.5) ? knowledge::v1::ANSWER_RATING_HELPFUL
                                       : knowledge::v1::ANSWER_RATING_NOT_HELPFUL);
  request.add_article_versions(fmt::format("tenants/{}/articles/delivery/versions/1", tenant));
  request.set_account(fmt::format("tenants/{}/accounts/shop", tenant));
  request.set_request_id(NewRequestId());
  Submit<knowledge::KnowledgeService, knowledge::v1::RateAnswerRequest,
         knowledge::v1::RateAnswerResponse>(
      ServiceId::kKnowledge, fmt::format("rating/{}/{}", tenant, request.answer_id()),
      &knowledge::KnowledgeService::RateAnswer, "RateAnswer", AnyAgent(tenant), request);
}

void Workload::Repeat() {
  std::vector<Operation*> open;
  std::vector<Operation*> known;
  for (const auto& operation : model_.operations) {
    if (world_.clock.Steady() - operation->first_sent > kRepeatWithin) continue;
    if (operation->in_flight > 0 && !random_.Bool(0.1)) continue;
    (operation->acknowledged ? known : open).push_back(operation.get());
  }
  const bool prefer_open = random_.Bool(0.6);
  const auto& list = (prefer_open && !open.empty()) || known.empty() ? open : known;
  if (!list.empty()) Pick(list)->send();
}

absl::Status Workload::RepeatAll() {
  for (const auto& operation : model_.operations) {
    if (world_.clock.Steady() - operation->first_sent > kRepeatWithin) continue;
    const bool unknown = operation->possible && !operation->acknowledged;
    if (random_.Bool(unknown ? 0.8 : 0.05)) operation->send();
    if (random_.Bool(0.3)) FD_RETURN_IF_ERROR(world_.Steps(5));
  }
  return absl::OkStatus();
}

absl::Status Workload::PassTime() {
  static constexpr std::array<absl::Duration, 8> kSteps = {
      absl::Seconds(1),  absl::Seconds(3),  absl::Seconds(20), absl::Minutes(3),
      absl::Minutes(11), absl::Minutes(40), absl::Hours(5),    absl::Hours(30)};
  const absl::Duration by = Pick(kSteps) + absl::Milliseconds(random_.Uniform(1000));
  if (passed_ + by > kPassedMax) return absl::OkStatus();
  passed_ += by;
  model_.Trace(fmt::format("{} pass", by));
  if (random_.Bool(0.3)) {
    world_.clock.Advance(by);
    return absl::OkStatus();
  }
  return world_.Advance(by);
}

absl::Status Workload::Crash() {
  const absl::Duration away =
      random_.Bool(0.8) ? absl::Seconds(random_.Uniform(10)) : absl::Minutes(random_.Uniform(60));
  passed_ += away;
  model_.Trace(fmt::format("power is cut, back after {}", away));
  return world_.Crash(away);
}

void Workload::FailSync() {
  model_.Trace("the next sync fails");
  world_.disk.FailSyncs(1);
}

void Workload::ChangeBus() {
  FaultyLog::Faults& faults = world_.log.faults;
  faults.away = !faults.away && random_.Bool(0.4);
  faults.lose_acknowledgement = random_.Bool(0.4) ? 0.15 : 0;
  faults.kill_publisher = random_.Bool(0.3) ? 0.05 : 0;
  faults.deliver_late = random_.Bool(0.3) ? 0.5 : 0;
  faults.deliver_again = random_.Bool(0.4) ? 0.2 : 0;
  faults.break_connection = random_.Bool(0.3) ? 0.02 : 0;
  model_.Trace(fmt::format("bus: away {}, lost acknowledgements {}, late {}, again {}", faults.away,
                           faults.lose_acknowledgement, faults.deliver_late, faults.deliver_again));
}

void Workload::JumpClock() {
  static constexpr std::array<absl::Duration, 6> kJumps = {-absl::Seconds(30), absl::Seconds(40),
                                                           -absl::Minutes(5),  absl::Minutes(8),
                                                           absl::Hours(2),     -absl::Hours(1)};
  const absl::Duration by = Pick(kJumps);
  model_.Trace(fmt::format("the clock jumps by {}", by));
  world_.JumpClock(by);
}

void Workload::ChangeSpace() {
  world_.free_bytes = world_.free_bytes == World::kPlenty ? World::kNearlyFull : World::kPlenty;
  model_.Trace(fmt::format("free space: {}", world_.free_bytes));
}

absl::Status Workload::BackUp() {
  const auto service = static_cast<ServiceId>(random_.Uniform(kServiceCount));
  model_.Trace(fmt::format("backup of {}", NameOf(service)));
  // A backup that fails is none: nothing to see.
  world_.disk.FailSyncs(0);
  FD_RETURN_IF_ERROR(world_.Backup(service));
  model_.OnBackup(service);
  return absl::OkStatus();
}

absl::Status Workload::RestoreOne() {
  std::vector<ServiceId> saved;
  for (size_t i = 0; i < kServiceCount; ++i) {
    if (world_.HasBackup(static_cast<ServiceId>(i))) saved.push_back(static_cast<ServiceId>(i));
  }
  if (saved.empty()) return absl::OkStatus();
  const ServiceId service = Pick(saved);
  model_.Trace(
      fmt::format("the volume of {} is lost, its backup takes its place", NameOf(service)));
  FD_RETURN_IF_ERROR(world_.Restore(service));
  model_.OnRestore(service);
  return absl::OkStatus();
}

}  // namespace frontdesk::sim
