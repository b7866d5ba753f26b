#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

#include "libs/base/ulid.h"
#include "services/dialog/derived_id.h"
#include "services/dialog/domain/context.h"
#include "services/dialog/domain/templates.h"
#include "services/dialog/testing/dialog_world.h"

namespace frontdesk::dialog {
namespace {

using testing::DialogWorld;
using testing::kMia;
using E = v1::DialogEvent;

constexpr const char* kRefund = "How do I get a refund?";
constexpr const char* kNonsense = "Is the moon made of cheese today?";

std::string Phrase_(Phrase phrase, const char* language = "en") {
  return std::string(TemplateText(phrase, language));
}

TEST_CASE("a known question is answered from its article, under the bot's lease") {
  DialogWorld world;
  const std::string message = world.Write(kRefund);
  const v1::Conversation conversation = world.Last();
  CHECK(conversation.state() == v1::CONVERSATION_STATE_BOT);
  CHECK(conversation.language() == "en");
  CHECK(conversation.account() == "tenants/acme/accounts/lovelace");
  CHECK(conversation.bot_reply_count() == 1);
  CHECK(FindSlot(conversation, slots::kLastArticle) == "tenants/acme/articles/refunds/versions/1");
  const auto replies = world.Events(E::kReplyRequested);
  REQUIRE(replies.size() == 1);
  const v1::ReplyRequested& reply = replies[0].reply_requested();
  CHECK(reply.author_kind() == common::v1::AUTHOR_KIND_BOT);
  CHECK(reply.author() == "services/dialog");
  CHECK(reply.reply_to() == message);
  CHECK(reply.citations_size() == 1);
  CHECK(reply.speaker_lease().token() == 1);
  CHECK_FALSE(reply.text().sealed().empty());
  CHECK(reply.text().sealed_for() == conversation.name() + "/replies/" + reply.reply() + "#text");
  CHECK(replies[0].metadata().correlation() == conversation.name());
  CHECK(world.Said() == std::vector<std::string>{"Open Orders and choose Refund."});
  CHECK(world.Events(E::kConversationOpened).size() == 1);
  const auto turns = world.Turns(conversation.name());
  REQUIRE(turns.size() == 2);
  CHECK(turns[0].message() == message);
  CHECK(turns[1].reply() == reply.reply());
  CHECK(turns[1].confidence_bps() == 9'000);
}

TEST_CASE("an answer with citations tells what was asked, masked; no other reply does") {
  DialogWorld world;
  const std::string asked = "How do I get a refund? Call me at 13800138000";
  world.knowledge.known[asked] = "Open Orders and choose Refund.";
  world.Write("Hello");
  world.Write(asked);
  world.Write(kNonsense);
  world.Write("agent please");
  world.Write("And now?");
  const std::string name = world.Last().name();
  REQUIRE(world.TakeOver(name).ok());
  REQUIRE(world.Reply(name, world.Last().speaker_lease().token(), "Hello, I am Mia").ok());
  std::vector<std::string> questions;
  for (const auto& event : world.Events(E::kReplyRequested)) {
    const v1::ReplyRequested& reply = event.reply_requested();
    CHECK(reply.question().empty() == reply.citations().empty());
    CHECK(event.SerializeAsString().find("13800138000") == std::string::npos);
    if (!reply.question().empty()) questions.push_back(reply.question());
  }
  CHECK(questions == std::vector<std::string>{"How do I get a refund? Call me at [phone]"});
  CHECK(world.Events(E::kReplyRequested).size() == 6);
}

TEST_CASE("an answer without citations tells no question") {
  DialogWorld world;
  world.knowledge.cites = false;
  world.Write(kRefund);
  const auto replies = world.Events(E::kReplyRequested);
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].reply_requested().citations().empty());
  CHECK(replies[0].reply_requested().question().empty());
}

TEST_CASE("a late answer tells the question that it was asked for, and no more than was asked") {
  DialogWorld world;
  std::string long_question;
  for (int i = 0; i < 1'000; ++i) long_question += "退款";
  world.knowledge.known[long_question] = "请在“我的订单”中申请退款。";
  world.knowledge.status = Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "away");
  const std::string first = world.Write(kRefund);
  const std::string second = world.Write(long_question + "有没有别的办法");
  world.knowledge.status = absl::OkStatus();
  for (int i = 0; i < 4; ++i) world.Advance(absl::Seconds(1));
  const auto replies = world.Events(E::kReplyRequested);
  REQUIRE(replies.size() == 2);
  for (const auto& event : replies) {
    const v1::ReplyRequested& reply = event.reply_requested();
    CHECK(reply.question() == (reply.reply_to() == first ? kRefund : long_question));
  }
}

TEST_CASE("the bot speaks the customer's language") {
  DialogWorld world;
  world.Write("怎么退款？");
  world.Write("今天月亮是什么做的");
  const auto said = world.Said();
  REQUIRE(said.size() == 2);
  CHECK(said[0] == "请在“我的订单”中申请退款。");
  CHECK(said[1] == Phrase_(Phrase::kClarify, "zh"));
  CHECK(world.Last().language() == "zh");
  CHECK(world.knowledge.asked.back().locale() == "zh");
}

TEST_CASE("the second failure in a row hands over with a summary, a ticket and one notice") {
  DialogWorld world;
  world.Write(kNonsense);
  CHECK(world.Last().bot_failure_count() == 1);
  CHECK(world.Said().back() == Phrase_(Phrase::kClarify));
  const std::string message = world.Write("And who ate it, call 13800138000");
  const v1::Conversation conversation = world.Last();
  CHECK(conversation.state() == v1::CONVERSATION_STATE_WAITING);
  CHECK(conversation.handoff_reason() == v1::HANDOFF_REASON_REPEATED_FAILURE);
  CHECK(world.Events(E::kQuestionUnanswered).size() == 2);
  const auto handoffs = world.Events(E::kHandoffRequested);
  REQUIRE(handoffs.size() == 1);
  const std::string& summary = handoffs[0].handoff_requested().summary().masked();
  CHECK(summary.find("moon made of cheese") != std::string::npos);
  CHECK(summary.find("13800138000") == std::string::npos);
  CHECK(summary.find("[phone]") != std::string::npos);
  const auto tickets = world.Events(E::kTicketRequested);
  REQUIRE(tickets.size() == 1);
  const v1::TicketRequested& ticket = tickets[0].ticket_requested();
  CHECK(ticket.subject() == "And who ate it, call [phone]");
  CHECK(ticket.priority() == common::v1::PRIORITY_P2);
  CHECK(ticket.conversation() == conversation.name());
  CHECK(ticket.summary().masked() == summary);
  const auto replies = world.Events(E::kReplyRequested);
  CHECK(replies.back().reply_requested().author_kind() == common::v1::AUTHOR_KIND_SYSTEM);
  CHECK(replies.back().reply_requested().reply_to() == message);
  CHECK(conversation.bot_reply_count() == 1);
}

TEST_CASE("an answer in between starts the count of failures anew") {
  DialogWorld world;
  world.Write(kNonsense);
  world.Write(kRefund);
  world.Write(kNonsense);
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_BOT);
}

