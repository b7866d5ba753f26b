#include "services/ticket/consumer.h"

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/base/topics.h"
#include "services/ticket/ticket_handlers.h"

namespace frontdesk::ticket {

bus::EventRoutes MakeRoutes(const Metrics& metrics) {
  bus::EventRoutes routes;
  routes.On<dialog::v1::DialogEvent>(
      topics::kDialog, "frontdesk.dialog.v1.TicketRequested",
      [&metrics](const dialog::v1::DialogEvent& event, const bus::Prepared&,
                 const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn) {
        return CreateRequestedTicket(metrics, event.ticket_requested(), ctx, txn);
      });
  return routes;
}

}  // namespace frontdesk::ticket
