#include <catch2/catch.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "services/dialog/domain/context.h"
#include "services/dialog/testing/dialog_world.h"

namespace frontdesk::dialog {
namespace {

using testing::DialogWorld;
using testing::kParent;
using E = v1::DialogEvent;

// Matters far enough apart for encoders that know spelling alone.
struct Matter {
  const char* id;
  const char* en;
  const char* zh;
  v1::IntentAction action;
  common::v1::Priority urgency;
  std::vector<std::pair<const char*, const char*>> examples;
};

const std::vector<Matter>& Matters() {
  static const auto* const kMatters = new std::vector<Matter>{
      {"invoice",
       "Invoice",
       "发票",
       v1::INTENT_ACTION_ANSWER,
       common::v1::PRIORITY_UNSPECIFIED,
       {{"en", "please send me an invoice"},
        {"en", "I need the invoice for order 20260412"},
        {"en", "where do I find my invoice"},
        {"en", "invoice with VAT number please"},
        {"zh", "我要开发票"},
        {"zh", "发票怎么开"},
        {"zh", "请给我寄一张发票"},
        {"zh", "能不能开增值税发票"}}},
      {"parcel",
       "Where the parcel is",
       "物流进度",
       v1::INTENT_ACTION_ANSWER,
       common::v1::PRIORITY_UNSPECIFIED,
       {{"en", "where is my parcel"},
        {"en", "track the parcel"},
        {"en", "has the parcel been shipped"},
        {"en", "when does my parcel arrive"},
        {"zh", "我的包裹到哪里了"},
        {"zh", "包裹什么时候到"},
        {"zh", "查一下包裹的物流"},
        {"zh", "包裹发货了吗"}}},
      {"complaint",
       "Complaint",
       "投诉",
       v1::INTENT_ACTION_HAND_OFF,
       common::v1::PRIORITY_P1,
       {{"en", "your support is useless"},
        {"en", "useless company, you cheat your customers"},
        {"en", "I am disappointed by your useless support"},
        {"en", "such a useless support team"},
        {"zh", "你们的服务一塌糊涂"},
        {"zh", "服务一塌糊涂，太让人失望"},
        {"zh", "对你们的服务很失望"},
        {"zh", "一塌糊涂的售后服务"}}},
  };
  return *kMatters;
}

v1::CreateIntentRequest CreateRequest(DialogWorld& world, const Matter& matter) {
  v1::CreateIntentRequest request;
  request.set_parent(kParent);
  request.set_intent_id(matter.id);
  request.set_request_id(world.NewRequestId());
  v1::Intent& intent = *request.mutable_intent();
  for (const auto& [locale, text] : {std::pair{"en", matter.en}, {"zh", matter.zh}}) {
    v1::LocalizedText& name = *intent.add_display_names();
    name.set_locale(locale);
    name.set_text(text);
  }
  intent.set_action(matter.action);
  intent.set_urgency(matter.urgency);
  for (const auto& [locale, text] : matter.examples) {
    v1::IntentExample& example = *intent.add_examples();
    example.set_locale(locale);
    example.set_text(text);
  }
  return request;
}

v1::Intent Create(DialogWorld& world, const Matter& matter) {
  v1::CreateIntentResponse response;
  const absl::Status status =
      world.Ask(&IntentService::CreateIntent, CreateRequest(world, matter), &response);
  INFO(status);
  REQUIRE(status.ok());
  return response.intent();
}

absl::StatusOr<v1::Intent> Get(DialogWorld& world, const std::string& id) {
  v1::GetIntentRequest request;
  request.set_name(kParent + ("/intents/" + id));
  v1::GetIntentResponse response;
  const absl::Status status = world.Ask(&IntentService::GetIntent, request, &response);
  if (!status.ok()) return status;
  return response.intent();
}

v1::IntentModel Model(DialogWorld& world) {
  v1::GetIntentModelRequest request;
  request.set_name(std::string(kParent) + "/intentModel");
  v1::GetIntentModelResponse response;
  REQUIRE(world.Ask(&IntentService::GetIntentModel, request, &response).ok());
  return response.model();
}

v1::DetectIntentResponse Detect(DialogWorld& world, const std::string& text) {
  v1::DetectIntentRequest request;
  request.set_parent(kParent);
  request.set_text(text);
  v1::DetectIntentResponse response;
  const absl::Status status = world.Ask(&IntentService::DetectIntent, request, &response);
  INFO(status);
  REQUIRE(status.ok());
  return response;
}

// A world whose three intents are learnt.
struct Learnt {
  DialogWorld world{Config(), DialogWorld::Reading::kLexical};

