#include "services/knowledge/consumer.h"

#include <string>
#include <utility>

#include "libs/base/topics.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/answer_log.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/gap_handlers.h"
#include "services/knowledge/label_handlers.h"
#include "services/knowledge/outcome_handlers.h"
#include "services/knowledge/proposal_jobs.h"

namespace frontdesk::knowledge {
namespace {

using dialog::v1::DialogEvent;
using ticket::v1::TicketEvent;

template <class Event>
using EventHandler = absl::Status (*)(const Event&, const engine::Context&, engine::Txn&);

// What a customer asked, without personal data.
struct PlainQuestion {
  std::string text;
};

// What needs no preparing.
template <class Event>
void On(bus::EventRoutes& routes, std::string_view topic, const std::string& type,
        EventHandler<Event> handle) {
  routes.On<Event>(
      topic, type,
      [handle](const Event& event, const bus::Prepared&, const engine::Context& context,
               engine::Txn& txn) { return handle(event, context, txn); });
}

}  // namespace

bus::EventRoutes MakeRoutes(GapClusters& clusters, bool propose) {
  bus::EventRoutes routes;
  routes.On<DialogEvent>(
      topics::kDialog, dialog::v1::QuestionUnanswered::descriptor()->full_name(),
      [&clusters](const DialogEvent& event, const bus::Prepared& prepared,
                  const engine::Context& context, engine::Txn& txn) {
        const GapHint* hint = prepared.Get<GapHint>();
        const absl::Status noted = NoteUnanswered(event, context, txn);
        if (!noted.ok()) return noted;
        return CountUnanswered(event, hint == nullptr ? GapHint() : *hint, &clusters, context, txn);
      },
      [&clusters](std::shared_ptr<const DialogEvent> event, const bus::EventInfo& info,
                  absl::Duration deadline, bus::PrepareDone done) {
        const dialog::v1::QuestionUnanswered& fact = event->question_unanswered();
        clusters.Find(info.tenant, SearchLocale(fact.language(), fact.question().masked()),
                      fact.question().masked(), deadline,
                      [done = std::move(done)](GapHint hint) mutable {
                        done(bus::Prepared::Of(std::move(hint)));
                      });
      });
  routes.On<DialogEvent>(
      topics::kDialog, dialog::v1::ReplyRequested::descriptor()->full_name(),
      [](const DialogEvent& event, const bus::Prepared& prepared, const engine::Context& context,
         engine::Txn& txn) {
        // The log of answers, and the figures of the articles.
        const absl::Status noted = NoteReply(event, context, txn);
        if (!noted.ok()) return noted;
        const PlainQuestion* question = prepared.Get<PlainQuestion>();
        return NoteCitations(event, question == nullptr ? "" : question->text, context, txn);
      },
      [](std::shared_ptr<const DialogEvent> event, const bus::EventInfo&, absl::Duration,
         bus::PrepareDone done) {
        const std::string& question = event->reply_requested().question();
        done(bus::Prepared::Of(
            PlainQuestion{Characters(question) > kMaxLabelQuestionCharacters
                              ? std::string()
                              : MaskedQuestion(question, kMaxLabelQuestionCharacters)}));
      });
  routes.On<DialogEvent>(
      topics::kDialog, dialog::v1::ConversationResolved::descriptor()->full_name(),
      [propose](const DialogEvent& event, const bus::Prepared&, const engine::Context& context,
                engine::Txn& txn) {
        const absl::Status noted = NoteResolved(event, context, txn);
        return noted.ok() && propose ? QueueConversation(event, context, txn) : noted;
      });
  On<DialogEvent>(routes, topics::kDialog,
                  dialog::v1::ConversationReopened::descriptor()->full_name(), NoteReopened);
  On<DialogEvent>(routes, topics::kDialog, dialog::v1::HandoffRequested::descriptor()->full_name(),
                  NoteHandoff);
  On<TicketEvent>(routes, topics::kTicket, ticket::v1::TicketCreated::descriptor()->full_name(),
                  NoteTicket);
  routes.On<TicketEvent>(topics::kTicket, ticket::v1::TicketResolved::descriptor()->full_name(),
                         [propose](const TicketEvent& event, const bus::Prepared&,
                                   const engine::Context& context, engine::Txn& txn) {
                           return propose ? QueueTicket(event, context, txn) : absl::OkStatus();
                         });
  return routes;
}

}  // namespace frontdesk::knowledge