TEST_CASE("a wish for a person is met at once, about what was asked before") {
  DialogWorld world;
  world.Write(kRefund);
  world.Write("talk to a human please");
  const v1::Conversation conversation = world.Last();
  CHECK(conversation.handoff_reason() == v1::HANDOFF_REASON_CUSTOMER_REQUEST);
  const auto tickets = world.Events(E::kTicketRequested);
  REQUIRE(tickets.size() == 1);
  CHECK(tickets[0].ticket_requested().subject() == kRefund);
  CHECK(world.knowledge.asked.size() == 1);
  CHECK(world.Said().back() == Phrase_(Phrase::kHandoffRequested));
}

TEST_CASE("urgent words raise the priority of the ticket, whenever they were said") {
  DialogWorld world;
  world.Write("扣款了但是订单没有成功", "li");
  world.Write("转人工", "li");
  world.Write("My account was hacked!", "eve");
  const auto tickets = world.Events(E::kTicketRequested);
  REQUIRE(tickets.size() == 2);
  for (const auto& event : tickets) {
    const v1::TicketRequested& ticket = event.ticket_requested();
    const bool li = ticket.customer() == "tenants/acme/customers/li";
    CHECK(ticket.priority() == (li ? common::v1::PRIORITY_P1 : common::v1::PRIORITY_P0));
    CHECK(ticket.subject() == (li ? "扣款了但是订单没有成功" : "My account was hacked!"));
  }
}

