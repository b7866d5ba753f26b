#include "services/knowledge/last_answer.h"

#include <string>
#include <utility>

#include "libs/base/hash.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/domain/text_checks.h"
#include "services/knowledge/label_handlers.h"
#include "services/knowledge/ranking.h"

namespace frontdesk::knowledge {
namespace {

using LastAnswer = records::CitedConversationRecord::LastAnswer;

// Gives the answer another outcome, which is the conversation's vote.
absl::Status SetOutcome(const engine::Context& context, engine::Txn& txn, Outcome outcome,
                        LastAnswer& answer) {
  if (answer.outcome() == outcome) return absl::OkStatus();
  answer.set_outcome(outcome);
  using Verdict = OutcomeVote::Verdict;
  return CastVote({.question = answer.question(),
                   .locale = answer.locale(),
                   .article = answer.article(),
                   .conversation = answer.conversation(),
                   .verdict = outcome == kSolved      ? Verdict::kSolved
                              : outcome == kNotSolved ? Verdict::kNotSolved
                                                      : Verdict::kNone},
                  context, txn);
}

}  // namespace

absl::Status ExpectOutcome(const dialog::v1::DialogEvent& event, const std::string& question,
                           const engine::Context& context, engine::Txn& txn,
                           records::CitedConversationRecord& record) {
  FD_RETURN_IF_ERROR(MoveOn(context, txn, record));
  const dialog::v1::ReplyRequested& reply = event.reply_requested();
  if (reply.citations().empty() || question.empty() ||
      Characters(question) > kMaxLabelQuestionCharacters || !StandsAlone(question)) {
    return absl::OkStatus();
  }
  const auto ids = ParseResourceName(reply.citations(0).article_version(),
                                     {"tenants", "articles", "versions"}, "citations");
  if (!ids.ok() || (*ids)[0] != context.tenant) return absl::OkStatus();
  LastAnswer& answer = *record.mutable_last_answer();
  answer.set_question(question);
  answer.set_locale(SearchLocale(reply.language(), question));
  answer.set_article((*ids)[1]);
  answer.set_conversation(Fingerprint64(reply.conversation()));
  answer.set_answer_time_us(absl::ToUnixMicros(
      event.metadata().has_time() ? FromTimestamp(event.metadata().time()) : context.now));
  return absl::OkStatus();
}

absl::Status MarkSolved(const engine::Context& context, engine::Txn& txn,
                        records::CitedConversationRecord& record) {
  if (!record.has_last_answer()) return absl::OkStatus();
  return SetOutcome(context, txn, kSolved, *record.mutable_last_answer());
}

absl::Status MarkDoubted(absl::Time at, const engine::Context& context, engine::Txn& txn,
                         records::CitedConversationRecord& record) {
  if (!record.has_last_answer() || absl::ToUnixMicros(at) < record.last_answer().answer_time_us()) {
    return absl::OkStatus();
  }
  return SetOutcome(context, txn, kNotSolved, *record.mutable_last_answer());
}

absl::Status MarkRejected(const engine::Context& context, engine::Txn& txn,
                          records::CitedConversationRecord& record) {
  FD_RETURN_IF_ERROR(MarkDoubted(absl::InfiniteFuture(), context, txn, record));
  record.clear_last_answer();
  return absl::OkStatus();
}

absl::Status MoveOn(const engine::Context& context, engine::Txn& txn,
                    records::CitedConversationRecord& record) {
  if (!record.has_last_answer()) return absl::OkStatus();
  if (record.last_answer().outcome() == kNotSolved) {
    FD_RETURN_IF_ERROR(SetOutcome(context, txn, kOpen, *record.mutable_last_answer()));
  }
  record.clear_last_answer();
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
