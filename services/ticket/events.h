#pragma once

#include <string_view>

#include "frontdesk/ticket/store/v1/ticket_store.pb.h"
#include "frontdesk/ticket/v1/ticket.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/ticket/domain/ticket.h"

// What others hear: topic frontdesk.ticket.v1, key "{tenant}/{ticket}".
namespace frontdesk::ticket {

::frontdesk::store::OutgoingEvent TicketCreatedEvent(const ::frontdesk::store::Context& ctx,
                                                     const store::v1::TicketRecord& record);
// TicketResolved for ResolveTicket, else TicketChanged. `note`: of AddNote, else null.
::frontdesk::store::OutgoingEvent TicketChangedEvent(const ::frontdesk::store::Context& ctx,
                                                     const store::v1::TicketRecord& record,
                                                     const Change& change, const v1::Note* note);
// SlaWarned or SlaBreached.
::frontdesk::store::OutgoingEvent SlaMarkEvent(const ::frontdesk::store::Context& ctx,
                                               const store::v1::TicketRecord& record,
                                               const SlaMark& mark);

}  // namespace frontdesk::ticket
