#include "services/ticket/domain/lifecycle.h"

#include <array>
#include <string>

#include "absl/status/status.h"
#include "libs/base/error.h"

namespace frontdesk::ticket {
namespace {

constexpr uint32_t In(v1::TicketState state) { return 1u << state; }

constexpr uint32_t kNew = In(v1::TICKET_STATE_NEW);
constexpr uint32_t kOpen = In(v1::TICKET_STATE_OPEN);
constexpr uint32_t kOnHold = In(v1::TICKET_STATE_ON_HOLD);
constexpr uint32_t kResolved = In(v1::TICKET_STATE_RESOLVED);
constexpr uint32_t kActive = kNew | kOpen | kOnHold;

// The state stays as it is.
constexpr v1::TicketState kSame = v1::TICKET_STATE_UNSPECIFIED;

struct Transition {
  Verb verb;
  std::string_view name;
  uint32_t from;
  v1::TicketState to;
};

// CLOSED allows nothing: closed means closed. In the order of Verb.
constexpr std::array<Transition, 9> kTransitions = {{
    {Verb::kUpdate, "UpdateTicket", kActive | kResolved, kSame},
    {Verb::kAssign, "AssignTicket", kActive | kResolved, kSame},
    {Verb::kNote, "AddNote", kActive | kResolved, kSame},
    {Verb::kStart, "StartTicket", kNew, v1::TICKET_STATE_OPEN},
    {Verb::kHold, "HoldTicket", kOpen, v1::TICKET_STATE_ON_HOLD},
    {Verb::kResume, "ResumeTicket", kOnHold, v1::TICKET_STATE_OPEN},
    {Verb::kResolve, "ResolveTicket", kActive, v1::TICKET_STATE_RESOLVED},
    {Verb::kReopen, "ReopenTicket", kResolved, v1::TICKET_STATE_OPEN},
    {Verb::kClose, "CloseTicket", kResolved, v1::TICKET_STATE_CLOSED},
}};

const Transition& Find(Verb verb) { return kTransitions[static_cast<size_t>(verb)]; }

}  // namespace

std::string_view VerbName(Verb verb) { return Find(verb).name; }

std::string_view StateName(v1::TicketState state) {
  constexpr std::string_view kPrefix = "TICKET_STATE_";
  const std::string_view name = v1::TicketState_Name(state);
  return name.substr(name.size() < kPrefix.size() ? 0 : kPrefix.size());
}

absl::StatusOr<v1::TicketState> NextState(v1::TicketState state, Verb verb) {
  const Transition& transition = Find(verb);
  if ((transition.from & In(state)) == 0) {
    const std::string message =
        std::string(transition.name) + " is not possible in state " + std::string(StateName(state));
    absl::Status status =
        Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION", message);
    status = WithMetadata(std::move(status), "state", StateName(state));
    return WithMetadata(std::move(status), "verb", transition.name);
  }
  return transition.to == kSame ? state : transition.to;
}

}  // namespace frontdesk::ticket