  Learnt() {
    for (const Matter& matter : Matters()) Create(world, matter);
    world.Advance(absl::Seconds(2));
    REQUIRE(Model(world).state() == v1::INTENT_MODEL_STATE_READY);
  }
};

TEST_CASE("intents are made once, read, listed without examples, changed and removed") {
  DialogWorld world;
  for (const Matter& matter : Matters()) Create(world, matter);
  v1::CreateIntentResponse again;
  CHECK(absl::IsAlreadyExists(
      world.Ask(&IntentService::CreateIntent, CreateRequest(world, Matters()[0]), &again)));
  const auto made = Get(world, "invoice");
  REQUIRE(made.ok());
  CHECK(made->examples_size() == 8);
  CHECK(made->etag() == "1");

  v1::ListIntentsRequest list;
  list.set_parent(kParent);
  list.set_page_size(2);
  v1::ListIntentsResponse page;
  REQUIRE(world.Ask(&IntentService::ListIntents, list, &page).ok());
  REQUIRE(page.intents_size() == 2);
  CHECK(page.intents(0).name() == "tenants/acme/intents/complaint");
  CHECK(page.intents(0).examples_size() == 0);
  CHECK(page.intents(0).example_count() == 8);
  list.set_page_token(page.next_page_token());
  REQUIRE(world.Ask(&IntentService::ListIntents, list, &page).ok());
  CHECK(page.intents_size() == 1);
  CHECK(page.next_page_token().empty());

  v1::UpdateIntentRequest update;
  update.mutable_intent()->set_name(made->name());
  update.mutable_intent()->set_etag("1");
  update.mutable_intent()->set_action(v1::INTENT_ACTION_HAND_OFF);
  update.set_request_id(world.NewRequestId());
  v1::UpdateIntentResponse updated;
  REQUIRE(world.Ask(&IntentService::UpdateIntent, update, &updated).ok());
  CHECK(updated.intent().etag() == "2");
  CHECK(updated.intent().examples_size() == 8);
  update.set_request_id(world.NewRequestId());
  CHECK(ReasonOf(world.Ask(&IntentService::UpdateIntent, update, &updated)) == "ETAG_MISMATCH");
  update.mutable_intent()->clear_etag();
  REQUIRE(world.Ask(&IntentService::UpdateIntent, update, &updated).ok());
  CHECK(updated.intent().etag() == "2");

  v1::DeleteIntentRequest remove;
  remove.set_name(made->name());
  remove.set_etag("1");
  remove.set_request_id(world.NewRequestId());
  v1::DeleteIntentResponse removed;
  CHECK(ReasonOf(world.Ask(&IntentService::DeleteIntent, remove, &removed)) == "ETAG_MISMATCH");
  remove.set_etag("2");
  REQUIRE(world.Ask(&IntentService::DeleteIntent, remove, &removed).ok());
  CHECK(absl::IsNotFound(Get(world, "invoice").status()));
}

TEST_CASE("a repeated creation of an intent gives the same reply, examples and all") {
  DialogWorld world;
  const v1::CreateIntentRequest request = CreateRequest(world, Matters()[0]);
  v1::CreateIntentResponse first;
  v1::CreateIntentResponse second;
  REQUIRE(world.Ask(&IntentService::CreateIntent, request, &first).ok());
  REQUIRE(world.Ask(&IntentService::CreateIntent, request, &second).ok());
  CHECK(first.intent().examples_size() == 8);
  CHECK(first.SerializeAsString() == second.SerializeAsString());
}

TEST_CASE("a model is made a moment after the last change, and again only when something differs") {
  DialogWorld world(Config(), DialogWorld::Reading::kLexical);
  CHECK(Model(world).state() == v1::INTENT_MODEL_STATE_NONE);
  Create(world, Matters()[0]);
  world.Advance(absl::Seconds(2));
  // One intent can't be told from anything.
  CHECK(Model(world).state() == v1::INTENT_MODEL_STATE_NONE);
  Create(world, Matters()[1]);
  world.Advance(absl::Milliseconds(900));
  Create(world, Matters()[2]);
  world.Advance(absl::Milliseconds(900));
  CHECK(Model(world).state() == v1::INTENT_MODEL_STATE_TRAINING);
  CHECK(Model(world).fingerprint().empty());
  world.Advance(absl::Milliseconds(200));
  const v1::IntentModel model = Model(world);
  CHECK(model.state() == v1::INTENT_MODEL_STATE_READY);
  CHECK(model.intent_count() == 3);
  CHECK(model.example_count() == 24);
  CHECK_FALSE(model.fingerprint().empty());
  REQUIRE(model.encoders_size() == 2);
  CHECK(model.encoders(0).substr(0, 7) == "lexical");
  CHECK(world.metrics.Text().find("frontdesk_dialog_intent_training_seconds_count 1\n") !=
        std::string::npos);

  // The file of it is read after a crash instead of learning anew.
  world.CrashFor(absl::Minutes(1));
  world.Settle();
  CHECK(Model(world).state() == v1::INTENT_MODEL_STATE_READY);
  CHECK(Model(world).fingerprint() == model.fingerprint());
  CHECK(Model(world).train_time().seconds() == model.train_time().seconds());

  v1::UpdateIntentRequest update;
  update.mutable_intent()->set_name("tenants/acme/intents/parcel");
  update.mutable_update_mask()->add_paths("examples");
  for (const char* text : {"where is it", "has it been sent"}) {
    v1::IntentExample& example = *update.mutable_intent()->add_examples();
    example.set_locale("en");
    example.set_text(text);
  }
  update.set_request_id(world.NewRequestId());
  v1::UpdateIntentResponse updated;
  REQUIRE(world.Ask(&IntentService::UpdateIntent, update, &updated).ok());
  // The one before serves until then.
  CHECK(Model(world).fingerprint() == model.fingerprint());
  world.Advance(absl::Seconds(2));
  CHECK(Model(world).state() == v1::INTENT_MODEL_STATE_READY);
  CHECK(Model(world).fingerprint() != model.fingerprint());
  CHECK(Model(world).example_count() == 18);
}

TEST_CASE("an intent that is out of scope is never understood, and its examples teach to refuse") {
  const Matter small_talk{"small-talk",
                          "Something else",
                          "其他话题",
                          v1::INTENT_ACTION_OUT_OF_SCOPE,
                          common::v1::PRIORITY_UNSPECIFIED,
                          {{"en", "tell me a joke about elephants"},
                           {"en", "sing a song about elephants"},
                           {"en", "what do elephants eat"},
                           {"en", "a poem about elephants"},
                           {"zh", "给我讲个大象的笑话"},
                           {"zh", "唱一首大象的歌"},
                           {"zh", "大象吃什么"},
                           {"zh", "写一首大象的诗"}}};
  DialogWorld world(Config(), DialogWorld::Reading::kLexical);
  Create(world, Matters()[0]);
  Create(world, small_talk);
  world.Advance(absl::Seconds(2));
  // With one intent beside it there is nothing to tell apart.
  CHECK(Model(world).state() == v1::INTENT_MODEL_STATE_NONE);

  Create(world, Matters()[1]);
  Create(world, Matters()[2]);
  world.Advance(absl::Seconds(2));
  const v1::IntentModel model = Model(world);
  REQUIRE(model.state() == v1::INTENT_MODEL_STATE_READY);
  CHECK(model.intent_count() == 3);
  CHECK(model.example_count() == 32);
  for (const char* text : {"a joke about elephants", "大象的笑话"}) {
    const v1::DetectIntentResponse read = Detect(world, text);
    INFO(read.DebugString());
    CHECK(read.out_of_scope());
    CHECK(read.scores_size() == 3);
    for (const v1::IntentScore& score : read.scores()) {
      CHECK(score.intent() != std::string(kParent) + "/intents/small-talk");
    }
  }
  for (const char* text : {"where is the parcel", "包裹到哪里了"}) {
    const v1::DetectIntentResponse read = Detect(world, text);
    INFO(read.DebugString());
    CHECK_FALSE(read.out_of_scope());
    CHECK(read.scores(0).intent() == std::string(kParent) + "/intents/parcel");
  }

  // From now on it is one like the others.
  v1::UpdateIntentRequest update;
  update.mutable_intent()->set_name(std::string(kParent) + "/intents/small-talk");
  update.mutable_intent()->set_action(v1::INTENT_ACTION_ANSWER);
  update.set_request_id(world.NewRequestId());
  v1::UpdateIntentResponse updated;
  REQUIRE(world.Ask(&IntentService::UpdateIntent, update, &updated).ok());
  world.Advance(absl::Seconds(2));
  CHECK(Model(world).intent_count() == 4);
  CHECK(Detect(world, "a joke about elephants").scores(0).intent() ==
        std::string(kParent) + "/intents/small-talk");
}

TEST_CASE("a text shows its intent, its entities and why, and is not kept") {
  Learnt learnt;
  const auto parcel = Detect(learnt.world,
                             "where is my parcel? order FD-20260412-1, call me at "
                             "+86 138 1234 5678");
  REQUIRE(parcel.scores_size() == 3);
  CHECK(parcel.scores(0).intent() == "tenants/acme/intents/parcel");
  CHECK(parcel.scores(0).confidence_bps() > parcel.scores(1).confidence_bps());
  CHECK(parcel.language() == "en");
  CHECK_FALSE(parcel.explanation().empty());
  CHECK(parcel.fingerprint() == Model(learnt.world).fingerprint());
  bool order = false;
  bool phone = false;
  for (const auto& entity : parcel.entities()) {
    order |= entity.type() == "order_number" && entity.value() == "FD-20260412-1";
    phone |= entity.type() == "phone" && entity.text() == "[phone]" && entity.value().empty() &&
             entity.end() > entity.begin();
  }
  CHECK(order);
  CHECK(phone);
  const auto chinese = Detect(learnt.world, "请问发票怎么开？");
  REQUIRE_FALSE(chinese.scores().empty());
  CHECK(chinese.scores(0).intent() == "tenants/acme/intents/invoice");
  CHECK(chinese.language() == "zh");
  CHECK(Detect(learnt.world, "太棒了，我很喜欢").sentiment_bps() > 0);
  CHECK(learnt.world.All().empty());

  DialogWorld phrases;
  v1::DetectIntentRequest request;
  request.set_parent(kParent);
  request.set_text("hello");
  v1::DetectIntentResponse response;
  CHECK(ReasonOf(phrases.Ask(&IntentService::DetectIntent, request, &response)) == "NOT_READY");
  request.clear_text();
  CHECK(ReasonOf(phrases.Ask(&IntentService::DetectIntent, request, &response)) == "INVALID_FIELD");
}

TEST_CASE("a message keeps what it was understood as, and nothing that says who wrote it") {
  Learnt learnt;
  DialogWorld& world = learnt.world;
  world.Write("where is my parcel? Order FD-20260412-1, call +86 138 1234 5678");
  const v1::Conversation conversation = world.Last();
  const v1::Understanding understanding = world.Turns(conversation.name())[0].understanding();
  CHECK(understanding.intent() == "tenants/acme/intents/parcel");
  CHECK(understanding.confidence_bps() > 0);
  CHECK(FindSlot(conversation, slots::kIntent) == "parcel");
  CHECK(FindSlot(conversation, slots::kOrderNumber) == "FD-20260412-1");
  for (const v1::DetectedEntity& entity : understanding.entities()) {
    if (entity.type() == "phone") CHECK(entity.value().empty());
    CHECK(entity.text().find("5678") == std::string::npos);
    CHECK(entity.value().find("5678") == std::string::npos);
    CHECK(entity.end() == 0);
  }
  // The bot's own words are not read.
  CHECK_FALSE(world.Turns(conversation.name())[1].has_understanding());
}

TEST_CASE("an intent that is due to a person hands over, named in the customer's language") {
  Learnt learnt;
  DialogWorld& world = learnt.world;
  world.Write("对你们的服务很失望，一塌糊涂");
  const v1::Conversation conversation = world.Last();
  CHECK(conversation.state() == v1::CONVERSATION_STATE_WAITING);
  CHECK(conversation.handoff_reason() == v1::HANDOFF_REASON_POLICY);
  CHECK(conversation.summary().masked().find("客户意图: 投诉") != std::string::npos);
  const auto tickets = world.Events(E::kTicketRequested);
  REQUIRE(tickets.size() == 1);
  CHECK(tickets[0].ticket_requested().priority() == common::v1::PRIORITY_P1);

  // What an intent does is decided by what it is now, not when the model was made.
  v1::UpdateIntentRequest update;
  update.mutable_intent()->set_name("tenants/acme/intents/complaint");
  update.mutable_intent()->set_action(v1::INTENT_ACTION_ANSWER);
  update.set_request_id(world.NewRequestId());
  v1::UpdateIntentResponse updated;
  REQUIRE(world.Ask(&IntentService::UpdateIntent, update, &updated).ok());
  world.Write("你们的服务一塌糊涂", "bob");
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_BOT);
}

TEST_CASE("declared phrases decide alone while there is no model or the encoder can't be asked") {
  DialogWorld world(Config(), DialogWorld::Reading::kLexical);
  world.Write("agent please");
  CHECK(world.Last().state() == v1::CONVERSATION_STATE_WAITING);

  Learnt learnt;
  learnt.world.encoding.Stop();
  learnt.world.Write("How do I get a refund?");
  CHECK(learnt.world.Said().back() == "Open Orders and choose Refund.");
  const auto turns = learnt.world.Turns(learnt.world.Last().name());
  CHECK(turns[0].understanding().intent().empty());
}

TEST_CASE("without an answer the bot asks which of two close intents is meant") {
  Learnt learnt;
  DialogWorld& world = learnt.world;
  // The same words under two names: nothing can tell them apart.
  Matter receipt = Matters()[0];
  receipt.id = "receipt";
  receipt.en = "Receipt";
  Create(world, receipt);
  world.Advance(absl::Seconds(2));
  world.Write("please send me an invoice");
  const auto understanding = world.Turns(world.Last().name())[0].understanding();
  INFO(understanding.DebugString());
  const std::string said = world.Said().back();
  CHECK(said.find("\"Invoice\"") != std::string::npos);
  CHECK(said.find("\"Receipt\"") != std::string::npos);
}

// A file that goes with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    std::string pattern = std::filesystem::temp_directory_path() / "frontdesk-intents-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
    std::ofstream(path()) << content;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string path() const { return directory_ + "/intents.csv"; }

