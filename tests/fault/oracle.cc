#include "tests/fault/oracle.h"

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "frontdesk/billing/v1/billing_service.pb.h"
#include "frontdesk/channel/v1/channel_service.pb.h"
#include "frontdesk/common/v1/admin_service.pb.h"
#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/base/absl_interop.h"

namespace frontdesk::fault {
namespace {

constexpr absl::Duration kDrainMax = absl::Seconds(60);
constexpr absl::Duration kRepliesMax = absl::Seconds(30);
constexpr char kReceived[] = "frontdesk.channel.v1.MessageReceived";
constexpr char kDelivered[] = "frontdesk.channel.v1.MessageDelivered";

// All pages of a list; `each` gets every response. False when a page could not be had.
template <class Response, class Request, class Each>
absl::Status ListAll(rpc::Client& client, const std::string& method, Request request, Each each) {
  request.set_page_size(200);
  while (true) {
    auto page = client.UnaryBlocking<Response>(method, rpc::Outgoing(), request);
    if (!page.ok()) return page.status();
    each(*page);
    if (page->next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page->next_page_token());
  }
}

std::vector<channel::v1::Message> MessagesOf(Daemon& daemon, const std::string& customer) {
  std::vector<channel::v1::Message> messages;
  channel::v1::ListMessagesRequest request;
  request.set_parent(customer);
  const absl::Status status = ListAll<channel::v1::ListMessagesResponse>(
      *daemon.client(), "/frontdesk.channel.v1.ChannelService/ListMessages", request,
      [&](const channel::v1::ListMessagesResponse& page) {
        messages.insert(messages.end(), page.messages().begin(), page.messages().end());
      });
  if (!status.ok()) messages.clear();
  return messages;
}

// The name of the customer behind a sender; empty when nobody of this name was ever heard.
std::string CustomerOf(Daemon& daemon, const std::string& sender) {
  const HttpAnswer answer =
      daemon.Get(fmt::format("/v1/messages?account=app&customer={}&after=0", sender));
  const auto json = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json.value("customer", "") : "";
}

// Every message has the bot's reply, and the sender has read them all.
bool Settled(const std::vector<channel::v1::Message>& messages) {
  std::set<std::string> answered;
  for (const channel::v1::Message& message : messages) {
    if (message.direction() == channel::v1::MESSAGE_DIRECTION_INBOUND) continue;
    if (message.state() != channel::v1::MESSAGE_STATE_DELIVERED) return false;
    answered.insert(message.reply_to());
  }
  for (const channel::v1::Message& message : messages) {
    if (message.direction() == channel::v1::MESSAGE_DIRECTION_INBOUND &&
        !answered.contains(message.name())) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool Oracle::Drained(Daemon& daemon) {
  const auto client = daemon.Operator();
  const auto status = client->UnaryBlocking<common::v1::GetEngineStatusResponse>(
      "/frontdesk.common.v1.AdminService/GetEngineStatus", rpc::Outgoing(),
      common::v1::GetEngineStatusRequest());
  if (!status.ok() || status->shards_size() != 6) return false;
  for (const common::v1::ShardStatus& shard : status->shards()) {
    if (!shard.ready() || shard.outbox_rows() != 0 || shard.event_queue_depth() != 0) return false;
    for (const common::v1::ConsumerStatus& consumer : shard.consumers()) {
      if (consumer.lag() != 0 || consumer.paused()) return false;
    }
  }
  return true;
}

std::vector<std::string> Oracle::Check() {
  wrong_ = load_.violations();
  CheckDrained();
  CheckTickets();
  CheckNotes();
  CheckMessages();
  CheckUsage();
  CheckLedger();
  return wrong_;
}

void Oracle::CheckDrained() {
  if (WaitUntil([&] { return Drained(daemon_); }, kDrainMax)) return;
  const auto client = daemon_.Operator();
  const auto status = client->UnaryBlocking<common::v1::GetEngineStatusResponse>(
      "/frontdesk.common.v1.AdminService/GetEngineStatus", rpc::Outgoing(),
      common::v1::GetEngineStatusRequest());
  Wrong("events are not drained: " +
        (status.ok() ? status->ShortDebugString() : status.status().ToString()));
}

void Oracle::CheckCount(const Operation& operation, size_t found, const std::string& what) {
  if (found == 1 || (found == 0 && !operation.acknowledged)) return;
  Wrong(fmt::format("{} {}: {} of it, and it was {}", what, operation.id, found,
                    operation.acknowledged ? "acknowledged" : "never answered"));
}

void Oracle::CheckTickets() {
  std::map<std::string, std::vector<std::string>> names;  // by subject
  ticket::v1::ListTicketsRequest request;
  request.set_parent("tenants/demo");
  const absl::Status status = ListAll<ticket::v1::ListTicketsResponse>(
      *daemon_.client(), "/frontdesk.ticket.v1.TicketService/ListTickets", request,
      [&](const ticket::v1::ListTicketsResponse& page) {
        for (const auto& ticket : page.tickets()) names[ticket.subject()].push_back(ticket.name());
      });
  if (!status.ok()) Wrong(fmt::format("tickets can't be listed: {}", status));
  size_t checked = 0;
  for (const Operation& operation : load_.operations()) {
    if (operation.kind != Operation::Kind::kTicket) continue;
    ++checked;
    const std::vector<std::string>& found = names[operation.id];
    CheckCount(operation, found.size(), "ticket");
    if (operation.acknowledged && found.size() == 1 && found[0] != operation.name) {
      Wrong(fmt::format("ticket {} was acknowledged as {} and is {}", operation.id, operation.name,
                        found[0]));
    }
    names.erase(operation.id);
  }
  for (const auto& [subject, found] : names) {
    if (subject.starts_with("rpc")) Wrong(fmt::format("nobody asked for ticket {}", subject));
  }
  summary_ += fmt::format("{} tickets, ", checked);
}

void Oracle::CheckNotes() {
  std::map<std::string, std::vector<const Operation*>> by_ticket;
  for (const Operation& operation : load_.operations()) {
    if (operation.kind == Operation::Kind::kNote) by_ticket[operation.parent].push_back(&operation);
  }
  size_t checked = 0;
  for (const auto& [ticket, operations] : by_ticket) {
    std::map<std::string, size_t> found;
    ticket::v1::ListNotesRequest request;
    request.set_parent(ticket);
    const absl::Status status = ListAll<ticket::v1::ListNotesResponse>(
        *daemon_.client(), "/frontdesk.ticket.v1.TicketService/ListNotes", request,
        [&](const ticket::v1::ListNotesResponse& page) {
          for (const auto& note : page.notes()) ++found[note.text().masked()];
        });
    if (!status.ok()) Wrong(fmt::format("notes of {} can't be listed: {}", ticket, status));
    for (const Operation* operation : operations) {
      ++checked;
      CheckCount(*operation, found[operation->id], "note");
    }
  }
  summary_ += fmt::format("{} notes, ", checked);
}

void Oracle::CheckMessages() {
  std::map<std::string, std::map<std::string, const Operation*>> senders;
  size_t checked = 0;
  for (const Operation& operation : load_.operations()) {
    if (operation.kind != Operation::Kind::kMessage) continue;
    senders[operation.parent][operation.id] = &operation;
    ++checked;
  }
  for (const auto& [sender, sent] : senders) CheckSender(sender, sent);
  summary_ += fmt::format("{} messages of {} customers, ", checked, senders.size());
}

void Oracle::CheckSender(const std::string& sender,
                         const std::map<std::string, const Operation*>& sent) {
  std::vector<channel::v1::Message> messages;
  const auto settled = [&] {
    const std::string customer = CustomerOf(daemon_, sender);
    messages =
        customer.empty() ? std::vector<channel::v1::Message>() : MessagesOf(daemon_, customer);
    return Settled(messages);
  };
  if (!WaitUntil(settled, kRepliesMax)) {
    Wrong(fmt::format("{}: a message has no reply, or a reply is not taken", sender));
  }
  std::map<std::string, size_t> inbound, replies;
  int64_t sequence = 0;
  for (const channel::v1::Message& message : messages) {
    if (message.sequence() != ++sequence) {
      Wrong(fmt::format("{}: sequence {} follows {}", sender, message.sequence(), sequence - 1));
      sequence = message.sequence();
    }
    if (message.direction() == channel::v1::MESSAGE_DIRECTION_INBOUND) {
      ++inbound[message.channel_message_id()];
      ++inbound_;
    } else {
      ++replies[message.reply_to()];
      if (message.state() == channel::v1::MESSAGE_STATE_DELIVERED) ++delivered_;
    }
  }
  for (const auto& [id, operation] : sent) CheckCount(*operation, inbound[id], "message");
  for (const channel::v1::Message& message : messages) {
    if (message.direction() != channel::v1::MESSAGE_DIRECTION_INBOUND) continue;
    if (replies[message.name()] != 1) {
      Wrong(fmt::format("{}: {} replies to {}", sender, replies[message.name()], message.name()));
    }
  }
}

void Oracle::CheckUsage() {
  std::map<std::string, std::map<std::string, int64_t>> quantities;  // by source and id
  std::vector<std::string> twice;
  const auto list = [&] {
    quantities.clear();
    twice.clear();
    accruals_ = 0;
    billing::v1::ListUsagesRequest request;
    request.set_parent("tenants/demo");
    return ListAll<billing::v1::ListUsagesResponse>(
        *daemon_.client(), "/frontdesk.billing.v1.BillingService/ListUsages", request,
        [&](const billing::v1::ListUsagesResponse& page) {
          for (const billing::v1::Usage& usage : page.usages()) {
            auto& of_source = quantities[usage.source()];
            if (!of_source.emplace(usage.usage_id(), usage.quantity()).second) {
              twice.push_back(usage.usage_id());
            }
            if (!usage.ledger_group().empty()) ++accruals_;
          }
        });
  };
  const auto complete = [&] {
    return list().ok() && quantities[kReceived].size() >= inbound_ &&
           quantities[kDelivered].size() >= delivered_;
  };
  WaitUntil(complete, kRepliesMax);
  if (quantities[kReceived].size() != inbound_ || quantities[kDelivered].size() != delivered_) {
    Wrong(fmt::format("{} messages received and {} delivered, billing has counted {} and {}",
                      inbound_, delivered_, quantities[kReceived].size(),
                      quantities[kDelivered].size()));
  }
  for (const std::string& id : twice) Wrong(fmt::format("use {} is listed twice", id));
  size_t checked = 0;
  auto& of_load = quantities["load"];
  for (const Operation& operation : load_.operations()) {
    if (operation.kind != Operation::Kind::kUsage) continue;
    ++checked;
    const auto it = of_load.find(operation.id);
    CheckCount(operation, it == of_load.end() ? 0 : 1, "use");
    if (it == of_load.end()) continue;
    if (it->second != operation.quantity) {
      Wrong(fmt::format("use {} of {} counts {}", operation.id, operation.quantity, it->second));
    }
    of_load.erase(it);
  }
  if (!of_load.empty()) Wrong(fmt::format("{} uses that nobody reported", of_load.size()));
  summary_ += fmt::format("{} uses, ", checked);
}

void Oracle::CheckLedger() {
  std::map<std::string, std::vector<int64_t>> groups;
  std::map<std::string, int64_t> accounts;
  billing::v1::ListLedgerEntriesRequest request;
  request.set_parent("tenants/demo");
  absl::Status status = ListAll<billing::v1::ListLedgerEntriesResponse>(
      *daemon_.client(), "/frontdesk.billing.v1.BillingService/ListLedgerEntries", request,
      [&](const billing::v1::ListLedgerEntriesResponse& page) {
        for (const billing::v1::LedgerEntry& entry : page.ledger_entries()) {
          groups[entry.group_id()].push_back(entry.amount().micros());
          accounts[entry.ledger_account()] += entry.amount().micros();
        }
      });
  if (!status.ok()) Wrong(fmt::format("the ledger can't be listed: {}", status));
  for (const auto& [group, amounts] : groups) {
    int64_t sum = 0;
    for (const int64_t micros : amounts) sum += micros;
    if (sum != 0) Wrong(fmt::format("postings of {} sum to {}", group, sum));
  }
  if (groups.size() != accruals_) {
    Wrong(fmt::format("{} uses are posted, in {} groups", accruals_, groups.size()));
  }
  billing::v1::ListLedgerBalancesRequest balances;
  balances.set_parent("tenants/demo");
  status = ListAll<billing::v1::ListLedgerBalancesResponse>(
      *daemon_.client(), "/frontdesk.billing.v1.BillingService/ListLedgerBalances", balances,
      [&](const billing::v1::ListLedgerBalancesResponse& page) {
        for (const billing::v1::LedgerBalance& balance : page.ledger_balances()) {
          const int64_t posted = accounts[balance.ledger_account()];
          if (balance.balance().micros() != posted) {
            Wrong(fmt::format("{} has a balance of {}, its postings sum to {}",
                              balance.ledger_account(), balance.balance().micros(), posted));
          }
        }
      });
  if (!status.ok()) Wrong(fmt::format("balances can't be listed: {}", status));
  summary_ += fmt::format("{} postings in balance", groups.size());
}

}  // namespace frontdesk::fault
