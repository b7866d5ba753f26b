#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/ticket/store/v1/ticket_store.pb.h"
#include "frontdesk/ticket/v1/ticket.pb.h"
#include "libs/store/reader.h"
#include "libs/store/txn.h"
#include "services/ticket/domain/sla_policy.h"
#include "services/ticket/names.h"

// Loading, putting and listing records.
namespace frontdesk::ticket {

// NOT_FOUND, DATA_LOSS.
absl::StatusOr<store::v1::TicketRecord> LoadTicket(const ::frontdesk::store::Reader& reader,
                                                   const TicketRef& ref);
// The tenant's policy, or the defaults as version 0.
absl::StatusOr<store::v1::SlaPolicyRecord> LoadSlaPolicy(const ::frontdesk::store::Reader& reader,
                                                         std::string_view tenant);
// What that policy says of one priority.
absl::StatusOr<SlaTargets> LoadSlaTargets(const ::frontdesk::store::Reader& reader,
                                          std::string_view tenant, common::v1::Priority priority);

// The fields of a ticket that indexes hold.
struct IndexedFields {
  v1::TicketState state = v1::TICKET_STATE_UNSPECIFIED;
  std::string assignee;  // id
  std::string customer;  // id
};
IndexedFields IndexedFieldsOf(const v1::Ticket& ticket);

// Puts the record and moves its index rows; `before` is empty for a new one.
void PutTicket(::frontdesk::store::Txn& txn, const TicketRef& ref, const IndexedFields& before,
               const store::v1::TicketRecord& record);

// What a list of tickets is asked for; empty = any. All filters hold together.
struct TicketFilter {
  v1::TicketState state = v1::TICKET_STATE_UNSPECIFIED;
  std::string assignee;  // id
  std::string customer;  // id
};

// A page of a list: `after` is the id that the page before ended with; full once `size` entries, 1
// MiB, or the rows that one call may look at are reached. `last` is the id to go on after, empty at
// the end.
struct PageBounds {
  size_t size = 50;
  std::string after;
};

// Newest first, from the index of the narrowest filter: customer, assignee, state, none.
absl::Status ListTickets(const ::frontdesk::store::Reader& reader, std::string_view tenant,
                         const TicketFilter& filter, const PageBounds& bounds,
                         std::vector<v1::Ticket>* tickets, std::string* last);
// Oldest first.
absl::Status ListNotes(const ::frontdesk::store::Reader& reader, const TicketRef& ref,
                       const PageBounds& bounds, std::vector<v1::Note>* notes, std::string* last);
// Oldest first; `after` and `last` are versions as decimal numbers.
absl::Status ListChanges(const ::frontdesk::store::Reader& reader, const TicketRef& ref,
                         const PageBounds& bounds, std::vector<v1::TicketChange>* changes,
                         std::string* last);

}  // namespace frontdesk::ticket