TEST_CASE("while a customer waits the bot acknowledges once and then keeps silent") {
  DialogWorld world;
  world.Write("agent please");
  const size_t before = world.Said().size();
  world.Write(kRefund);
  CHECK(world.Said().size() == before + 1);
  CHECK(world.Said().back() == Phrase_(Phrase::kStillWaiting));
  world.Write(kRefund);
  CHECK(world.Said().size() == before + 1);
  CHECK(world.knowledge.asked.empty());
  CHECK(world.Last().customer_message_count() == 3);
}

TEST_CASE("an agent takes over, replies with the token, and the bot keeps silent") {
  DialogWorld world;
  world.Write("agent please");
  const std::string name = world.Last().name();
  auto taken = world.TakeOver(name);
  REQUIRE(taken.ok());
  CHECK(taken->state() == v1::CONVERSATION_STATE_WITH_AGENT);
  CHECK(taken->assignee() == kMia);
  CHECK(taken->speaker_lease().holder() == kMia);
  CHECK(taken->speaker_lease().token() == 2);
  CHECK(ReasonOf(world.Reply(name, 1, "Hello")) == "SPEAKER_LEASE_LOST");
  CHECK(ReasonOf(world.Reply(name, 0, "Hello")) == "INVALID_FIELD");
  CHECK(ReasonOf(world.Reply(name, 2, " \n")) == "INVALID_FIELD");
  REQUIRE(world.Reply(name, 2, "Hello, I am Mia").ok());
  CHECK(world.Said().back() == "Hello, I am Mia");
  const size_t before = world.Said().size();
  world.Write(kRefund);
  CHECK(world.Said().size() == before);

  world.principal = "tom";
  CHECK(ReasonOf(world.Reply(name, 2, "Me too")) == "SPEAKER_LEASE_LOST");
  REQUIRE(world.TakeOver(name).ok());
  world.principal = "mia";
  CHECK(ReasonOf(world.Reply(name, 2, "Still me?")) == "SPEAKER_LEASE_LOST");
  world.principal = "tom";
  CHECK(world.Reply(name, 3, "Now me").ok());
  REQUIRE(world.GiveBack(name).ok());
  CHECK(world.Get(name).speaker_lease().token() == 4);
  CHECK(world.Get(name).assignee().empty());
  world.Write(kRefund);
  CHECK(world.Said().back() == "Open Orders and choose Refund.");
  CHECK(world.Events(E::kConversationAssigned).size() == 3);
}

TEST_CASE("an answer that was asked for before a take-over is refused after it") {
  DialogWorld world;
  world.Write("hello");
  const std::string name = world.Last().name();
  const size_t before = world.Said().size();
  world.knowledge.slow = true;
  world.Write(kRefund);
  REQUIRE(world.TakeOver(name).ok());
  world.knowledge.Release();
  world.Advance(absl::Milliseconds(10));
  CHECK(world.Said().size() == before);
  CHECK(world.Get(name).customer_message_count() == 2);
}

