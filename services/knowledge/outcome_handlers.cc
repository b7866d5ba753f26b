#include "services/knowledge/outcome_handlers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "frontdesk/common/v1/author.pb.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/calendar.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/feedback_store.h"
#include "services/knowledge/last_answer.h"
#include "services/knowledge/topic_store.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kMaxCited = 20;
constexpr int kTrimPerEvent = 2;
constexpr size_t kMaxConversationBytes = 256;

using Cited = records::CitedConversationRecord::Cited;

void CountOutcome(v1::Usefulness& figures, uint32_t outcome, int by) {
  if (outcome == kSolved) figures.set_solved_count(figures.solved_count() + by);
  if (outcome == kNotSolved) figures.set_not_solved_count(figures.not_solved_count() + by);
}

// Gives an article's citation another outcome and moves the figures with it.
absl::Status SetOutcome(const engine::Context& context, engine::Txn& txn, Outcome outcome,
                        Cited& cited) {
  if (cited.outcome() == outcome) return absl::OkStatus();
  FD_RETURN_IF_ERROR(MoveUsefulness(txn, context.tenant, cited.week(), cited.article(),
                                    [&](v1::Usefulness& figures) {
                                      CountOutcome(figures, cited.outcome(), -1);
                                      CountOutcome(figures, outcome, 1);
                                    }));
  const int pain = (outcome == kNotSolved ? 1 : 0) - (cited.outcome() == kNotSolved ? 1 : 0);
  if (pain != 0) {
    FD_RETURN_IF_ERROR(
        CountTopic(context, txn, cited.day(), v1::TOPIC_KIND_ARTICLE, cited.article(), 0, pain));
  }
  cited.set_outcome(outcome);
  return absl::OkStatus();
}

// Forgets some conversations that nothing can come of any more.
absl::Status Trim(const engine::Context& context, engine::Txn& txn) {
  std::vector<std::pair<std::string, std::string>> expired;  // key by time, key
  bool corrupt = false;
  FD_RETURN_IF_ERROR(txn.Scan(kCitedByTime.Key(), {}, [&](std::string_view key, std::string_view) {
    engine::KeyReader fields(key);
    absl::Time time;
    std::string tenant, conversation;
    corrupt = !fields.Read(&time) || !fields.Read(&tenant) || !fields.Read(&conversation);
    if (corrupt || time + kCitedConversationLife > context.now) return false;
    expired.emplace_back(std::string(key), kCitedConversations.Key(tenant, conversation));
    return static_cast<int>(expired.size()) < kTrimPerEvent;
  }));
  if (corrupt) return engine::CorruptRow(kCitedByTime.name);
  for (auto& [by_time, row] : expired) {
    txn.Delete(std::move(by_time));
    txn.Delete(std::move(row));
  }
  return absl::OkStatus();
}

void Put(const engine::Context& context, engine::Txn& txn, const std::string& conversation,
         records::CitedConversationRecord& record) {
  if (record.update_time_us() != 0) {
    txn.Delete(kCitedByTime.Key(absl::FromUnixMicros(record.update_time_us()), context.tenant,
                                conversation));
  }
  record.set_update_time_us(absl::ToUnixMicros(context.now));
  kCitedConversations.Put(txn, kCitedConversations.Key(context.tenant, conversation), record);
  kCitedByTime.Put(txn, kCitedByTime.Key(absl::FromUnixMicros(record.update_time_us()),
                                         context.tenant, conversation));
}

// What becomes of the last answer of a conversation (last_answer.h).
using ChangeLastAnswer = absl::FunctionRef<absl::Status(const engine::Context&, engine::Txn&,
                                                        records::CitedConversationRecord&)>;

absl::Status LeaveAsItIs(const engine::Context&, engine::Txn&, records::CitedConversationRecord&) {
  return absl::OkStatus();
}

auto MarkDoubtedAt(absl::Time at) {
  return [at](const engine::Context& context, engine::Txn& txn,
              records::CitedConversationRecord& record) {
    return MarkDoubted(at, context, txn, record);
  };
}

// Gives `outcome` to the citations of a conversation that now have one of `from`.
absl::Status Conclude(const std::string& conversation, absl::Span<const Outcome> from,
                      Outcome outcome, ChangeLastAnswer change_last_answer,
                      const engine::Context& context, engine::Txn& txn) {
  if (conversation.empty() || conversation.size() > kMaxConversationBytes) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(auto record, kCitedConversations.Find(
                                       txn, kCitedConversations.Key(context.tenant, conversation)));
  if (!record.has_value()) return absl::OkStatus();
  if (from.empty() && !record->has_last_answer()) return absl::OkStatus();
  for (Cited& cited : *record->mutable_cited()) {
    if (std::find(from.begin(), from.end(), cited.outcome()) == from.end()) continue;
    FD_RETURN_IF_ERROR(SetOutcome(context, txn, outcome, cited));
  }
  FD_RETURN_IF_ERROR(change_last_answer(context, txn, *record));
  Put(context, txn, conversation, *record);
  return absl::OkStatus();
}

// Whether a handoff speaks against the answer that the customer got last: when the first thing that
// came after it was the wish for a person. MISSING_KNOWLEDGE and REPEATED_FAILURE come of a later
// question without an answer, POLICY of what a later message is about, UNAVAILABLE of a later message
// whose answer could not be had in time; whether that was the same matter again nobody knows.
// AGENT_TAKEOVER is never a handoff's: there the reply of the agent tells.
bool SpeaksAgainstAnswer(dialog::v1::HandoffReason reason) {
  return reason == dialog::v1::HANDOFF_REASON_CUSTOMER_REQUEST;
}

}  // namespace

