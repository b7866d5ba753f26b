#include "services/ticket/ticket_handlers.h"

#include <algorithm>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/sla_policy.h"
#include "services/ticket/domain/ticket.h"
#include "services/ticket/keys.h"
#include "services/ticket/request_checks.h"
#include "services/ticket/store.h"
#include "services/ticket/ticket_edit.h"

namespace frontdesk::ticket {
namespace {

using ::frontdesk::store::Context;
using ::frontdesk::store::Txn;

absl::StatusOr<Change> Say(TicketEdit& edit, Verb verb, std::string_view text, absl::Time now) {
  switch (verb) {
    case Verb::kHold:
      return HoldTicket(edit.record(), text, now);
    case Verb::kResolve:
      return ResolveTicket(edit.record(), text, now);
    case Verb::kReopen:
      return ReopenTicket(edit.record(), text, now);
    default:
      return ApplyVerb(edit.record(), verb, now);
  }
}

v1::Ticket DraftOf(const TicketRef& ref, const dialog::v1::TicketRequested& requested) {
  v1::Ticket draft;
  draft.set_name(ref.Name());
  draft.set_subject(requested.subject());
  *draft.mutable_description() = requested.summary();
  draft.set_priority(requested.priority() == common::v1::PRIORITY_UNSPECIFIED
                         ? common::v1::PRIORITY_P2
                         : requested.priority());
  draft.set_customer(requested.customer());
  draft.set_account(requested.account());
  draft.set_conversation(requested.conversation());
  draft.set_assignee(requested.requester());
  draft.set_language(requested.language());
  return draft;
}

}  // namespace

absl::Status CreateTicket(const TicketRef& ref, v1::Ticket draft, std::string_view ticket_request,
                          const Context& ctx, Txn& txn, v1::Ticket* result) {
  FD_ASSIGN_OR_RETURN(const SlaTargets targets, LoadSlaTargets(txn, ref.tenant, draft.priority()));
  store::v1::TicketRecord record = MakeTicket(std::move(draft), targets, ctx.now);
  record.set_ticket_request(std::string(ticket_request));
  TicketEdit edit = TicketEdit::Create(ctx, txn, ref, std::move(record));
  edit.Put();
  if (result != nullptr) *result = edit.Take();
  return absl::OkStatus();
}

absl::Status CreateRequestedTicket(const Metrics& metrics,
                                   const dialog::v1::TicketRequested& requested, const Context& ctx,
                                   Txn& txn) {
  FD_RETURN_IF_ERROR(ValidateId(requested.ticket_request(), "ticket_request"));
  const TicketRef ref{std::string(ctx.tenant), requested.ticket_request()};
  v1::Ticket draft = DraftOf(ref, requested);
  FD_RETURN_IF_ERROR(CheckDraft(ref.tenant, draft));
  FD_ASSIGN_OR_RETURN(const auto found,
                      keys::kTickets.Find(txn, keys::kTickets.Key(ref.tenant, ref.ticket)));
  if (found.has_value()) {
    metrics.repeated_requests.Increment();
    return absl::OkStatus();
  }
  FD_RETURN_IF_ERROR(
      CreateTicket(ref, std::move(draft), requested.ticket_request(), ctx, txn, nullptr));
  metrics.created_by_event.Increment();
  return absl::OkStatus();
}

absl::Status ChangeTicket(const TicketRef& ref, const v1::Ticket& wanted,
                          const std::vector<std::string>& paths, const Context& ctx, Txn& txn,
                          v1::Ticket* result) {
  FD_ASSIGN_OR_RETURN(TicketEdit edit, TicketEdit::Load(ctx, txn, ref, wanted.etag()));
  SlaTargets targets;
  if (std::find(paths.begin(), paths.end(), "priority") != paths.end()) {
    FD_ASSIGN_OR_RETURN(targets, LoadSlaTargets(txn, ref.tenant, wanted.priority()));
  }
  FD_RETURN_IF_ERROR(edit.Apply(UpdateTicket(edit.record(), wanted, paths, targets, ctx.now)));
  edit.Put();
  *result = edit.Take();
  return absl::OkStatus();
}

absl::Status AssignTicket(const TicketRef& ref, const v1::AssignTicketRequest& request,
                          const Context& ctx, Txn& txn, v1::Ticket* result) {
  FD_ASSIGN_OR_RETURN(TicketEdit edit, TicketEdit::Load(ctx, txn, ref, request.etag()));
  FD_RETURN_IF_ERROR(edit.Apply(AssignTicket(edit.record(), request.assignee())));
  edit.Put();
  *result = edit.Take();
  return absl::OkStatus();
}

absl::Status MoveTicket(const TicketRef& ref, Verb verb, std::string_view text,
                        std::string_view etag, const Context& ctx, Txn& txn, v1::Ticket* result) {
  FD_ASSIGN_OR_RETURN(TicketEdit edit, TicketEdit::Load(ctx, txn, ref, etag));
  FD_RETURN_IF_ERROR(edit.Apply(Say(edit, verb, text, ctx.now)));
  edit.Put();
  *result = edit.Take();
  return absl::OkStatus();
}

absl::Status AddNote(const TicketRef& ref, const v1::Note& draft, const Context& ctx, Txn& txn,
                     v1::Note* result) {
  FD_ASSIGN_OR_RETURN(TicketEdit edit, TicketEdit::Load(ctx, txn, ref));
  store::v1::NoteRecord row;
  v1::Note& note = *row.mutable_note();
  note = draft;
  ToProto(ctx.now, note.mutable_create_time());
  FD_RETURN_IF_ERROR(
      edit.Apply(ApplyNote(edit.record(), note.visibility(), note.author_kind(), ctx.now), &note));
  const std::string id = note.name().substr(note.name().rfind('/') + 1);
  keys::kNotes.Put(txn, keys::kNotes.Key(ref.tenant, ref.ticket, id), row);
  edit.Put();
  *result = std::move(note);
  return absl::OkStatus();
}

}  // namespace frontdesk::ticket