TEST_CASE("an answer asked for under an older lease is refused though the bot speaks again") {
  DialogWorld world;
  world.Write("hello");
  const std::string name = world.Last().name();
  world.knowledge.slow = true;
  const size_t before = world.Said().size();
  world.Write(kRefund);
  REQUIRE(world.TakeOver(name).ok());
  REQUIRE(world.GiveBack(name).ok());
  world.knowledge.Release();
  world.Advance(absl::Milliseconds(10));
  CHECK(world.Said().size() == before);
  // It is asked for again under the new one.
  world.knowledge.slow = false;
  for (int i = 0; i < 5; ++i) world.Advance(absl::Seconds(1));
  CHECK(world.Said().back() == "Open Orders and choose Refund.");
}

TEST_CASE("an answer that is late comes by a retry, also after a crash") {
  const bool crash = GENERATE(false, true);
  DialogWorld world;
  world.knowledge.status = Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "away");
  world.Write(kRefund);
  CHECK(world.Said().empty());
  REQUIRE(world.Turns(world.Last().name()).size() == 1);
  if (crash) world.CrashFor(absl::Milliseconds(100));
  world.Advance(absl::Seconds(2));
  CHECK(world.Said().empty());
  world.knowledge.status = absl::OkStatus();
  for (int i = 0; i < 4; ++i) world.Advance(absl::Seconds(1));
  CHECK(world.Said() == std::vector<std::string>{"Open Orders and choose Refund."});
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_BOT);
  for (int i = 0; i < 30; ++i) world.Advance(absl::Seconds(1));
  CHECK(world.Said().size() == 1);
}

TEST_CASE("each late answer comes, however many messages wait, also after a crash") {
  const bool crash = GENERATE(false, true);
  DialogWorld world;
  world.knowledge.known["How do I pay?"] = "Open Orders and choose Pay.";
  world.knowledge.status = Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "away");
  std::set<std::string> asked = {world.Write(kRefund)};
  world.Advance(absl::Seconds(1));
  asked.insert(world.Write("How do I pay?"));
  if (crash) world.CrashFor(absl::Milliseconds(100));
  world.knowledge.status = absl::OkStatus();
  // One that is in time changes nothing for those that wait.
  asked.insert(world.Write(kRefund));
  CHECK(world.Said().size() == 1);
  for (int i = 0; i < 10; ++i) world.Advance(absl::Seconds(1));
  std::multiset<std::string> answered;
  for (const auto& event : world.Events(E::kReplyRequested)) {
    answered.insert(event.reply_requested().reply_to());
  }
  CHECK(answered == std::multiset<std::string>(asked.begin(), asked.end()));
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_BOT);
}

TEST_CASE("an answer that is owed keeps thanks and silence from ending the conversation") {
  Config config;
  config.quiet_time = absl::Seconds(3);
  DialogWorld world(config);
  world.Write(kRefund);
  world.knowledge.slow = true;
  world.Write(kRefund);
  world.Write("Thank you!");
  world.Advance(absl::Seconds(4));
  CHECK(world.Events(E::kConversationResolved).empty());
  CHECK(world.Said().size() == 2);
  world.knowledge.slow = false;
  for (int i = 0; i < 3; ++i) world.Advance(absl::Seconds(1));
  CHECK(world.Said().size() == 3);
  for (int i = 0; i < 4; ++i) world.Advance(absl::Seconds(1));
  CHECK(world.Events(E::kConversationResolved).size() == 1);
}

TEST_CASE("what can't be answered in three retries is handed over, though writing goes on") {
  const bool writes_on = GENERATE(false, true);
  DialogWorld world;
  world.keys.status = Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "away");
  world.Write(kRefund);
  for (int i = 0; i < 9; ++i) {
    if (writes_on && i % 2 == 0) world.Write("hello? " + std::to_string(i));
    world.Advance(absl::Seconds(1));
  }
  const v1::Conversation conversation = world.Last();
  CHECK(conversation.state() == v1::CONVERSATION_STATE_WAITING);
  CHECK(conversation.handoff_reason() == v1::HANDOFF_REASON_UNAVAILABLE);
  CHECK(world.Events(E::kTicketRequested).size() == 1);
}

