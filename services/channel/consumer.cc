#include "services/channel/consumer.h"

#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/base/topics.h"

namespace frontdesk::channel {

bus::EventRoutes MakeRoutes(const MessageRules& rules) {
  bus::EventRoutes routes;
  // No prepare step: the reply comes sealed for the customer and travels on as it is.
  routes.On<dialog::v1::DialogEvent>(
      topics::kDialog, "frontdesk.dialog.v1.ReplyRequested",
      [&rules](const dialog::v1::DialogEvent& event, const bus::Prepared&, const db::Context& ctx,
               db::Txn& txn) {
        return HandleReplyRequested(event.reply_requested(), rules, ctx, txn);
      });
  return routes;
}

}  // namespace frontdesk::channel
