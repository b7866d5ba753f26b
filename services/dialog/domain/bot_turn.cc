#include "services/dialog/domain/bot_turn.h"

namespace frontdesk::dialog {
namespace {

Move HandOff(v1::HandoffReason reason, bool unanswered = false) {
  return {MoveKind::kHandOff, reason, unanswered};
}

Move OnUnknown(const BotSituation& situation, const Wish& wish, const BotPolicy& policy) {
  // Nobody with a stolen account is asked to put it in other words.
  if (wish.urgency == common::v1::PRIORITY_P0) return HandOff(v1::HANDOFF_REASON_POLICY, true);
  if (situation.failure_count + 1 < policy.failures_max) {
    return {MoveKind::kClarify, v1::HANDOFF_REASON_UNSPECIFIED, true};
  }
  return HandOff(policy.failures_max > 1 ? v1::HANDOFF_REASON_REPEATED_FAILURE
                                         : v1::HANDOFF_REASON_MISSING_KNOWLEDGE,
                 true);
}

}  // namespace

Move DecideMove(const BotSituation& situation, const Wish& wish, AnswerOutcome answer,
                const BotPolicy& policy) {
  if (situation.state == v1::CONVERSATION_STATE_WAITING) {
    return {situation.waiting_acknowledged ? MoveKind::kStaySilent : MoveKind::kAcknowledge};
  }
  if (situation.state != v1::CONVERSATION_STATE_BOT) return {MoveKind::kStaySilent};
  if (wish.wants_person) return HandOff(v1::HANDOFF_REASON_CUSTOMER_REQUEST);
  if (wish.needs_person) return HandOff(v1::HANDOFF_REASON_POLICY);
  if (wish.solved || wish.thanks) {
    // Thanks for nothing resolve nothing, nor does a conversation end while an answer is owed.
    return {situation.last_answer_known && situation.pending_answers == 0 ? MoveKind::kResolve
                                                                          : MoveKind::kThank};
  }
  if (wish.greeting) return {MoveKind::kGreet};
  switch (answer) {
    case AnswerOutcome::kKnown:
      return {MoveKind::kAnswer};
    case AnswerOutcome::kUnknown:
      return OnUnknown(situation, wish, policy);
    case AnswerOutcome::kNotReady:
      break;
  }
  if (situation.retry_count >= policy.retries_max ||
      situation.pending_answers >= policy.pending_answers_max) {
    return HandOff(v1::HANDOFF_REASON_UNAVAILABLE);
  }
  return {MoveKind::kRetry};
}

common::v1::Priority TicketPriority(common::v1::Priority urgency) {
  return urgency == common::v1::PRIORITY_UNSPECIFIED ? common::v1::PRIORITY_P2 : urgency;
}

}  // namespace frontdesk::dialog
