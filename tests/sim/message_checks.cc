// What customers and agents have said: channel, dialog and the way between them.
#include <algorithm>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/topics.h"
#include "tests/sim/checks.h"
#include "tests/sim/list_all.h"

namespace frontdesk::sim {
namespace {

std::string LastId(const std::string& name) { return name.substr(name.rfind('/') + 1); }

}  // namespace

void Checks::CheckChannel(const std::string& tenant) {
  channel::v1::ListCustomersRequest request;
  request.set_parent("tenants/" + tenant);
  const auto customers = ListAll<channel::v1::Customer, channel::ChannelService>(
      &channel::ChannelService::ListCustomers, "ListCustomers", tenant, request,
      &channel::v1::ListCustomersResponse::customers);
  for (const channel::v1::Customer& customer : customers) CheckMessages(tenant, customer);
}

void Checks::CheckMessages(const std::string& tenant, const channel::v1::Customer& customer) {
  channel::v1::ListMessagesRequest request;
  request.set_parent(customer.name());
  request.set_page_size(100);
  int64_t sequence = 0;
  do {
    auto page = world_.Read<channel::ChannelService, channel::v1::ListMessagesRequest,
                            channel::v1::ListMessagesResponse>(
        &channel::ChannelService::ListMessages, "ListMessages", tenant, request);
    if (!page.ok()) return Fail(fmt::format("messages of {}: {}", customer.name(), page.status()));
    std::map<std::string, std::string> opened;
    for (const auto& text : page->opened()) opened[text.name()] = text.text();
    for (const channel::v1::Message& message : page->messages()) {
      if (message.sequence() != ++sequence) {
        Fail(fmt::format("{} has number {} where {} is due", message.name(), message.sequence(),
                         sequence));
      }
      if (message.direction() == channel::v1::MESSAGE_DIRECTION_INBOUND) {
        CheckInbound(tenant, message, opened);
      } else {
        ++outbound_[message.conversation()];
      }
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
}

void Checks::CheckInbound(const std::string& tenant, const channel::v1::Message& message,
                          const std::map<std::string, std::string>& opened) {
  inbound_[message.name()] = message.customer();
  const std::string fact = fmt::format(
      "message/{}/{}/{}", tenant, LastId(message.channel_account()), message.channel_message_id());
  ++Seen(fact);
  const auto sent = model_.messages.find(fact);
  if (sent == model_.messages.end()) return;
  const auto text = opened.find(message.name());
  if (text == opened.end() || text->second != sent->second.text) {
    Fail(fmt::format("{} does not say what the customer wrote", message.name()));
  }
  if (!sent->second.name.empty() && sent->second.name != message.name()) {
    Fail(fmt::format("{} was acknowledged as {} and is {}", fact, sent->second.name,
                     message.name()));
  }
}

void Checks::CheckOpenConversations() {
  for (const char* tenant : kTenants) {
    dialog::v1::ListConversationsRequest request;
    request.set_parent(fmt::format("tenants/{}", tenant));
    std::map<std::pair<std::string, std::string>, std::string> open;
    for (const auto& conversation : ListAll<dialog::v1::Conversation, dialog::DialogService>(
             &dialog::DialogService::ListConversations, "ListConversations", tenant, request,
             &dialog::v1::ListConversationsResponse::conversations)) {
      if (conversation.state() == dialog::v1::CONVERSATION_STATE_RESOLVED) continue;
      const auto [place, is_first] = open.emplace(
          std::pair{conversation.customer(), conversation.channel_account()}, conversation.name());
      if (!is_first) {
        Fail(fmt::format("{} has two open conversations on {}: {} and {}", conversation.customer(),
                         conversation.channel_account(), place->second, conversation.name()));
      }
    }
  }
}

void Checks::CheckDialog(const std::string& tenant) {
  dialog::v1::ListConversationsRequest request;
  request.set_parent("tenants/" + tenant);
  for (const auto& conversation : ListAll<dialog::v1::Conversation, dialog::DialogService>(
           &dialog::DialogService::ListConversations, "ListConversations", tenant, request,
           &dialog::v1::ListConversationsResponse::conversations)) {
    conversations_[conversation.name()] = conversation.ticket();
    CheckTurns(tenant, conversation);
  }
}

void Checks::CheckTurns(const std::string& tenant, const dialog::v1::Conversation& conversation) {
  dialog::v1::ListTurnsRequest request;
  request.set_parent(conversation.name());
  const auto turns = ListAll<dialog::v1::Turn, dialog::DialogService>(
      &dialog::DialogService::ListTurns, "ListTurns", tenant, request,
      &dialog::v1::ListTurnsResponse::turns);
  int64_t sequence = 0;
  int customer = 0;
  int agent = 0;
  for (const dialog::v1::Turn& turn : turns) {
    if (turn.sequence() != ++sequence) {
      Fail(fmt::format("{} has number {} where {} is due", turn.name(), turn.sequence(), sequence));
    }
    if (turn.author_kind() == common::v1::AUTHOR_KIND_CUSTOMER) {
      ++customer;
      if (++customer_turns_[turn.message()] == 2) {
        Fail(fmt::format("{} has two turns", turn.message()));
      }
    } else {
      ++reply_turns_[conversation.name()];
    }
    agent += turn.author_kind() == common::v1::AUTHOR_KIND_AGENT;
    static constexpr std::string_view kReply = "Let me see ";
    if (turn.text().masked().starts_with(kReply)) {
      ++Seen("reply/" + turn.text().masked().substr(kReply.size()));
    }
  }
  if (customer != conversation.customer_message_count() ||
      agent != conversation.agent_reply_count()) {
    Fail(fmt::format("{} counts {} messages and {} replies of agents, it has {} and {}",
                     conversation.name(), conversation.customer_message_count(),
                     conversation.agent_reply_count(), customer, agent));
  }
}

// From message to turn to reply to ticket: each once.
void Checks::CheckJourney() {
  std::map<std::string, int> received;
  for (const auto& event : EventsOf<channel::v1::ChannelEvent>(topics::kChannel)) {
    if (event.has_message_received()) ++received[event.message_received().message().name()];
  }
  for (const auto& [name, customer] : inbound_) {
    if (received[name] != 1) {
      Fail(fmt::format("{} events tell of {}", received[name], name));
    }
    if (customer_turns_[name] != 1) {
      Fail(fmt::format("{} is in {} turns", name, customer_turns_[name]));
    }
  }
  for (const auto& [name, count] : customer_turns_) {
    if (!inbound_.contains(name) && !model_.Restored(ServiceId::kChannel)) {
      Fail(fmt::format("{} has a turn and is no message", name));
    }
  }
  size_t sent = 0;
  for (const auto& [conversation, count] : outbound_) {
    sent += static_cast<size_t>(count);
    // A restored dialog may say the same in another conversation.
    if (count != reply_turns_[conversation] && !model_.Restored(ServiceId::kDialog)) {
      Fail(fmt::format("{} has {} replies, channel sends {}", conversation,
                       reply_turns_[conversation], count));
    }
  }
  std::set<std::string> replies;
  for (const auto& event : EventsOf<dialog::v1::DialogEvent>(topics::kDialog)) {
    if (event.has_reply_requested()) replies.insert(event.reply_requested().reply());
    if (!event.has_ticket_requested()) continue;
    const dialog::v1::TicketRequested& requested = event.ticket_requested();
    const std::string name =
        fmt::format("{}/tickets/{}", event.metadata().tenant(), requested.ticket_request());
    const auto ticket = tickets_.find(name);
    if (ticket == tickets_.end()) {
      Fail(fmt::format("{} was requested and is not there", name));
      continue;
    }
    // A restored dialog may ask again from another conversation for the ticket that was made.
    const auto conversation = conversations_.find(ticket->second.conversation());
    if (conversation != conversations_.end() && conversation->second.empty()) {
      Fail(fmt::format("{} does not know its ticket {}", conversation->first, name));
    }
  }
  if (sent != replies.size()) {
    Fail(fmt::format("dialog asked for {} replies, channel sends {}", replies.size(), sent));
  }
}

}  // namespace frontdesk::sim
