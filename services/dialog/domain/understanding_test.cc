#include "services/dialog/domain/understanding.h"

#include <catch2/catch.hpp>

namespace frontdesk::dialog {
namespace {

v1::Understanding Understood(int confidence, int second = 0) {
  v1::Understanding understanding;
  understanding.set_intent("tenants/acme/intents/complaint");
  understanding.set_confidence_bps(confidence);
  if (second > 0) understanding.set_second_intent("tenants/acme/intents/refund");
  understanding.set_second_confidence_bps(second);
  return understanding;
}

v1::Intent Acting(v1::IntentAction action, common::v1::Priority urgency) {
  v1::Intent intent;
  intent.set_action(action);
  intent.set_urgency(urgency);
  return intent;
}

TEST_CASE("an intent acts when it is sure, in scope and still there") {
  const v1::Intent complaint = Acting(v1::INTENT_ACTION_HAND_OFF, common::v1::PRIORITY_P1);
  const Wish joined = JoinIntent(Wish(), Understood(kActConfidenceBps), &complaint);
  CHECK(joined.needs_person);
  CHECK_FALSE(joined.wants_person);
  CHECK(joined.urgency == common::v1::PRIORITY_P1);
  CHECK(joined.needs_no_answer());

  const Wish unsure = JoinIntent(Wish(), Understood(kActConfidenceBps - 1), &complaint);
  CHECK_FALSE(unsure.needs_person);
  CHECK(unsure.urgency == common::v1::PRIORITY_UNSPECIFIED);
  CHECK_FALSE(JoinIntent(Wish(), Understood(10'000), nullptr).needs_person);
  v1::Understanding outside = Understood(10'000);
  outside.set_out_of_scope(true);
  CHECK_FALSE(JoinIntent(Wish(), outside, &complaint).needs_person);

  const v1::Intent person = Acting(v1::INTENT_ACTION_REQUEST_PERSON, {});
  CHECK(JoinIntent(Wish(), Understood(9'000), &person).wants_person);
  const v1::Intent question = Acting(v1::INTENT_ACTION_ANSWER, {});
  CHECK_FALSE(JoinIntent(Wish(), Understood(9'000), &question).needs_no_answer());
}

TEST_CASE("words that say it themselves win over the intent, and the most urgent counts") {
  const v1::Intent complaint = Acting(v1::INTENT_ACTION_HAND_OFF, common::v1::PRIORITY_P1);
  Wish thanks;
  thanks.thanks = true;
  CHECK_FALSE(JoinIntent(thanks, Understood(9'000), &complaint).needs_person);
  Wish critical;
  critical.urgency = common::v1::PRIORITY_P0;
  CHECK(JoinIntent(critical, Understood(9'000), &complaint).urgency == common::v1::PRIORITY_P0);
}

TEST_CASE("a message is between two intents when both are likely and neither leads by much") {
  CHECK(IsBetweenTwo(Understood(4'500, 3'000)));
  CHECK_FALSE(IsBetweenTwo(Understood(8'000, kCloseConfidenceBps)));
  CHECK_FALSE(IsBetweenTwo(Understood(3'000, kCloseConfidenceBps - 1)));
  CHECK_FALSE(IsBetweenTwo(Understood(4'500)));
  v1::Understanding outside = Understood(4'500, 3'000);
  outside.set_out_of_scope(true);
  CHECK_FALSE(IsBetweenTwo(outside));
}

TEST_CASE("the first value of a type is the first one that may be shown") {
  v1::Understanding understanding;
  auto* masked = understanding.add_entities();
  masked->set_type("order_number");
  masked->set_text("[phone]");
  auto* order = understanding.add_entities();
  order->set_type("order_number");
  order->set_value("FD-20311");
  CHECK(FirstValue(understanding, "order_number") == "FD-20311");
  CHECK(FirstValue(understanding, "amount").empty());
}

}  // namespace
}  // namespace frontdesk::dialog