TEST_CASE("thanks after an answer resolve the conversation as the bot's own") {
  DialogWorld world;
  world.Write(kRefund);
  world.Write("Thank you!");
  const auto resolved = world.Events(E::kConversationResolved);
  REQUIRE(resolved.size() == 1);
  CHECK(resolved[0].conversation_resolved().resolved_by() == common::v1::AUTHOR_KIND_CUSTOMER);
  CHECK(resolved[0].conversation_resolved().bot_only());
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_RESOLVED);
  CHECK(world.Said().back() == Phrase_(Phrase::kGoodbye));
}

TEST_CASE("thanks for nothing resolve nothing") {
  DialogWorld world;
  world.Write("thanks");
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_BOT);
  CHECK(world.Events(E::kConversationResolved).empty());
}

TEST_CASE("silence after the bot's last word resolves; it counts only after a known answer") {
  const bool known = GENERATE(true, false);
  Config config;
  config.quiet_time = absl::Seconds(30);
  DialogWorld world(config);
  world.Write(known ? kRefund : kNonsense);
  world.Advance(absl::Seconds(29));
  CHECK(world.Events(E::kConversationResolved).empty());
  world.Advance(absl::Seconds(2));
  const auto resolved = world.Events(E::kConversationResolved);
  REQUIRE(resolved.size() == 1);
  CHECK(resolved[0].conversation_resolved().resolved_by() == common::v1::AUTHOR_KIND_SYSTEM);
  CHECK(resolved[0].conversation_resolved().bot_only() == known);
  CHECK(resolved[0].metadata().actor() == "services/dialog");
}

TEST_CASE("writing again puts the quiet time off") {
  Config config;
  config.quiet_time = absl::Seconds(30);
  DialogWorld world(config);
  world.Write(kRefund);
  world.Advance(absl::Seconds(20));
  world.Write(kRefund);
  world.Advance(absl::Seconds(20));
  CHECK(world.Events(E::kConversationResolved).empty());
  world.Advance(absl::Seconds(11));
  CHECK(world.Events(E::kConversationResolved).size() == 1);
}

TEST_CASE("a person's work is never the bot's outcome, and silence does not end it") {
  DialogWorld world;
  world.Write(kRefund);
  const std::string name = world.Last().name();
  REQUIRE(world.TakeOver(name).ok());
  world.Advance(absl::Hours(2));
  CHECK(world.Get(name).state() == v1::CONVERSATION_STATE_WITH_AGENT);
  REQUIRE(world.Resolve(name).ok());
  const auto resolved = world.Events(E::kConversationResolved);
  REQUIRE(resolved.size() == 1);
  CHECK_FALSE(resolved[0].conversation_resolved().bot_only());
  CHECK(resolved[0].conversation_resolved().resolved_by() == common::v1::AUTHOR_KIND_AGENT);
  CHECK(ReasonOf(world.Resolve(name)) == "FAILED_TRANSITION");
}

TEST_CASE("who writes again soon goes on in the same conversation, later in a new one") {
  DialogWorld world;
  world.Write(kRefund);
  const std::string name = world.Last().name();
  REQUIRE(world.Resolve(name).ok());
  world.Advance(absl::Minutes(5));
  world.Write(kRefund);
  CHECK(world.Last().name() == name);
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_BOT);
  CHECK(world.Last().reopen_count() == 1);
  CHECK(world.Events(E::kConversationReopened).size() == 1);
  REQUIRE(world.Resolve(name).ok());
  world.Advance(absl::Minutes(31));
  world.Write(kRefund);
  CHECK(world.Last().name() != name);
  CHECK(world.All().size() == 2);
  CHECK(world.Get(name).state() == v1::CONVERSATION_STATE_RESOLVED);
}

