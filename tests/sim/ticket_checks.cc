// Tickets, their history and their clocks.
#include <array>
#include <tuple>

#include <fmt/core.h>
#include <google/protobuf/util/time_util.h>

#include "libs/base/absl_interop.h"
#include "libs/base/topics.h"
#include "tests/sim/checks.h"
#include "tests/sim/list_all.h"

namespace frontdesk::sim {
namespace {

// Clocks are looked at by timers, which fire within a second.
constexpr int64_t kTimerSlackSeconds = 5;

struct Transition {
  std::string_view verb, from, to;
};
constexpr std::array<Transition, 8> kTransitions = {{{"StartTicket", "NEW", "OPEN"},
                                                     {"HoldTicket", "OPEN", "ON_HOLD"},
                                                     {"ResumeTicket", "ON_HOLD", "OPEN"},
                                                     {"ResolveTicket", "NEW", "RESOLVED"},
                                                     {"ResolveTicket", "OPEN", "RESOLVED"},
                                                     {"ResolveTicket", "ON_HOLD", "RESOLVED"},
                                                     {"ReopenTicket", "RESOLVED", "OPEN"},
                                                     {"CloseTicket", "RESOLVED", "CLOSED"}}};

bool IsLegal(std::string_view verb, std::string_view from, std::string_view to) {
  for (const Transition& known : kTransitions) {
    if (known.verb == verb && known.from == from && known.to == to) return true;
  }
  return false;
}

std::string TagAfter(const std::string& text, std::string_view opening) {
  return text.starts_with(opening) ? text.substr(opening.size()) : std::string();
}

}  // namespace

void Checks::CheckTickets(const std::string& tenant) {
  ticket::v1::ListTicketsRequest request;
  request.set_parent("tenants/" + tenant);
  for (const auto& ticket : ListAll<ticket::v1::Ticket, ticket::TicketService>(
           &ticket::TicketService::ListTickets, "ListTickets", tenant, request,
           &ticket::v1::ListTicketsResponse::tickets)) {
    tickets_[ticket.name()] = ticket;
    for (const char* opening : {"Printer on fire ", "Please look "}) {
      const std::string tag = TagAfter(ticket.subject(), opening);
      if (!tag.empty()) ++Seen("ticket/" + tag);
    }
    CheckTicketRows(tenant, ticket);
    CheckClocks(ticket);
  }
}

void Checks::CheckTicketRows(const std::string& tenant, const ticket::v1::Ticket& ticket) {
  ticket::v1::ListNotesRequest notes;
  notes.set_parent(ticket.name());
  for (const auto& note : ListAll<ticket::v1::Note, ticket::TicketService>(
           &ticket::TicketService::ListNotes, "ListNotes", tenant, notes,
           &ticket::v1::ListNotesResponse::notes)) {
    ++Seen("note/" + TagAfter(note.text().masked(), "Looked at it "));
  }
  ticket::v1::ListTicketChangesRequest changes;
  changes.set_parent(ticket.name());
  CheckHistory(tenant, ticket,
               ListAll<ticket::v1::TicketChange, ticket::TicketService>(
                   &ticket::TicketService::ListTicketChanges, "ListTicketChanges", tenant, changes,
                   &ticket::v1::ListTicketChangesResponse::changes));
}

// The history tells every change once, in legal steps, and ends where the ticket stands.
void Checks::CheckHistory(const std::string& tenant, const ticket::v1::Ticket& ticket,
                          const std::vector<ticket::v1::TicketChange>& changes) {
  std::string state = "NEW";
  for (const ticket::v1::TicketChange& change : changes) {
    for (const ticket::v1::FieldChange& field : change.fields()) {
      if (field.field() != "state") continue;
      if (field.old_value() != state ||
          !IsLegal(change.action(), field.old_value(), field.new_value())) {
        Fail(fmt::format("{}: {} leads from {} ({}) to {}", change.name(), change.action(),
                         field.old_value(), state, field.new_value()));
      }
      state = field.new_value();
      // What follows "~" is the number of an attempt whose id was sabotaged.
      ++Seen("change/" + tenant + "/" + change.cause().substr(0, change.cause().find('~')));
    }
  }
  const std::string shown = ticket::v1::TicketState_Name(ticket.state());
  if (shown != "TICKET_STATE_" + state) {
    Fail(fmt::format("{} is {}, its history says {}", ticket.name(), shown, state));
  }
  if (ticket.etag() != std::to_string(changes.size())) {
    Fail(fmt::format("{} is at version {}, its history has {} entries", ticket.name(),
                     ticket.etag(), changes.size()));
  }
}

void Checks::CheckClocks(const ticket::v1::Ticket& ticket) {
  const int64_t now = absl::ToUnixSeconds(world_.clock.Now());
  for (const ticket::v1::SlaClock& clock : ticket.clocks()) {
    if (clock.state() == ticket::v1::CLOCK_STATE_RUNNING &&
        clock.due_time().seconds() + kTimerSlackSeconds < now) {
      Fail(fmt::format("{}: the clock {} is overdue by {} s and runs", ticket.name(), clock.kind(),
                       now - clock.due_time().seconds()));
    }
  }
}

// One event per change, one breach per clock and target.
void Checks::CheckTicketEvents() {
  const bool restored = model_.Restored(ServiceId::kTicket);
  std::map<std::tuple<std::string, int, int64_t, uint64_t>, int> breaches;
  std::map<std::pair<std::string, int>, int> breached;
  std::map<std::string, int> created;
  std::map<std::string, int> resolved;
  for (const auto& event : EventsOf<ticket::v1::TicketEvent>(topics::kTicket)) {
    const uint64_t epoch = events_[event.metadata().event_id()].epoch;
    if (event.has_ticket_created()) ++created[event.ticket_created().ticket().name()];
    if (event.has_ticket_resolved()) ++resolved[event.ticket_resolved().ticket().name()];
    if (!event.has_sla_breached()) continue;
    const ticket::v1::SlaBreached& breach = event.sla_breached();
    ++breached[{breach.ticket().name(), breach.clock()}];
    if (++breaches[{breach.ticket().name(), breach.clock(), breach.target().seconds(), epoch}] ==
        2) {
      Fail(fmt::format("{}: two breaches of the clock {}", breach.ticket().name(), breach.clock()));
    }
  }
  if (restored) return;
  for (const auto& [name, ticket] : tickets_) {
    if (created[name] != 1) Fail(fmt::format("{} was made {} times", name, created[name]));
    for (const ticket::v1::SlaClock& clock : ticket.clocks()) {
      const bool is_breached = clock.state() == ticket::v1::CLOCK_STATE_BREACHED;
      if (is_breached != (breached[{name, clock.kind()}] > 0)) {
        Fail(fmt::format("{}: the clock {} is {}, {} events say that it is breached", name,
                         clock.kind(), clock.state(), breached[{name, clock.kind()}]));
      }
    }
    const int resolutions =
        ticket.reopen_count() + (ticket.state() == ticket::v1::TICKET_STATE_RESOLVED ||
                                 ticket.state() == ticket::v1::TICKET_STATE_CLOSED);
    if (resolved[name] != resolutions) {
      Fail(fmt::format("{} was resolved {} times, {} events tell of it", name, resolutions,
                       resolved[name]));
    }
  }
}

}  // namespace frontdesk::sim
