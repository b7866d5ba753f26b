#include "services/dialog/domain/lifecycle.h"

#include <array>
#include <string>

#include "absl/status/status.h"
#include "libs/base/error.h"

namespace frontdesk::dialog {
namespace {

constexpr uint32_t In(v1::ConversationState state) { return 1u << state; }

constexpr uint32_t kNone = In(v1::CONVERSATION_STATE_UNSPECIFIED);
constexpr uint32_t kBot = In(v1::CONVERSATION_STATE_BOT);
constexpr uint32_t kWaiting = In(v1::CONVERSATION_STATE_WAITING);
constexpr uint32_t kWithAgent = In(v1::CONVERSATION_STATE_WITH_AGENT);
constexpr uint32_t kResolved = In(v1::CONVERSATION_STATE_RESOLVED);
constexpr uint32_t kOpen = kBot | kWaiting | kWithAgent;

// The state stays as it is.
constexpr v1::ConversationState kSame = v1::CONVERSATION_STATE_UNSPECIFIED;

struct Transition {
  Happening happening;
  std::string_view name;
  uint32_t from;
  v1::ConversationState to;
};

// In the order of Happening.
constexpr std::array<Transition, 10> kTransitions = {{
    {Happening::kOpen, "open", kNone, v1::CONVERSATION_STATE_BOT},
    {Happening::kCustomerMessage, "customer message", kOpen, kSame},
    {Happening::kBotAnswered, "bot answer", kBot, kSame},
    {Happening::kHandOff, "handoff", kBot, v1::CONVERSATION_STATE_WAITING},
    {Happening::kTakeOver, "TakeOverConversation", kOpen, v1::CONVERSATION_STATE_WITH_AGENT},
    {Happening::kAgentReplied, "ReplyToConversation", kWithAgent, kSame},
    {Happening::kReturnToBot, "ReturnToBot", kWaiting | kWithAgent, v1::CONVERSATION_STATE_BOT},
    {Happening::kRequestTicket, "RequestTicket", kOpen | kResolved, kSame},
    {Happening::kResolve, "ResolveConversation", kOpen, v1::CONVERSATION_STATE_RESOLVED},
    {Happening::kReopen, "reopen", kResolved, v1::CONVERSATION_STATE_BOT},
}};

const Transition& Find(Happening happening) { return kTransitions[static_cast<size_t>(happening)]; }

}  // namespace

std::string_view HappeningName(Happening happening) { return Find(happening).name; }

std::string_view StateName(v1::ConversationState state) {
  constexpr std::string_view kPrefix = "CONVERSATION_STATE_";
  const std::string_view name = v1::ConversationState_Name(state);
  return name.substr(name.size() < kPrefix.size() ? 0 : kPrefix.size());
}

absl::StatusOr<v1::ConversationState> NextState(v1::ConversationState state, Happening happening) {
  const Transition& transition = Find(happening);
  if (state < 0 || state > 31 || (transition.from & In(state)) == 0) {
    const std::string message =
        std::string(transition.name) + " is not possible in state " + std::string(StateName(state));
    absl::Status status =
        Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION", message);
    status = WithMetadata(std::move(status), "state", StateName(state));
    return WithMetadata(std::move(status), "verb", transition.name);
  }
  return transition.to == kSame ? state : transition.to;
}

}  // namespace frontdesk::dialog
