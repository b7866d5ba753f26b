#include "services/dialog/domain/intent.h"

#include <catch2/catch.hpp>

#include <string>

#include "libs/base/error.h"

namespace frontdesk::dialog {
namespace {

v1::Intent Sound() {
  v1::Intent intent;
  auto* name = intent.add_display_names();
  name->set_locale("en");
  name->set_text("Order status");
  auto* example = intent.add_examples();
  example->set_locale("en");
  example->set_text("where is my order");
  return intent;
}

std::string FieldOf(const absl::Status& status) {
  const auto fields = DetailsOf(status).fields;
  return fields.empty() ? "" : fields[0].first;
}

std::string Wrong(const v1::Intent& intent) {
  return FieldOf(CheckIntent(intent, AllIntentPaths(), "intent."));
}

TEST_CASE("an intent that breaks a limit is refused by the field") {
  CHECK(CheckIntent(Sound(), AllIntentPaths(), "").ok());
  v1::Intent intent = Sound();
  intent.clear_display_names();
  CHECK(Wrong(intent) == "intent.display_names");
  // What is not changed need not be sound.
  CHECK(CheckIntent(intent, {"examples"}, "").ok());
  intent = Sound();
  *intent.add_display_names() = intent.display_names(0);
  CHECK(Wrong(intent) == "intent.display_names.locale");
  intent = Sound();
  intent.mutable_display_names(0)->set_text(std::string(101, 'x'));
  CHECK(Wrong(intent) == "intent.display_names.text");
  intent = Sound();
  intent.set_action(static_cast<v1::IntentAction>(99));
  CHECK(Wrong(intent) == "intent.action");
  intent = Sound();
  intent.set_urgency(static_cast<common::v1::Priority>(99));
  CHECK(Wrong(intent) == "intent.urgency");
  intent = Sound();
  intent.mutable_examples(0)->set_text(" \n");
  CHECK(Wrong(intent) == "intent.examples[0].text");
  intent.mutable_examples(0)->set_text(std::string(501, 'x'));
  CHECK(Wrong(intent) == "intent.examples[0].text");
  intent = Sound();
  intent.mutable_examples(0)->set_locale("e n");
  CHECK(Wrong(intent) == "intent.examples[0].locale");
}

TEST_CASE("examples are bounded in number and in size") {
  v1::Intent intent = Sound();
  for (int i = 1; i < kMaxExamples; ++i) *intent.add_examples() = intent.examples(0);
  CHECK(Wrong(intent).empty());
  *intent.add_examples() = intent.examples(0);
  CHECK(Wrong(intent) == "intent.examples");
  intent = Sound();
  for (int i = 0; i < 140; ++i) {
    auto* example = intent.add_examples();
    example->set_locale("en");
    example->set_text(std::string(kMaxExampleCharacters, 'x'));
  }
  CHECK(Wrong(intent) == "intent.examples");
}

TEST_CASE("only the fields of the mask change, and a change that changes nothing says so") {
  v1::Intent intent;
  CHECK(ChangeIntent(Sound(), AllIntentPaths(), intent));
  CHECK(intent.action() == v1::INTENT_ACTION_ANSWER);
  CHECK(intent.example_count() == 1);
  CHECK_FALSE(ChangeIntent(Sound(), AllIntentPaths(), intent));
  v1::Intent wanted;
  wanted.set_action(v1::INTENT_ACTION_HAND_OFF);
  CHECK(ChangeIntent(wanted, {"action"}, intent));
  CHECK(intent.action() == v1::INTENT_ACTION_HAND_OFF);
  CHECK(intent.examples_size() == 1);
  CHECK(intent.display_names_size() == 1);
  CHECK(ChangeIntent(wanted, {"examples"}, intent));
  CHECK(intent.example_count() == 0);
}

TEST_CASE("without a mask the populated fields change; an unknown path is refused") {
  v1::UpdateIntentRequest request;
  *request.mutable_intent() = Sound();
  CHECK(*IntentPaths(request) == std::vector<std::string>{"display_names", "examples"});
  request.mutable_update_mask()->add_paths("*");
  CHECK(*IntentPaths(request) == AllIntentPaths());
  request.mutable_update_mask()->set_paths(0, "etag");
  CHECK(FieldOf(IntentPaths(request).status()) == "update_mask");
}

TEST_CASE("an intent is called by the reader's language, else by a near one, else by the first") {
  v1::Intent intent = Sound();
  auto* chinese = intent.add_display_names();
  chinese->set_locale("zh");
  chinese->set_text("订单状态");
  CHECK(DisplayName(intent, "zh") == "订单状态");
  CHECK(DisplayName(intent, "zh-TW") == "订单状态");
  CHECK(DisplayName(intent, "fr") == "Order status");
  CHECK(DisplayName(intent, "") == "Order status");
  CHECK(DisplayName(v1::Intent(), "en").empty());
}

}  // namespace
}  // namespace frontdesk::dialog
