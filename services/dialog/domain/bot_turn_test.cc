#include "services/dialog/domain/bot_turn.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "services/dialog/domain/context.h"
#include "services/dialog/domain/handoff.h"
#include "services/dialog/domain/phrases.h"
#include "services/dialog/domain/templates.h"

namespace frontdesk::dialog {
namespace {

constexpr auto kBot = v1::CONVERSATION_STATE_BOT;
constexpr auto kNoReason = v1::HANDOFF_REASON_UNSPECIFIED;

TEST_CASE("the bot's move follows from state, wish, answer and what went before") {
  const Wish question;
  Wish wish;
  wish.wants_person = true;
  const Wish thanks{.thanks = true};
  const Wish greeting{.greeting = true};
  const Wish due{.needs_person = true};
  Wish critical;
  critical.urgency = common::v1::PRIORITY_P0;
  const auto known = AnswerOutcome::kKnown;
  const auto unknown = AnswerOutcome::kUnknown;
  const auto not_ready = AnswerOutcome::kNotReady;
  struct Case {
    std::string name;
    BotSituation situation;
    Wish wish_read;
    AnswerOutcome answer;
    MoveKind kind;
    v1::HandoffReason reason;
    bool unanswered;
  };
  // A table, a case a row.
  // clang-format off
  const std::vector<Case> cases = {
      {"known", {.state = kBot}, question, known, MoveKind::kAnswer, kNoReason, false},
      {"first failure", {.state = kBot}, question, unknown, MoveKind::kClarify, kNoReason, true},
      {"second failure", {.state = kBot, .failure_count = 1}, question, unknown,
       MoveKind::kHandOff, v1::HANDOFF_REASON_REPEATED_FAILURE, true},
      {"critical and unknown", {.state = kBot}, critical, unknown, MoveKind::kHandOff,
       v1::HANDOFF_REASON_POLICY, true},
      {"critical and known", {.state = kBot}, critical, known, MoveKind::kAnswer, kNoReason,
       false},
      {"wish", {.state = kBot}, wish, not_ready, MoveKind::kHandOff,
       v1::HANDOFF_REASON_CUSTOMER_REQUEST, false},
      {"due to a person", {.state = kBot}, due, known, MoveKind::kHandOff,
       v1::HANDOFF_REASON_POLICY, false},
      {"thanks for something", {.state = kBot, .last_answer_known = true}, thanks, not_ready,
       MoveKind::kResolve, kNoReason, false},
      {"thanks for nothing", {.state = kBot}, thanks, not_ready, MoveKind::kThank, kNoReason,
       false},
      {"greeting", {.state = kBot}, greeting, not_ready, MoveKind::kGreet, kNoReason, false},
      {"late", {.state = kBot}, question, not_ready, MoveKind::kRetry, kNoReason, false},
      {"late as others", {.state = kBot, .pending_answers = 7}, question, not_ready,
       MoveKind::kRetry, kNoReason, false},
      {"late as too many others", {.state = kBot, .pending_answers = 8}, question, not_ready,
       MoveKind::kHandOff, v1::HANDOFF_REASON_UNAVAILABLE, false},
      {"thanks while an answer is owed",
       {.state = kBot, .last_answer_known = true, .pending_answers = 1}, thanks, not_ready,
       MoveKind::kThank, kNoReason, false},
      {"too late", {.state = kBot, .retry_count = 3}, question, not_ready, MoveKind::kHandOff,
       v1::HANDOFF_REASON_UNAVAILABLE, false},
      {"waiting", {.state = v1::CONVERSATION_STATE_WAITING}, wish, not_ready,
       MoveKind::kAcknowledge, kNoReason, false},
      {"waiting on", {.state = v1::CONVERSATION_STATE_WAITING, .waiting_acknowledged = true},
       thanks, known, MoveKind::kStaySilent, kNoReason, false},
      {"with an agent", {.state = v1::CONVERSATION_STATE_WITH_AGENT}, question, known,
       MoveKind::kStaySilent, kNoReason, false},
  };
  // clang-format on
  for (const Case& test : cases) {
    INFO(test.name);
    const Move move = DecideMove(test.situation, test.wish_read, test.answer, BotPolicy());
    CHECK(move.kind == test.kind);
    CHECK(move.reason == test.reason);
    CHECK(move.unanswered == test.unanswered);
  }
  CHECK(DecideMove({.state = kBot}, question, unknown, {.failures_max = 1}).reason ==
        v1::HANDOFF_REASON_MISSING_KNOWLEDGE);
}

TEST_CASE("a summary keeps the last turns within its limit, in the conversation's language") {
  v1::Conversation conversation;
  conversation.set_language("zh-CN");
  std::vector<v1::Turn> turns;
  for (int i = 0; i < 30; ++i) {
    v1::Turn turn;
    turn.set_author_kind(common::v1::AUTHOR_KIND_CUSTOMER);
    turn.mutable_text()->set_masked("第" + std::to_string(i) + "条\n" + std::string(300, 'x'));
    turns.push_back(turn);
  }
  const std::string summary =
      MakeSummary(conversation, v1::HANDOFF_REASON_CUSTOMER_REQUEST, "查询订单", turns);
  CHECK(summary.size() <= kMaxSummaryBytes);
  CHECK(summary.find("客户要求人工") != std::string::npos);
  CHECK(summary.find("第29条") != std::string::npos);
  CHECK(summary.find("第0条") == std::string::npos);
  CHECK(summary.find("第28条") < summary.find("第29条"));
}

TEST_CASE("a subject is one line of at most 200 characters and never empty") {
  CHECK(MakeSubject("  two\nlines ", "en") == "two lines");
  CHECK(MakeSubject("", "en") == "A customer asks for a person");
  CHECK(MakeSubject(" \n", "zh") == "客户请求人工服务");
  std::string long_text;
  for (int i = 0; i < 300; ++i) long_text += "问";
  CHECK(CountCharacters(MakeSubject(long_text, "zh")) == 200);
}

TEST_CASE("slots are ordered by key, cut at a character and bounded in number") {
  v1::Conversation conversation;
  SetSlot("b", "2", conversation);
  SetSlot("a", "1", conversation);
  SetSlot("b", "3", conversation);
  REQUIRE(conversation.context_size() == 2);
  CHECK(conversation.context(0).key() == "a");
  CHECK(FindSlot(conversation, "b") == "3");
  CHECK(FindSlot(conversation, "c").empty());
  std::string value;
  for (int i = 0; i < 600; ++i) value += "长";
  SetSlot("c", value, conversation);
  CHECK(CountCharacters(FindSlot(conversation, "c")) == kMaxSlotCharacters);
  for (int i = 0; i < 100; ++i) SetSlot("k" + std::to_string(i), "v", conversation);
  CHECK(conversation.context_size() == kMaxSlots);
}

TEST_CASE("every phrase of the bot exists in both languages") {
  for (int i = 0; i <= static_cast<int>(Phrase::kStillWaiting); ++i) {
    const auto phrase = static_cast<Phrase>(i);
    CHECK_FALSE(TemplateText(phrase, "en").empty());
    CHECK_FALSE(TemplateText(phrase, "zh-TW").empty());
    CHECK(TemplateText(phrase, "zh") != TemplateText(phrase, "fr"));
  }
}

}  // namespace
}  // namespace frontdesk::dialog
