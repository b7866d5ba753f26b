#include "services/ticket/domain/ticket.h"

#include <algorithm>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "services/ticket/domain/proto_time.h"

namespace frontdesk::ticket {
namespace {

constexpr size_t kMaxHistoryValueBytes = 200;

void Note(Change& change, std::string_view field, std::string_view before, std::string_view after) {
  v1::FieldChange& entry = change.fields.emplace_back();
  entry.set_field(std::string(field));
  entry.set_old_value(std::string(TruncateUtf8(before, kMaxHistoryValueBytes)));
  entry.set_new_value(std::string(TruncateUtf8(after, kMaxHistoryValueBytes)));
}

std::string_view PriorityName(common::v1::Priority priority) {
  const std::string_view name = common::v1::Priority_Name(priority);
  return name.substr(name.rfind('_') + 1);
}

// "clocks.first_response"
std::string_view ClockField(v1::ClockKind kind) {
  return kind == v1::CLOCK_KIND_FIRST_RESPONSE ? "clocks.first_response" : "clocks.resolution";
}

std::string_view ClockStateName(v1::ClockState state) {
  const std::string_view name = v1::ClockState_Name(state);
  return name.substr(name.rfind('_') + 1);
}

v1::SlaClock* FindClock(v1::Ticket& ticket, v1::ClockKind kind) {
  for (v1::SlaClock& clock : *ticket.mutable_clocks()) {
    if (clock.kind() == kind) return &clock;
  }
  return nullptr;
}

void MeetAndNote(v1::SlaClock* clock, absl::Time now, Change& change) {
  if (clock == nullptr) return;
  const v1::ClockState before = clock->state();
  MeetClock(*clock, now);
  if (clock->state() == before) return;
  Note(change, ClockField(clock->kind()), ClockStateName(before), ClockStateName(clock->state()));
}

bool IsWorkedOn(v1::TicketState state) {
  return state == v1::TICKET_STATE_NEW || state == v1::TICKET_STATE_OPEN;
}

void AccountWork(TicketRecord& record, absl::Time now) {
  ToProto(TimeWorked(record, now), record.mutable_worked());
  record.clear_working_since();
  if (IsWorkedOn(record.ticket().state())) ToProto(now, record.mutable_working_since());
}

// What a state does to the clocks, whichever verb has led to it.
void MoveClocks(TicketRecord& record, v1::TicketState from, absl::Time now, Change& change) {
  v1::Ticket& ticket = *record.mutable_ticket();
  v1::SlaClock* resolution = FindClock(ticket, v1::CLOCK_KIND_RESOLUTION);
  if (resolution == nullptr) return;
  switch (ticket.state()) {
    case v1::TICKET_STATE_ON_HOLD:
      return PauseClock(*resolution, ticket.hold_reason(), now);
    case v1::TICKET_STATE_RESOLVED:
      MeetAndNote(FindClock(ticket, v1::CLOCK_KIND_FIRST_RESPONSE), now, change);
      return MeetAndNote(resolution, now, change);
    case v1::TICKET_STATE_OPEN:
      ResumeClock(*resolution, now);
      if (from == v1::TICKET_STATE_RESOLVED) RestartClock(*resolution, now);
      return;
    default:
      return;
  }
}

// Moves to the state that `verb` leads to. `ticket.hold_reason` is set before.
Change Move(TicketRecord& record, Verb verb, v1::TicketState to, absl::Time now) {
  v1::Ticket& ticket = *record.mutable_ticket();
  const v1::TicketState from = ticket.state();
  Change change{std::string(VerbName(verb)), {}};
  Note(change, "state", StateName(from), StateName(to));
  AccountWork(record, now);
  ticket.set_state(to);
  AccountWork(record, now);
  MoveClocks(record, from, now, change);
  if (to != v1::TICKET_STATE_ON_HOLD) ticket.clear_hold_reason();
  return change;
}

void Retarget(TicketRecord& record, const SlaTargets& targets, absl::Time now) {
  record.set_warn_bps(targets.warn_bps);
  for (v1::SlaClock& clock : *record.mutable_ticket()->mutable_clocks()) {
    const bool first = clock.kind() == v1::CLOCK_KIND_FIRST_RESPONSE;
    RetargetClock(clock, first ? targets.first_response : targets.resolution, now);
  }
}

bool Names(const std::vector<std::string>& paths, std::string_view path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

}  // namespace

TicketRecord MakeTicket(v1::Ticket draft, const SlaTargets& targets, absl::Time now) {
  TicketRecord record;
  v1::Ticket& ticket = *record.mutable_ticket();
  ticket = std::move(draft);
  ticket.set_state(v1::TICKET_STATE_NEW);
  ToProto(now, ticket.mutable_create_time());
  ToProto(now, ticket.mutable_update_time());
  ToProto(now, record.mutable_working_since());
  record.set_warn_bps(targets.warn_bps);
  *ticket.add_clocks() = StartClock(v1::CLOCK_KIND_FIRST_RESPONSE, targets.first_response, now);
  *ticket.add_clocks() = StartClock(v1::CLOCK_KIND_RESOLUTION, targets.resolution, now);
  return record;
}

absl::StatusOr<Change> ApplyVerb(TicketRecord& record, Verb verb, absl::Time now) {
  FD_ASSIGN_OR_RETURN(const v1::TicketState to, NextState(record.ticket().state(), verb));
  return Move(record, verb, to, now);
}

absl::StatusOr<Change> HoldTicket(TicketRecord& record, std::string_view why, absl::Time now) {
  FD_ASSIGN_OR_RETURN(const v1::TicketState to, NextState(record.ticket().state(), Verb::kHold));
  record.mutable_ticket()->set_hold_reason(std::string(why));
  Change change = Move(record, Verb::kHold, to, now);
  Note(change, "hold_reason", "", why);
  return change;
}

absl::StatusOr<Change> ResolveTicket(TicketRecord& record, std::string_view resolution,
                                     absl::Time now) {
  FD_ASSIGN_OR_RETURN(Change change, ApplyVerb(record, Verb::kResolve, now));
  v1::Ticket& ticket = *record.mutable_ticket();
  if (ticket.resolution() != resolution) {
    ticket.set_resolution(std::string(resolution));
    Note(change, "resolution", "", "");
  }
  ToProto(now, ticket.mutable_resolve_time());
  return change;
}

absl::StatusOr<Change> ReopenTicket(TicketRecord& record, std::string_view why, absl::Time now) {
  FD_ASSIGN_OR_RETURN(Change change, ApplyVerb(record, Verb::kReopen, now));
  v1::Ticket& ticket = *record.mutable_ticket();
  ticket.set_reopen_count(ticket.reopen_count() + 1);
  Note(change, "reopen_count", std::to_string(ticket.reopen_count() - 1),
       std::to_string(ticket.reopen_count()));
  if (!why.empty()) Note(change, "reopen_reason", "", why);
  return change;
}

absl::StatusOr<Change> AssignTicket(TicketRecord& record, std::string_view assignee) {
  FD_RETURN_IF_ERROR(NextState(record.ticket().state(), Verb::kAssign).status());
  Change change{std::string(VerbName(Verb::kAssign)), {}};
  v1::Ticket& ticket = *record.mutable_ticket();
  if (ticket.assignee() == assignee) return change;
  Note(change, "assignee", ticket.assignee(), assignee);
  ticket.set_assignee(std::string(assignee));
  return change;
}

absl::StatusOr<Change> UpdateTicket(TicketRecord& record, const v1::Ticket& wanted,
                                    const std::vector<std::string>& paths,
                                    const SlaTargets& targets, absl::Time now) {
  FD_RETURN_IF_ERROR(NextState(record.ticket().state(), Verb::kUpdate).status());
  Change change{std::string(VerbName(Verb::kUpdate)), {}};
  v1::Ticket& ticket = *record.mutable_ticket();
  if (Names(paths, "subject") && ticket.subject() != wanted.subject()) {
    Note(change, "subject", "", "");
    ticket.set_subject(wanted.subject());
  }
  if (Names(paths, "account") && ticket.account() != wanted.account()) {
    Note(change, "account", ticket.account(), wanted.account());
    ticket.set_account(wanted.account());
  }
  if (Names(paths, "language") && ticket.language() != wanted.language()) {
    Note(change, "language", ticket.language(), wanted.language());
    ticket.set_language(wanted.language());
  }
  if (Names(paths, "priority") && ticket.priority() != wanted.priority()) {
    Note(change, "priority", PriorityName(ticket.priority()), PriorityName(wanted.priority()));
    ticket.set_priority(wanted.priority());
    Retarget(record, targets, now);
  }
  return change;
}

absl::StatusOr<Change> ApplyNote(TicketRecord& record, v1::NoteVisibility visibility,
                                 common::v1::AuthorKind author_kind, absl::Time now) {
  FD_RETURN_IF_ERROR(NextState(record.ticket().state(), Verb::kNote).status());
  Change change{std::string(VerbName(Verb::kNote)), {}};
  if (visibility == v1::NOTE_VISIBILITY_PUBLIC && author_kind == common::v1::AUTHOR_KIND_AGENT) {
    MeetAndNote(FindClock(*record.mutable_ticket(), v1::CLOCK_KIND_FIRST_RESPONSE), now, change);
  }
  return change;
}

std::vector<SlaMark> SettleClocks(TicketRecord& record, absl::Time now) {
  std::vector<SlaMark> marks;
  for (v1::SlaClock& clock : *record.mutable_ticket()->mutable_clocks()) {
    if (auto mark = SettleClock(clock, record.warn_bps(), now)) marks.push_back(*mark);
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const SlaMark& a, const SlaMark& b) { return a.time < b.time; });
  return marks;
}

Change DescribeMark(const SlaMark& mark) {
  Change change{mark.breach ? "SlaBreached" : "SlaWarned", {}};
  if (mark.breach) {
    Note(change, ClockField(mark.clock), ClockStateName(v1::CLOCK_STATE_RUNNING),
         ClockStateName(v1::CLOCK_STATE_BREACHED));
  } else {
    Note(change, std::string(ClockField(mark.clock)) + ".warned", "false", "true");
  }
  return change;
}

absl::Time NextMark(const TicketRecord& record) {
  absl::Time next = absl::InfiniteFuture();
  for (const v1::SlaClock& clock : record.ticket().clocks()) {
    next = std::min(next, NextMark(clock, record.warn_bps()));
  }
  return next;
}

absl::Duration TimeWorked(const TicketRecord& record, absl::Time now) {
  const absl::Duration worked = FromProto(record.worked());
  if (!record.has_working_since()) return worked;
  return worked + std::max(absl::ZeroDuration(), Micros(now) - FromProto(record.working_since()));
}

bool WithinSla(const v1::Ticket& ticket) {
  return std::none_of(ticket.clocks().begin(), ticket.clocks().end(),
                      [](const auto& clock) { return clock.state() == v1::CLOCK_STATE_BREACHED; });
}

absl::Status CheckEtag(const v1::Ticket& ticket, std::string_view etag) {
  if (etag.empty() || etag == ticket.etag()) return absl::OkStatus();
  absl::Status status = Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                              "the ticket was changed meanwhile: read it again and repeat");
  status = WithMetadata(std::move(status), "name", ticket.name());
  return WithMetadata(std::move(status), "etag", ticket.etag());
}

}  // namespace frontdesk::ticket
