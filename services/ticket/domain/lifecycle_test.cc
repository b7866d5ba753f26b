#include "services/ticket/domain/lifecycle.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>

#include "libs/base/error.h"

namespace frontdesk::ticket {
namespace {

constexpr v1::TicketState kStates[] = {v1::TICKET_STATE_NEW, v1::TICKET_STATE_OPEN,
                                       v1::TICKET_STATE_ON_HOLD, v1::TICKET_STATE_RESOLVED,
                                       v1::TICKET_STATE_CLOSED};
constexpr Verb kVerbs[] = {Verb::kUpdate, Verb::kAssign,  Verb::kNote,   Verb::kStart, Verb::kHold,
                           Verb::kResume, Verb::kResolve, Verb::kReopen, Verb::kClose};

TEST_CASE("exactly the moves that the contract names are possible") {
  const std::map<std::pair<v1::TicketState, Verb>, v1::TicketState> moves = {
      {{v1::TICKET_STATE_NEW, Verb::kStart}, v1::TICKET_STATE_OPEN},
      {{v1::TICKET_STATE_OPEN, Verb::kHold}, v1::TICKET_STATE_ON_HOLD},
      {{v1::TICKET_STATE_ON_HOLD, Verb::kResume}, v1::TICKET_STATE_OPEN},
      {{v1::TICKET_STATE_NEW, Verb::kResolve}, v1::TICKET_STATE_RESOLVED},
      {{v1::TICKET_STATE_OPEN, Verb::kResolve}, v1::TICKET_STATE_RESOLVED},
      {{v1::TICKET_STATE_ON_HOLD, Verb::kResolve}, v1::TICKET_STATE_RESOLVED},
      {{v1::TICKET_STATE_RESOLVED, Verb::kReopen}, v1::TICKET_STATE_OPEN},
      {{v1::TICKET_STATE_RESOLVED, Verb::kClose}, v1::TICKET_STATE_CLOSED},
  };
  for (const v1::TicketState state : kStates) {
    for (const Verb verb : kVerbs) {
      INFO(VerbName(verb) << " in " << StateName(state));
      const bool stays = verb == Verb::kUpdate || verb == Verb::kAssign || verb == Verb::kNote;
      const auto next = NextState(state, verb);
      if (const auto move = moves.find({state, verb}); move != moves.end()) {
        REQUIRE(next.ok());
        CHECK(*next == move->second);
      } else if (stays && state != v1::TICKET_STATE_CLOSED) {
        REQUIRE(next.ok());
        CHECK(*next == state);
      } else {
        CHECK(next.status().code() == absl::StatusCode::kFailedPrecondition);
      }
    }
  }
}

TEST_CASE("a refused verb says which state refused it") {
  const auto refused = NextState(v1::TICKET_STATE_CLOSED, Verb::kReopen);
  const ErrorDetails details = DetailsOf(refused.status());
  CHECK(details.reason == "FAILED_TRANSITION");
  CHECK(details.metadata ==
        std::vector<ErrorDetails::Pair>{{"state", "CLOSED"}, {"verb", "ReopenTicket"}});
}

TEST_CASE("a state that is none allows nothing") {
  for (const Verb verb : kVerbs) {
    CHECK_FALSE(NextState(v1::TICKET_STATE_UNSPECIFIED, verb).ok());
  }
}

}  // namespace
}  // namespace frontdesk::ticket
