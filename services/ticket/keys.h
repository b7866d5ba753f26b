#pragma once

#include "frontdesk/ticket/store/v1/ticket_store.pb.h"
#include "libs/store/table.h"

// Every key of the service. `tenant`, `ticket`, `agent`, `customer` and `note` are ids; ids of
// tickets and notes are ULIDs, so their order is the order of creation. Numbers are never reused.
namespace frontdesk::ticket::keys {

template <class Record>
using Table = ::frontdesk::store::Table<Record>;
using Index = ::frontdesk::store::Index;

// 0x20 tenant, ticket -> TicketRecord. Written by ticket_edit.cc
inline constexpr Table<store::v1::TicketRecord> kTickets{0x20, "ticket"};
// 0x21 tenant, ticket, note -> NoteRecord. Written by ticket_handlers.cc
inline constexpr Table<store::v1::NoteRecord> kNotes{0x21, "note"};
// 0x22 tenant, ticket, u64 version -> ChangeRecord: the history from the second version on; the
// first entry is made of the ticket. Written by ticket_edit.cc
inline constexpr Table<store::v1::ChangeRecord> kChanges{0x22, "ticket_change"};
// 0x23 tenant -> SlaPolicyRecord; no row: the defaults. Written by sla_handlers.cc
inline constexpr Table<store::v1::SlaPolicyRecord> kSlaPolicies{0x23, "sla_policy"};
// 0x24 tenant, u8 state, ticket. Written by store.cc
inline constexpr Index kByState{0x24, "ticket_by_state"};
// 0x25 tenant, agent, ticket: of tickets with an assignee. Written by store.cc
inline constexpr Index kByAssignee{0x25, "ticket_by_assignee"};
// 0x26 tenant, customer, ticket: of tickets with a customer. Written by store.cc
inline constexpr Index kByCustomer{0x26, "ticket_by_customer"};

}  // namespace frontdesk::ticket::keys
