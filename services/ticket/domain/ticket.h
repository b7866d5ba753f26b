#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/common/v1/author.pb.h"
#include "frontdesk/ticket/store/v1/ticket_store.pb.h"
#include "frontdesk/ticket/v1/ticket.pb.h"
#include "services/ticket/domain/lifecycle.h"
#include "services/ticket/domain/sla.h"
#include "services/ticket/domain/sla_policy.h"

// What can be done with a ticket. Each rule changes the record and says what it changed; who wrote
// it, under which version and who hears of it is the handlers' matter. The clocks must be settled
// up to `now` before (SettleClocks). A rule that refuses leaves the record as it was.
namespace frontdesk::ticket {

using TicketRecord = store::v1::TicketRecord;

// One entry of the history in the making.
struct Change {
  std::string action;
  std::vector<v1::FieldChange> fields;  // empty: nothing changed
};

// A new ticket: `draft` holds what the maker gives (name, subject, description, priority, customer,
// account, conversation, assignee, language), the rest is set here.
TicketRecord MakeTicket(v1::Ticket draft, const SlaTargets& targets, absl::Time now);

// StartTicket, ResumeTicket, CloseTicket: verbs that say nothing but the state. Also does what any
// verb does to state and clocks. FAILED_TRANSITION.
absl::StatusOr<Change> ApplyVerb(TicketRecord& record, Verb verb, absl::Time now);
absl::StatusOr<Change> HoldTicket(TicketRecord& record, std::string_view why, absl::Time now);
absl::StatusOr<Change> ResolveTicket(TicketRecord& record, std::string_view resolution,
                                     absl::Time now);
absl::StatusOr<Change> ReopenTicket(TicketRecord& record, std::string_view why, absl::Time now);
absl::StatusOr<Change> AssignTicket(TicketRecord& record, std::string_view assignee);

// Takes over what `paths` ("subject", "priority", "account", "language") name; `targets` are those
// of the wanted priority.
absl::StatusOr<Change> UpdateTicket(TicketRecord& record, const v1::Ticket& wanted,
                                    const std::vector<std::string>& paths,
                                    const SlaTargets& targets, absl::Time now);

// What a note does to its ticket: the first public one of an agent meets the first-response clock.
absl::StatusOr<Change> ApplyNote(TicketRecord& record, v1::NoteVisibility visibility,
                                 common::v1::AuthorKind author_kind, absl::Time now);

// Takes note of the marks that the clocks have reached up to `now`, the earliest first.
std::vector<SlaMark> SettleClocks(TicketRecord& record, absl::Time now);
// The history's entry of a mark.
Change DescribeMark(const SlaMark& mark);
// When SettleClocks has something to do if nothing changes; absl::InfiniteFuture() for never.
absl::Time NextMark(const TicketRecord& record);

// Time from creation in which the ticket was neither on hold nor resolved.
absl::Duration TimeWorked(const TicketRecord& record, absl::Time now);
bool WithinSla(const v1::Ticket& ticket);
// ABORTED (ETAG_MISMATCH) unless `etag` is empty or the ticket's.
absl::Status CheckEtag(const v1::Ticket& ticket, std::string_view etag);

}  // namespace frontdesk::ticket
