#include "services/knowledge/consumer.h"

#include "libs/base/topics.h"
#include "services/knowledge/answer_log.h"
#include "services/knowledge/gap_handlers.h"
#include "services/knowledge/proposal_jobs.h"

namespace frontdesk::knowledge {

bus::EventRoutes MakeRoutes(bool propose) {
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
  routes.On<ticket::v1::TicketEvent>(
      topics::kTicket, ticket::v1::TicketResolved::descriptor()->full_name(),
      [propose](const ticket::v1::TicketEvent& event, const bus::Prepared&,
                const ::frontdesk::store::Context& context, ::frontdesk::store::Txn& txn) {
        return propose ? QueueTicket(event, context, txn) : absl::OkStatus();
      });
  routes.On<dialog::v1::DialogEvent>(
      topics::kDialog, dialog::v1::ConversationResolved::descriptor()->full_name(),
      [propose](const dialog::v1::DialogEvent& event, const bus::Prepared&,
                const ::frontdesk::store::Context& context, ::frontdesk::store::Txn& txn) {
        return propose ? QueueConversation(event, context, txn) : absl::OkStatus();
      });
  return routes;
}

}  // namespace frontdesk::knowledge