TEST_CASE("a message that comes again under another event has no second effect") {
  DialogWorld world;
  world.Write(kRefund, "ada", "once");
  REQUIRE(world.Resolve(world.Last().name()).ok());
  world.Write(kRefund, "ada", "once");
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_RESOLVED);
  CHECK(world.Last().customer_message_count() == 1);
  CHECK(world.Said().size() == 1);
}

TEST_CASE(
    "after a restore from a backup what is read again makes nothing that others do not know") {
  DialogWorld world;
  world.Write("hello", "bob");
  world.Backup();
  world.Write(kRefund);
  world.Write(kNonsense, "bob");
  world.Write("agent please", "bob");
  const auto ids = [&] {
    std::set<std::string> ids;
    for (const auto& event : world.Events()) {
      if (event.has_source_restored()) continue;
      if (event.has_reply_requested()) ids.insert(event.reply_requested().reply());
      if (event.has_ticket_requested()) ids.insert(event.ticket_requested().ticket_request());
      ids.insert(event.metadata().correlation());
    }
    return ids;
  };
  const std::set<std::string> before = ids();
  const size_t events = world.Events().size();
  world.Restore();
  CHECK(world.Events().size() > events);
  CHECK(ids() == before);
  CHECK(world.All().size() == 2);
}

TEST_CASE("the ticket that was asked for is set, a stranger does not replace it") {
  DialogWorld world;
  world.Write("agent please");
  const std::string name = world.Last().name();
  const std::string request =
      world.Events(E::kTicketRequested).at(0).ticket_requested().ticket_request();
  ticket::v1::TicketCreated created;
  created.set_ticket_request(request);
  created.mutable_ticket()->set_name("tenants/acme/tickets/t1");
  created.mutable_ticket()->set_conversation(name);
  world.PublishTicketCreated(created);
  CHECK(world.Get(name).ticket() == "tenants/acme/tickets/t1");
  created.set_ticket_request("");
  created.mutable_ticket()->set_name("tenants/acme/tickets/t2");
  world.PublishTicketCreated(created);
  CHECK(world.Get(name).ticket() == "tenants/acme/tickets/t1");
  created.mutable_ticket()->set_conversation("tenants/acme/conversations/nobody");
  world.PublishTicketCreated(created);
  created.mutable_ticket()->set_conversation("tenants/other/conversations/nobody");
  world.PublishTicketCreated(created);
  CHECK(world.DeadLetters() == 1);
}

TEST_CASE("a ticket that is heard of before its conversation waits for it") {
  DialogWorld world;
  const std::string id = NewUlid(world.clock.Now(), world.random);
  const std::string message = "tenants/acme/customers/ada/messages/" + id;
  const std::string name =
      "tenants/acme/conversations/" + DerivedId("conversation", message, world.clock.Now());
  ticket::v1::TicketCreated created;
  created.set_ticket_request("request");
  created.mutable_ticket()->set_name("tenants/acme/tickets/t1");
  created.mutable_ticket()->set_conversation(name);
  world.PublishTicketCreated(created);
  world.Write("agent please", "ada", id);
  CHECK(world.Last().name() == name);
  CHECK(world.Last().ticket() == "tenants/acme/tickets/t1");
  CHECK(world.Events(E::kTicketRequested).empty());
}

TEST_CASE("a customer without a key is answered in masked form") {
  DialogWorld world;
  world.Write(kRefund, "unknown-1");
  const auto replies = world.Events(E::kReplyRequested);
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].reply_requested().text().sealed().empty());
  CHECK(replies[0].reply_requested().text().masked() == "Open Orders and choose Refund.");
}

TEST_CASE("turns and context survive a crash") {
  DialogWorld world;
  world.Write(kNonsense);
  world.CrashFor(absl::Seconds(5));
  CHECK(world.Last().bot_failure_count() == 1);
  CHECK(world.Turns(world.Last().name()).size() == 2);
  world.Write(kNonsense);
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_WAITING);
  CHECK(world.knowledge.asked.back().context() == kNonsense);
}

}  // namespace
}  // namespace frontdesk::dialog
