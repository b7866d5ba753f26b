#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/common/v1/author.pb.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/ticket/v1/ticket.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/ticket/domain/lifecycle.h"
#include "services/ticket/metrics.h"
#include "services/ticket/names.h"

// Handlers about tickets and notes: load, rule, put, event, timer. They run on the committer. Texts
// come masked and sealed, names checked.
namespace frontdesk::ticket {

// `draft` is what the maker gives; its name is "tenants/{tenant}/tickets/{ref.ticket}".
absl::Status CreateTicket(const TicketRef& ref, v1::Ticket draft, std::string_view ticket_request,
                          const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                          v1::Ticket* result);

// One ticket for each ticket request, whatever is delivered again: the request's id is the
// ticket's. INVALID_ARGUMENT for an event that no ticket can be made of.
absl::Status CreateRequestedTicket(const Metrics& metrics,
                                   const dialog::v1::TicketRequested& requested,
                                   const ::frontdesk::store::Context& ctx,
                                   ::frontdesk::store::Txn& txn);

// `wanted` is masked; `paths` are those of domain/ticket.h UpdateTicket.
absl::Status ChangeTicket(const TicketRef& ref, const v1::Ticket& wanted,
                          const std::vector<std::string>& paths,
                          const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                          v1::Ticket* result);

absl::Status AssignTicket(const TicketRef& ref, const v1::AssignTicketRequest& request,
                          const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                          v1::Ticket* result);

// StartTicket, ResumeTicket, CloseTicket; and the verbs that say a text with it: HoldTicket and
// ReopenTicket the reason, ResolveTicket the resolution.
absl::Status MoveTicket(const TicketRef& ref, Verb verb, std::string_view text,
                        std::string_view etag, const ::frontdesk::store::Context& ctx,
                        ::frontdesk::store::Txn& txn, v1::Ticket* result);

// `draft` is complete but for the time. Puts the ticket only when the note meets a clock, or one
// had reached a mark.
absl::Status AddNote(const TicketRef& ref, const v1::Note& draft,
                     const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                     v1::Note* result);

}  // namespace frontdesk::ticket
