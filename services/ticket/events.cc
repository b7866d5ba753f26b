#include "services/ticket/events.h"

#include <string>
#include <utility>

#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/topics.h"
#include "libs/base/utf8.h"
#include "services/ticket/domain/proto_time.h"

namespace frontdesk::ticket {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::OutgoingEvent;

constexpr size_t kMaxCauseBytes = 128;

// Fills what every payload carries: the ticket, and customer and account as known now.
template <class Payload>
void SetSubject(const v1::Ticket& ticket, Payload& payload) {
  *payload.mutable_ticket() = ticket;
  payload.set_customer(ticket.customer());
  payload.set_account(ticket.account());
}

template <class Payload>
OutgoingEvent Wrap(const Context& ctx, const v1::Ticket& ticket, v1::TicketEvent event) {
  OutgoingEvent out;
  out.id = ctx.NewId();
  common::v1::EventMetadata& metadata = *event.mutable_metadata();
  metadata.set_event_id(out.id);
  metadata.set_tenant("tenants/" + std::string(ctx.tenant));
  ToProto(ctx.now, metadata.mutable_time());
  metadata.set_actor(std::string(ctx.actor));
  metadata.set_cause(std::string(TruncateUtf8(ctx.cause, kMaxCauseBytes)));
  metadata.set_correlation(ticket.conversation());

  out.topic = std::string(topics::kTicket);
  out.key = std::string(ctx.tenant);
  out.key.append("/").append(ticket.name(), ticket.name().rfind('/') + 1);
  out.type = Payload::descriptor()->full_name();
  out.subject = ticket.name();
  out.tenant = std::string(ctx.tenant);
  out.correlation = ticket.conversation();
  event.SerializeToString(&out.value);
  return out;
}

// "state" for "state", "clocks" for "clocks.resolution": the field of the resource.
std::string_view ResourceField(std::string_view field) { return field.substr(0, field.find('.')); }

}  // namespace

OutgoingEvent TicketCreatedEvent(const Context& ctx, const store::v1::TicketRecord& record) {
  v1::TicketEvent event;
  v1::TicketCreated& payload = *event.mutable_ticket_created();
  SetSubject(record.ticket(), payload);
  payload.set_ticket_request(record.ticket_request());
  return Wrap<v1::TicketCreated>(ctx, record.ticket(), std::move(event));
}

OutgoingEvent TicketChangedEvent(const Context& ctx, const store::v1::TicketRecord& record,
                                 const Change& change, const v1::Note* note) {
  const v1::Ticket& ticket = record.ticket();
  v1::TicketEvent event;
  if (change.action == VerbName(Verb::kResolve)) {
    v1::TicketResolved& payload = *event.mutable_ticket_resolved();
    SetSubject(ticket, payload);
    ToProto(TimeWorked(record, ctx.now), payload.mutable_time_to_resolve());
    payload.set_within_sla(WithinSla(ticket));
    return Wrap<v1::TicketResolved>(ctx, ticket, std::move(event));
  }
  v1::TicketChanged& payload = *event.mutable_ticket_changed();
  SetSubject(ticket, payload);
  payload.set_action(change.action);
  if (note != nullptr) {
    *payload.mutable_note() = *note;
    payload.add_changed_fields("notes");
  }
  for (const v1::FieldChange& field : change.fields) {
    payload.add_changed_fields(std::string(ResourceField(field.field())));
  }
  return Wrap<v1::TicketChanged>(ctx, ticket, std::move(event));
}

OutgoingEvent SlaMarkEvent(const Context& ctx, const store::v1::TicketRecord& record,
                           const SlaMark& mark) {
  v1::TicketEvent event;
  if (!mark.breach) {
    v1::SlaWarned& payload = *event.mutable_sla_warned();
    SetSubject(record.ticket(), payload);
    payload.set_clock(mark.clock);
    ToProto(mark.remaining, payload.mutable_remaining());
    ToProto(mark.time, payload.mutable_due_time());
    return Wrap<v1::SlaWarned>(ctx, record.ticket(), std::move(event));
  }
  v1::SlaBreached& payload = *event.mutable_sla_breached();
  SetSubject(record.ticket(), payload);
  payload.set_clock(mark.clock);
  for (const v1::SlaClock& clock : record.ticket().clocks()) {
    if (clock.kind() == mark.clock) *payload.mutable_target() = clock.target();
  }
  ToProto(mark.time, payload.mutable_due_time());
  return Wrap<v1::SlaBreached>(ctx, record.ticket(), std::move(event));
}

}  // namespace frontdesk::ticket