 private:
  std::string directory_;
};

rpc::TenantsFile WithIntents(const std::string& path) {
  rpc::TenantsFile file;
  rpc::TenantEntry& tenant = file.tenants.emplace_back();
  tenant.id = "acme";
  tenant.time_zone = "Asia/Shanghai";
  tenant.intents_file = path;
  tenant.intents.push_back({"refund", "answer", "", {{"en", "Refund"}, {"zh", "退款"}}});
  tenant.intents.push_back({"person", "request_person", "P2", {{"en", "A person"}}});
  return file;
}

TEST_CASE("intents of the tenants file are loaded with their examples; again changes nothing") {
  const TemporaryFile examples(
      "intent,locale,text\nrefund,en,\"I want my money, please\"\nrefund,zh,我要退款\n"
      "person,en,let me talk to somebody\n");
  DialogWorld world;
  for (int round = 0; round < 2; ++round) {
    REQUIRE(world.LoadTenants(WithIntents(examples.path())).ok());
    const auto refund = Get(world, "refund");
    REQUIRE(refund.ok());
    CHECK(refund->examples_size() == 2);
    CHECK(refund->examples(0).text() == "I want my money, please");
    CHECK(refund->etag() == "1");
    CHECK(Get(world, "person")->action() == v1::INTENT_ACTION_REQUEST_PERSON);
    CHECK(Get(world, "person")->urgency() == common::v1::PRIORITY_P2);
  }
}

TEST_CASE("a file of examples that is wrong is refused with the line") {
  DialogWorld world;
  const TemporaryFile stranger("intent,locale,text\nrefund,en,hello\nnobody,en,hello\n");
  const absl::Status unknown = world.LoadTenants(WithIntents(stranger.path()));
  CHECK(ReasonOf(unknown) == "INVALID_CONFIG");
  CHECK(ToStd(unknown.message()).find("intents.csv:3") != std::string_view::npos);
  const TemporaryFile short_row("intent,locale,text\nrefund,en\n");
  CHECK(ReasonOf(world.LoadTenants(WithIntents(short_row.path()))) == "INVALID_CONFIG");
  CHECK(world.LoadTenants(WithIntents("/nowhere/intents.csv")).code() ==
        absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace frontdesk::dialog
