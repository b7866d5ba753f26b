#pragma once

#include <cstdint>

#include "frontdesk/common/v1/priority.pb.h"
#include "frontdesk/dialog/v1/dialog.pb.h"
#include "services/dialog/domain/wish.h"

// What the bot does about a customer's message. Pure.
namespace frontdesk::dialog {

// How the question to knowledge ended.
enum class AnswerOutcome : uint8_t {
  kNotReady,  // no answer in time, or none that was made for this speaker
  kKnown,
  kUnknown,
};

enum class MoveKind : uint8_t {
  kStaySilent,   // a person speaks
  kAcknowledge,  // nobody has taken over yet
  kAnswer,
  kClarify,
  kGreet,
  kThank,
  kResolve,  // the customer says that it is solved
  kRetry,    // ask again shortly
  kHandOff,
};

struct Move {
  MoveKind kind = MoveKind::kStaySilent;
  // kHandOff only.
  v1::HandoffReason reason = v1::HANDOFF_REASON_UNSPECIFIED;
  // The question stays without an answer: counts as a failure and feeds the gaps of knowledge.
  bool unanswered = false;
};

struct BotSituation {
  v1::ConversationState state = v1::CONVERSATION_STATE_UNSPECIFIED;
  int failure_count = 0;  // in a row, before this message
  bool last_answer_known = false;
  bool waiting_acknowledged = false;
  int pending_answers = 0;  // to other messages, asked for again already
  int retry_count = 0;      // of this message
};

struct BotPolicy {
  int failures_max = 2;  // at the last of them the bot hands over
  int retries_max = 3;
  int pending_answers_max = 8;  // at one more the bot hands over
};

Move DecideMove(const BotSituation& situation, const Wish& wish, AnswerOutcome answer,
                const BotPolicy& policy);

// Priority of the ticket of a handoff: by the most urgent words so far, else P2.
common::v1::Priority TicketPriority(common::v1::Priority urgency);

}  // namespace frontdesk::dialog
