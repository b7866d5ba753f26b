#include "services/dialog/domain/lifecycle.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "libs/base/error.h"
#include "services/dialog/domain/speaker.h"

namespace frontdesk::dialog {
namespace {

TEST_CASE("every state allows exactly what its row says") {
  // One character per state UNSPECIFIED, BOT, WAITING, WITH_AGENT, RESOLVED: the first letter of the
  // state after (b, w, a, r), or - where it may not happen.
  struct Row {
    Happening happening;
    std::string after;
  };
  const std::vector<Row> rows = {
      {Happening::kOpen, "b----"},        {Happening::kCustomerMessage, "-bwa-"},
      {Happening::kBotAnswered, "-b---"}, {Happening::kHandOff, "-w---"},
      {Happening::kTakeOver, "-aaa-"},    {Happening::kAgentReplied, "---a-"},
      {Happening::kReturnToBot, "--bb-"}, {Happening::kRequestTicket, "-bwar"},
      {Happening::kResolve, "-rrr-"},     {Happening::kReopen, "----b"},
  };
  const std::string letters = "-bwar";
  for (const Row& row : rows) {
    for (int from = 0; from < 5; ++from) {
      INFO(HappeningName(row.happening) << " in " << from);
      const auto next = NextState(static_cast<v1::ConversationState>(from), row.happening);
      const char expected = row.after[static_cast<size_t>(from)];
      REQUIRE(next.ok() == (expected != '-'));
      if (next.ok()) {
        CHECK(letters[static_cast<size_t>(*next)] == expected);
      } else {
        CHECK(ReasonOf(next.status()) == "FAILED_TRANSITION");
      }
    }
  }
}

TEST_CASE("the speaker's token rises with each change of holder and with nothing else") {
  v1::SpeakerLease lease;
  CHECK(GiveSpeaker(kBotSpeaker, lease));
  CHECK(lease.token() == 1);
  CHECK_FALSE(GiveSpeaker(kBotSpeaker, lease));
  CHECK(lease.token() == 1);
  CHECK(GiveSpeaker("tenants/t/agents/mia", lease));
  CHECK(lease.token() == 2);
  CHECK(CheckSpeakerToken(lease, 2).ok());
  for (const int64_t token : {0, 1, 3}) {
    CHECK(ReasonOf(CheckSpeakerToken(lease, token)) == "SPEAKER_LEASE_LOST");
  }
}

}  // namespace
}  // namespace frontdesk::dialog
