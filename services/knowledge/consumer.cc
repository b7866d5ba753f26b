#include "services/knowledge/consumer.h"

#include "libs/base/topics.h"
#include "services/knowledge/answer_log.h"
#include "services/knowledge/gap_handlers.h"

namespace frontdesk::knowledge {

bus::EventRoutes MakeRoutes() {
  bus::EventRoutes routes;
  routes.On<dialog::v1::DialogEvent>(
      topics::kDialog, dialog::v1::QuestionUnanswered::descriptor()->full_name(),
      [](const dialog::v1::DialogEvent& event, const bus::Prepared&,
         const ::frontdesk::store::Context& context,
         ::frontdesk::store::Txn& txn) { return CountUnanswered(event, context, txn); });
  routes.On<dialog::v1::DialogEvent>(
      topics::kDialog, dialog::v1::ReplyRequested::descriptor()->full_name(),
      [](const dialog::v1::DialogEvent& event, const bus::Prepared&,
         const ::frontdesk::store::Context& context,
         ::frontdesk::store::Txn& txn) { return NoteReply(event, context, txn); });
  return routes;
}

}  // namespace frontdesk::knowledge
