#include "services/health/consumer.h"

#include <string>
#include <string_view>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/knowledge/v1/knowledge_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/topics.h"
#include "services/health/domain/signals.h"
#include "services/health/event_handlers.h"

namespace frontdesk::health {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::Txn;

// Counts what the payload that `get` finds in an event says about its account.
template <class Event, class Payload>
void OnOutcome(bus::EventRoutes& routes, std::string_view topic, const Metrics& metrics,
               const Payload& (Event::*get)() const) {
  const std::string& type = Payload::descriptor()->full_name();
  routes.On<Event>(topic, type,
                   [&metrics, get, &type](const Event& event, const bus::Prepared&,
                                          const Context& ctx, Txn& txn) {
                     const Payload& payload = (event.*get)();
                     return CountOutcome(metrics, type, payload.account(), OutcomeOf(payload),
                                         event.metadata(), ctx, txn);
                   });
}

}  // namespace

bus::EventRoutes MakeRoutes(const Metrics& metrics) {
  using channel::v1::ChannelEvent;
  using dialog::v1::DialogEvent;
  using knowledge::v1::KnowledgeEvent;
  using ticket::v1::TicketEvent;
  bus::EventRoutes routes;
  routes.On<ChannelEvent>(
      topics::kChannel, "frontdesk.channel.v1.MessageReceived",
      [&metrics](const ChannelEvent& event, const bus::Prepared&, const Context& ctx, Txn& txn) {
        return NoteContact(metrics, event.message_received().account(), event.metadata(), ctx, txn);
      });
  OnOutcome(routes, topics::kDialog, metrics, &DialogEvent::conversation_resolved);
  OnOutcome(routes, topics::kDialog, metrics, &DialogEvent::handoff_requested);
  OnOutcome(routes, topics::kTicket, metrics, &TicketEvent::ticket_created);
  OnOutcome(routes, topics::kTicket, metrics, &TicketEvent::sla_breached);
  OnOutcome(routes, topics::kTicket, metrics, &TicketEvent::ticket_resolved);
  OnOutcome(routes, topics::kKnowledge, metrics, &KnowledgeEvent::answer_rated);
  return routes;
}

}  // namespace frontdesk::health
