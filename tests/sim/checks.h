#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "frontdesk/billing/v1/billing_events.pb.h"
#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/knowledge/v1/knowledge_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

namespace frontdesk::sim {

// Compares what the services show, through their own RPCs and the bus, with what the model knows.
// Made for one check, of a world at rest; what is broken goes to the model.
class Checks {
 public:
  Checks(World& world, Model& model) : world_(world), model_(model) {}

  // Everything, in a world at rest.
  void Run();
  // Holds at every moment, also in the middle of things.
  void CheckOpenConversations();

 private:
  // An event on the bus, once, however often it is there.
  struct Event {
    std::string id;
    std::string source;
    std::string type;
    std::string subject;
    std::string cause;
    std::string key;
    std::string value;
    uint64_t epoch = 0;
    uint64_t seq = 0;
    uint64_t prev = 0;
    std::string topic;
    int32_t partition = 0;
  };
  using Counts = std::map<std::string, int>;

  void Fail(std::string what) { model_.Violate(std::move(what)); }

  // The bus.
  void ReadBus();
  bool ParseEvent(const bus::Record& record, Event* event);
  void CheckPartition(const std::vector<Event>& records);
  void CheckSequences();
  void CheckEngines();
  void CheckHandledOnce();
  void CheckCauses();
  template <class Message>
  std::vector<Message> EventsOf(std::string_view topic);

  // Services, one tenant at a time.
  void CheckChannel(const std::string& tenant);
  void CheckMessages(const std::string& tenant, const channel::v1::Customer& customer);
  void CheckInbound(const std::string& tenant, const channel::v1::Message& message,
                    const std::map<std::string, std::string>& opened);
  void CheckDialog(const std::string& tenant);
  void CheckTurns(const std::string& tenant, const dialog::v1::Conversation& conversation);
  void CheckJourney();
  void CheckTickets(const std::string& tenant);
  void CheckTicketRows(const std::string& tenant, const ticket::v1::Ticket& ticket);
  void CheckHistory(const std::string& tenant, const ticket::v1::Ticket& ticket,
                    const std::vector<ticket::v1::TicketChange>& changes);
  void CheckClocks(const ticket::v1::Ticket& ticket);
  void CheckTicketEvents();
  void CheckProposals(const std::string& tenant);
  void CheckBilling(const std::string& tenant);
  void CheckLedger(const std::string& tenant, const std::map<int, int64_t>& rated);
  void CheckInvoices(const std::string& tenant);
  void CheckMeters();
  void CheckHealth(const std::string& tenant);
  void CheckSignal(const std::string& account, const health::v1::Contribution& part);
  void CheckFacts();

  // All of a list, page by page. `field` names the repeated field of the reply.
  template <class Item, class Service, class Request, class Response>
  std::vector<Item> ListAll(void (Service::*method)(const rpc::Call&, const Request&, Response*,
                                                    rpc::Finish),
                            const char* name, const std::string& tenant, Request request,
                            const google::protobuf::RepeatedPtrField<Item>& (Response::*items)()
                                const);
  // How many unique events of a type have this subject or resource.
  int& Seen(const std::string& fact) { return seen_[fact]; }

  World& world_;
  Model& model_;
  std::map<std::string, Event> events_;  // by id
  std::map<std::pair<std::string, uint64_t>, std::map<uint64_t, std::string>> sequences_;
  Counts seen_;                                       // facts, as the services show them
  std::map<std::string, std::string> inbound_;        // message name -> customer, as channel has it
  std::map<std::string, int> outbound_;               // conversation -> messages of channel
  std::map<std::string, int> customer_turns_;         // message name -> turns about it
  std::map<std::string, int> reply_turns_;            // conversation -> replies
  std::map<std::string, std::string> conversations_;  // name -> its ticket
  std::map<std::string, ticket::v1::Ticket> tickets_;
  std::map<std::string, int> metered_;  // "{meter}/{resource}" -> usages
};

}  // namespace frontdesk::sim
