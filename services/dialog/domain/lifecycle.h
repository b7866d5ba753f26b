#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "frontdesk/dialog/v1/dialog.pb.h"

// The life of a conversation: what may happen in which state, and where it leads. The one table of
// it stands in lifecycle.cc.
namespace frontdesk::dialog {

enum class Happening : uint8_t {
  kOpen,             // the first message
  kCustomerMessage,  // any later one
  kBotAnswered,      // an answer, a clarification or a greeting went out
  kHandOff,          // the bot gives up or the customer wants a person
  kTakeOver,         // an agent becomes the speaker
  kAgentReplied,
  kReturnToBot,
  kRequestTicket,
  kResolve,
  kReopen,  // the customer writes again soon after it was resolved
};

// "TakeOverConversation": the RPC where there is one, else a name for people.
std::string_view HappeningName(Happening happening);

// "WITH_AGENT".
std::string_view StateName(v1::ConversationState state);

// The state afterwards. FAILED_PRECONDITION (FAILED_TRANSITION) when it may not happen now.
absl::StatusOr<v1::ConversationState> NextState(v1::ConversationState state, Happening happening);

}  // namespace frontdesk::dialog
