#include "services/ticket/events.h"

#include <string>

#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/topics.h"
#include "libs/base/utf8.h"
#include "services/ticket/domain/proto_time.h"

namespace frontdesk::ticket {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::OutgoingEvent;

constexpr size_t kMaxCauseBytes = 128;

// Fills what every payload carries, customer and account as known now, and serialises. The ticket is
// most of an event, so it is lent to the payload for that time: a copy would cost more than writing.
template <class Payload>
OutgoingEvent Wrap(const Context& ctx, const v1::Ticket& ticket, v1::TicketEvent& event,
                   Payload& payload) {
  OutgoingEvent out;
  out.id = ctx.NewId();
  common::v1::EventMetadata& metadata = *event.mutable_metadata();
  metadata.set_event_id(out.id);
  metadata.set_tenant("tenants/" + std::string(ctx.tenant));
  ToProto(ctx.now, metadata.mutable_time());
  metadata.set_actor(std::string(ctx.actor));
  metadata.set_cause(std::string(TruncateUtf8(ctx.cause, kMaxCauseBytes)));
  metadata.set_correlation(ticket.conversation());
  payload.set_customer(ticket.customer());
  payload.set_account(ticket.account());

  out.topic = std::string(topics::kTicket);
  out.key = std::string(ctx.tenant);
  out.key.append("/").append(ticket.name(), ticket.name().rfind('/') + 1);
  out.type = Payload::descriptor()->full_name();
  out.subject = ticket.name();
  out.tenant = std::string(ctx.tenant);
  out.correlation = ticket.conversation();
  payload.unsafe_arena_set_allocated_ticket(const_cast<v1::Ticket*>(&ticket));
  event.SerializeToString(&out.value);
  payload.unsafe_arena_release_ticket();
  return out;
}

// "state" for "state", "clocks" for "clocks.resolution": the field of the resource.
std::string_view ResourceField(std::string_view field) { return field.substr(0, field.find('.')); }

}  // namespace

OutgoingEvent TicketCreatedEvent(const Context& ctx, const store::v1::TicketRecord& record) {
  v1::TicketEvent event;
  v1::TicketCreated& payload = *event.mutable_ticket_created();
  payload.set_ticket_request(record.ticket_request());
  return Wrap(ctx, record.ticket(), event, payload);
}

OutgoingEvent TicketChangedEvent(const Context& ctx, const store::v1::TicketRecord& record,
                                 const Change& change, const v1::Note* note) {
  const v1::Ticket& ticket = record.ticket();
  v1::TicketEvent event;
  if (change.action == VerbName(Verb::kResolve)) {
    v1::TicketResolved& payload = *event.mutable_ticket_resolved();
    ToProto(TimeWorked(record, ctx.now), payload.mutable_time_to_resolve());
    payload.set_within_sla(WithinSla(ticket));
    return Wrap(ctx, ticket, event, payload);
  }
  v1::TicketChanged& payload = *event.mutable_ticket_changed();
  payload.set_action(change.action);
  if (note != nullptr) {
    *payload.mutable_note() = *note;
    payload.add_changed_fields("notes");
  }
  for (const v1::FieldChange& field : change.fields) {
    payload.add_changed_fields(std::string(ResourceField(field.field())));
  }
  return Wrap(ctx, ticket, event, payload);
}

OutgoingEvent SlaMarkEvent(const Context& ctx, const store::v1::TicketRecord& record,
                           const SlaMark& mark) {
  v1::TicketEvent event;
  if (!mark.breach) {
    v1::SlaWarned& payload = *event.mutable_sla_warned();
    payload.set_clock(mark.clock);
    ToProto(mark.remaining, payload.mutable_remaining());
    ToProto(mark.time, payload.mutable_due_time());
    return Wrap(ctx, record.ticket(), event, payload);
  }
  v1::SlaBreached& payload = *event.mutable_sla_breached();
  payload.set_clock(mark.clock);
  for (const v1::SlaClock& clock : record.ticket().clocks()) {
    if (clock.kind() == mark.clock) *payload.mutable_target() = clock.target();
  }
  ToProto(mark.time, payload.mutable_due_time());
  return Wrap(ctx, record.ticket(), event, payload);
}

}  // namespace frontdesk::ticket