absl::Status NoteCitations(const dialog::v1::DialogEvent& event, const std::string& question,
                           const engine::Context& context, engine::Txn& txn) {
  const dialog::v1::ReplyRequested& reply = event.reply_requested();
  const std::string& conversation = reply.conversation();
  // A person goes on where the bot has answered. After most handoffs nothing is open any more.
  if (reply.author_kind() == common::v1::AUTHOR_KIND_AGENT) {
    return Conclude(conversation, {}, kOpen, MarkRejected, context, txn);
  }
  // Greetings and the like say nothing of an answer before them.
  if (reply.author_kind() != common::v1::AUTHOR_KIND_BOT || reply.citations().empty() ||
      conversation.empty() || conversation.size() > kMaxConversationBytes) {
    return absl::OkStatus();
  }
  FD_ASSIGN_OR_RETURN(auto found, kCitedConversations.Find(
                                      txn, kCitedConversations.Key(context.tenant, conversation)));
  records::CitedConversationRecord record = found.value_or(records::CitedConversationRecord());
  for (const common::v1::Citation& citation : reply.citations()) {
    const auto ids = ParseResourceName(citation.article_version(),
                                       {"tenants", "articles", "versions"}, "citations");
    if (!ids.ok() || (*ids)[0] != context.tenant || record.cited_size() >= kMaxCited) continue;
    const std::string& article = (*ids)[1];
    const bool known = std::any_of(record.cited().begin(), record.cited().end(),
                                   [&](const Cited& one) { return one.article() == article; });
    if (known) continue;
    Cited& cited = *record.add_cited();
    cited.set_article(article);
    cited.set_week(WeekOf(context.now));
    cited.set_day(DayOf(context.now));
    FD_RETURN_IF_ERROR(MoveUsefulness(
        txn, context.tenant, cited.week(), article,
        [](v1::Usefulness& figures) { figures.set_cited_count(figures.cited_count() + 1); }));
    FD_RETURN_IF_ERROR(
        CountTopic(context, txn, cited.day(), v1::TOPIC_KIND_ARTICLE, article, 1, 0));
  }
  FD_RETURN_IF_ERROR(ExpectOutcome(event, question, context, txn, record));
  Put(context, txn, conversation, record);
  return Trim(context, txn);
}

absl::Status NoteUnanswered(const dialog::v1::DialogEvent& event, const engine::Context& context,
                            engine::Txn& txn) {
  // Whether the question is the same in other words or another one is not known.
  return Conclude(event.question_unanswered().conversation(), {}, kOpen, MoveOn, context, txn);
}

absl::Status NoteResolved(const dialog::v1::DialogEvent& event, const engine::Context& context,
                          engine::Txn& txn) {
  const dialog::v1::ConversationResolved& fact = event.conversation_resolved();
  const dialog::v1::Conversation& conversation = fact.conversation();
  const bool alone = fact.agent_reply_count() == 0 && conversation.assignee().empty() &&
                     conversation.handoff_reason() == dialog::v1::HANDOFF_REASON_UNSPECIFIED;
  // Said by the customer, who may have opened it again just to say goodbye. Silence may be content or
  // despair: it counts for the article, as everywhere in the field, but teaches nothing.
  const bool said = alone && fact.bot_only() && conversation.ticket().empty() &&
                    fact.resolved_by() == common::v1::AUTHOR_KIND_CUSTOMER;
  if (said) {
    return Conclude(conversation.name(), {kOpen, kNotSolved}, kSolved, MarkSolved, context, txn);
  }
  return Conclude(conversation.name(), {kOpen}, alone ? kSolved : kNotSolved, LeaveAsItIs, context,
                  txn);
}

absl::Status NoteHandoff(const dialog::v1::DialogEvent& event, const engine::Context& context,
                         engine::Txn& txn) {
  const dialog::v1::HandoffRequested& fact = event.handoff_requested();
  return Conclude(fact.conversation().name(), {kOpen, kSolved}, kNotSolved,
                  SpeaksAgainstAnswer(fact.reason()) ? &MarkRejected : &MoveOn, context, txn);
}

absl::Status NoteReopened(const dialog::v1::DialogEvent& event, const engine::Context& context,
                          engine::Txn& txn) {
  return Conclude(event.conversation_reopened().conversation().name(), {kSolved}, kNotSolved,
                  MarkDoubtedAt(absl::InfiniteFuture()), context, txn);
}

absl::Status NoteTicket(const ticket::v1::TicketEvent& event, const engine::Context& context,
                        engine::Txn& txn) {
  // The topics of dialog and ticket are not in one order: the ticket of a handoff may be heard of
  // before the handoff, whose reason then decides, and one of an earlier matter after the answer.
  const ticket::v1::Ticket& ticket = event.ticket_created().ticket();
  const absl::Time at =
      ticket.has_create_time() ? FromTimestamp(ticket.create_time()) : context.now;
  return Conclude(ticket.conversation(), {kOpen, kSolved}, kNotSolved, MarkDoubtedAt(at), context,
                  txn);
}

}  // namespace frontdesk::knowledge
