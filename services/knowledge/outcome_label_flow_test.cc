#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/domain/calibration.h"
#include "services/knowledge/outcome_handlers.h"
#include "services/knowledge/testing/feedback_events.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using namespace frontdesk::knowledge::testing;

namespace {

using K = KnowledgeService;
using google::protobuf::RepeatedPtrField;

constexpr const char* kQuestion = "Where can I park my car?";

RepeatedPtrField<v1::LabeledQuestion> Labels(
    KnowledgeWorld& world, v1::LabelSource source = v1::LABEL_SOURCE_UNSPECIFIED) {
  v1::ListLabeledQuestionsRequest list;
  list.set_parent(kParent);
  list.set_source(source);
  return world.Must(&K::ListLabeledQuestions, list).labeled_questions();
}

// "+article" when the label expects it, "-article" when it is wrong, "?" when nothing shall answer;
// "" without a label. Of the only question that there is.
std::string Said(KnowledgeWorld& world) {
  const auto labels = Labels(world);
  if (labels.empty()) return "";
  REQUIRE(labels.size() == 1);
  const v1::LabeledQuestion& label = labels[0];
  const auto id = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
  if (!label.expected_article().empty()) return "+" + id(label.expected_article());
  if (!label.wrong_article().empty()) return "-" + id(label.wrong_article());
  return "?";
}

void PublishArticle(KnowledgeWorld& world, const std::string& id) {
  world.Create(world.CreateRequest(id, "About " + id, "All about " + id + "."));
  REQUIRE(world.Publish(id).ok());
}

void Answer(KnowledgeWorld& world, const std::string& conversation, const std::string& article,
            const std::string& question = kQuestion) {
  PublishBotReply(world, conversation, {article}, question);
}

void Solve(KnowledgeWorld& world, const std::string& conversation, const std::string& article,
           const std::string& question = kQuestion) {
  Answer(world, conversation, article, question);
  PublishResolved(world, conversation);
}

void Fail(KnowledgeWorld& world, const std::string& conversation, const std::string& article) {
  Answer(world, conversation, article);
  PublishHandoff(world, conversation, dialog::v1::HANDOFF_REASON_CUSTOMER_REQUEST);
}

void GiveLabel(KnowledgeWorld& world, const std::string& question, const std::string& article) {
  v1::CreateLabeledQuestionRequest request;
  request.set_parent(kParent);
  request.mutable_labeled_question()->set_question(question);
  request.mutable_labeled_question()->set_expected_article(world.Name(article));
  request.set_request_id(world.NewRequestId());
  world.Must(&K::CreateLabeledQuestion, request);
}

void Rate(KnowledgeWorld& world, const std::string& article, v1::AnswerRating rating,
          v1::RatingReason reason = v1::RATING_REASON_UNSPECIFIED) {
  v1::RateAnswerRequest request;
  request.set_parent(kParent);
  request.set_answer_id("a1");
  request.set_rating(rating);
  request.set_reason(reason);
  request.set_question(kQuestion);
  request.add_article_versions(world.Name(article) + "/versions/1");
  request.set_request_id(world.NewRequestId());
  world.Must(&K::RateAnswer, request);
}

}  // namespace

TEST_CASE("what a conversation came to says whether the bot's last answer was right") {
  struct Case {
    const char* what;
    std::vector<std::string> events;
    const char* verdict;
  };
  const Case cases[] = {
      {"still open", {}, ""},
      {"ended by itself", {"resolved"}, "+parking"},
      {"a greeting in between says nothing", {"greeting", "resolved"}, "+parking"},
      {"a person was asked for", {"wants-person"}, "-parking"},
      {"and solved it", {"wants-person", "agent", "by-agent"}, "-parking"},
      {"a person broke in and went on", {"agent", "by-agent"}, "-parking"},
      {"a person closed it", {"by-agent"}, ""},
      {"opened again", {"resolved", "reopened"}, "-parking"},
      {"opened again for a goodbye", {"resolved", "reopened", "resolved"}, "+parking"},
      {"opened again, then silence", {"resolved", "reopened", "left"}, "-parking"},
      {"silence", {"left"}, ""},
      {"a ticket came of it", {"resolved", "ticket"}, "-parking"},
      {"a ticket of an earlier matter is heard of late", {"old-ticket", "resolved"}, "+parking"},
      {"knowledge was missing later", {"unanswered", "missing", "agent", "by-agent"}, ""},
      {"the bot failed later", {"unanswered", "unanswered", "repeated", "ticket"}, ""},
      {"silence after a later failure", {"unanswered", "left"}, ""},
      {"no answer in time later", {"unavailable", "ticket", "agent", "by-agent"}, ""},
      {"the ticket of such a handoff is heard of first", {"ticket", "unavailable", "by-agent"}, ""},
      {"the rules want a person", {"policy", "agent", "by-agent"}, ""},
      {"a person was asked for after a later failure", {"unanswered", "wants-person"}, ""},
      {"opened again for another question", {"resolved", "reopened", "unanswered"}, ""},
      {"answered twice", {"other", "resolved"}, "+delivery"},
      {"opened again and answered from elsewhere",
       {"resolved", "reopened", "other", "resolved"},
       "+delivery"},
      {"a refusal stays whatever follows", {"wants-person", "unanswered"}, "-parking"},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    KnowledgeWorld world;
    PublishArticle(world, "parking");
    PublishArticle(world, "delivery");
    Answer(world, "c1", "parking");
    for (const std::string& event : one.events) {
      if (event == "resolved") PublishResolved(world, "c1");
      if (event == "by-agent") PublishResolved(world, "c1", 1);
      if (event == "left") PublishResolved(world, "c1", 0, common::v1::AUTHOR_KIND_SYSTEM);
      if (event == "old-ticket") PublishTicket(world, "c1", world.clock.Now() - absl::Hours(1));
      if (event == "reopened") PublishReopened(world, "c1");
      if (event == "ticket") PublishTicket(world, "c1");
      if (event == "agent") PublishAgentReply(world, "c1");
      if (event == "greeting") PublishBotReply(world, "c1", {});
      if (event == "other") Answer(world, "c1", "delivery", "When does my parcel come?");
      if (event == "unanswered") {
        world.PublishUnanswered("Is it far?", world.NewRequestId(), ConversationName("c1"));
      }
      using namespace dialog::v1;
      if (event == "wants-person") PublishHandoff(world, "c1", HANDOFF_REASON_CUSTOMER_REQUEST);
      if (event == "missing") PublishHandoff(world, "c1", HANDOFF_REASON_MISSING_KNOWLEDGE);
      if (event == "repeated") PublishHandoff(world, "c1", HANDOFF_REASON_REPEATED_FAILURE);
      if (event == "policy") PublishHandoff(world, "c1", HANDOFF_REASON_POLICY);
      if (event == "unavailable") PublishHandoff(world, "c1", HANDOFF_REASON_UNAVAILABLE);
    }
    CHECK(Said(world) == one.verdict);
    CHECK(world.DeadLetters() == 0);
  }
}

TEST_CASE("a label of an outcome tells question, language and source, also after a crash") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  PublishArticle(world, "parking-zh");
  Answer(world, "c1", "parking", "Where can I park? Call [phone]");
  PublishBotReply(world, "c2", {"parking-zh"}, "请问停车场在哪里？", "zh");
  world.Crash();
  PublishResolved(world, "c1");
  PublishHandoff(world, "c2", dialog::v1::HANDOFF_REASON_CUSTOMER_REQUEST);
  const auto labels = Labels(world, v1::LABEL_SOURCE_OUTCOME);
  REQUIRE(labels.size() == 2);
  for (const v1::LabeledQuestion& label : labels) {
    CHECK(label.source() == v1::LABEL_SOURCE_OUTCOME);
    CHECK(label.author().empty());
    CHECK(label.has_update_time());
    if (label.locale() == "zh") {
      CHECK(label.question() == "请问停车场在哪里？");
      CHECK(label.wrong_article() == world.Name("parking-zh"));
    } else {
      CHECK(label.question() == "Where can I park? Call [phone]");
      CHECK(label.expected_article() == world.Name("parking"));
    }
  }
  CHECK(Labels(world, v1::LABEL_SOURCE_RATING).empty());
}

TEST_CASE("what leans on what was asked before, is too long or not told gives no label") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  std::string long_question = "Where can I park";
  while (long_question.size() <= 500) long_question += " and park";
  const std::vector<std::string> questions = {"", "How long?", "要多久？", "?!", long_question};
  for (const std::string& question : questions) {
    Solve(world, "c" + std::to_string(&question - questions.data()), "parking", question);
  }
  CHECK(Labels(world).empty());
  PublishBotReply(world, "other-tenant", {}, kQuestion);
  PublishResolved(world, "other-tenant");
  CHECK(Labels(world).empty());
  // Such an answer is the last one all the same.
  Answer(world, "c9", "parking");
  Answer(world, "c9", "parking", "How long?");
  PublishResolved(world, "c9");
  CHECK(Labels(world).empty());
  Solve(world, "c10", "parking", "How long may I park my car?");
  CHECK(Labels(world).size() == 1);
  CHECK(world.DeadLetters() == 0);
}

TEST_CASE("an outcome replaces no better label, and a better one replaces it") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  PublishArticle(world, "delivery");
  Solve(world, "c1", "parking");
  CHECK(Said(world) == "+parking");
  Rate(world, "parking", v1::ANSWER_RATING_NOT_HELPFUL, v1::RATING_REASON_WRONG);
  CHECK(Said(world) == "-parking");
  Solve(world, "c2", "parking");
  CHECK(Said(world) == "-parking");
  CHECK(Labels(world, v1::LABEL_SOURCE_RATING).size() == 1);
  GiveLabel(world, kQuestion, "delivery");
  Solve(world, "c3", "parking");
  Fail(world, "c4", "delivery");
  CHECK(Said(world) == "+delivery");
  const auto labels = Labels(world, v1::LABEL_SOURCE_PERSON);
  REQUIRE(labels.size() == 1);
  CHECK(labels[0].author() == "tenants/acme/agents/mia");
  CHECK(Labels(world, v1::LABEL_SOURCE_OUTCOME).empty());
}

TEST_CASE("one conversation does not turn what several agree on") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  PublishArticle(world, "delivery");
  Solve(world, "c1", "parking");
  Solve(world, "c2", "parking", "where can i park my CAR");
  Fail(world, "c3", "parking");
  CHECK(Said(world) == "+parking");
  Fail(world, "c4", "parking");
  CHECK(Said(world) == "+parking");
  Fail(world, "c5", "parking");
  CHECK(Said(world) == "-parking");
  Solve(world, "c6", "delivery");
  CHECK(Said(world) == "+delivery");
  PublishReopened(world, "c6");
  CHECK(Said(world) == "-parking");
  // Only what is taken back is forgotten.
  v1::DeleteLabeledQuestionRequest gone;
  gone.set_name(Labels(world)[0].name());
  gone.set_request_id(world.NewRequestId());
  world.Must(&K::DeleteLabeledQuestion, gone);
  PublishTicket(world, "c1");
  CHECK(Said(world) == "-parking");
  Answer(world, "c1", "delivery");
  CHECK(Said(world).empty());
}

TEST_CASE("a vote that never counted is not taken from another one") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  Solve(world, "c1", "parking");
  v1::DeleteLabeledQuestionRequest gone;
  gone.set_name(Labels(world)[0].name());
  gone.set_request_id(world.NewRequestId());
  world.Must(&K::DeleteLabeledQuestion, gone);
  Solve(world, "c2", "parking");
  CHECK(Said(world) == "+parking");
  PublishReopened(world, "c1");  // one against one: a draw
  CHECK(Said(world) == "+parking");
  PublishReopened(world, "c2");
  CHECK(Said(world) == "-parking");
}

TEST_CASE("what says who asked stays out of a label") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  Solve(world, "c1", "parking", "My name is Ada Lovelace, where can I park my car?");
  Solve(world, "c2", "parking", "我叫王小明，请问停车场在哪里？");
  REQUIRE(Labels(world).size() == 2);
  for (const v1::LabeledQuestion& label : Labels(world)) {
    CHECK(label.question().find("Lovelace") == std::string::npos);
    CHECK(label.question().find("王小明") == std::string::npos);
  }
}

TEST_CASE("a gap that is opened again leaves what conversations say of its question") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  PublishArticle(world, "delivery");
  world.PublishUnanswered(kQuestion, "m1", ConversationName("c0"));
  v1::ResolveKnowledgeGapRequest resolve;
  resolve.set_name(world.Gaps().at(0).name());
  resolve.set_article(world.Name("delivery"));
  resolve.set_request_id(world.NewRequestId());
  Solve(world, "c1", "parking");
  CHECK(Said(world) == "+parking");
  world.Must(&K::ResolveKnowledgeGap, resolve);
  CHECK(Said(world) == "+delivery");
  Fail(world, "c2", "delivery");
  CHECK(Said(world) == "+delivery");
  v1::ReopenKnowledgeGapRequest reopen;
  reopen.set_name(resolve.name());
  reopen.set_request_id(world.NewRequestId());
  world.Must(&K::ReopenKnowledgeGap, reopen);
  CHECK(Said(world) == "+parking");
  CHECK(Labels(world, v1::LABEL_SOURCE_OUTCOME).size() == 1);
}

TEST_CASE("outcomes give labels only as long as there is room for those that people give") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  world.Change([](const engine::Context& context, engine::Txn& txn) {
    records::LabelStatsRecord stats;
    stats.set_questions(kLabelsOfOutcomesMax - 1);
    kLabelStats.Put(txn, kLabelStats.Key(context.tenant), stats);
    return absl::OkStatus();
  });
  Solve(world, "c1", "parking");
  Solve(world, "c2", "parking", "Where can I park my boat?");
  CHECK(Said(world) == "+parking");
  // One that is there goes on changing, and a better source still finds room.
  PublishReopened(world, "c1");
  CHECK(Said(world) == "-parking");
  Rate(world, "parking", v1::ANSWER_RATING_NOT_HELPFUL, v1::RATING_REASON_WRONG);
  CHECK(Labels(world, v1::LABEL_SOURCE_RATING).size() == 1);
}

TEST_CASE("the question of a conversation is forgotten once nothing can come of it") {
  KnowledgeWorld world;
  PublishArticle(world, "parking");
  const auto holds_question = [&] {
    bool found = false;
    const auto& store = world.app->shards().For("acme").store();
    REQUIRE(store
                .Read([&](const engine::Reader& reader) {
                  return reader.Scan(kCitedConversations.Key("acme"), {},
                                     [&](std::string_view, std::string_view value) {
                                       found = found || value.find(kQuestion) != value.npos;
                                       return true;
                                     });
                })
                .ok());
    return found;
  };
  Answer(world, "c1", "parking");
  CHECK(holds_question());
  PublishHandoff(world, "c1", dialog::v1::HANDOFF_REASON_POLICY);
  CHECK_FALSE(holds_question());
  Fail(world, "c2", "parking");
  CHECK_FALSE(holds_question());
  Solve(world, "c3", "parking");
  CHECK(holds_question());
  world.Advance(kCitedConversationLife + absl::Hours(1));
  Answer(world, "c4", "parking", "When does my parcel come?");
  Answer(world, "c5", "parking", "When does my parcel come?");
  CHECK_FALSE(holds_question());
}

TEST_CASE("a threshold can be chosen from what conversations came to alone") {
  KnowledgeWorld world;
  const std::vector<std::string> nouns = {"parking", "refunds",  "delivery", "invoices",
                                          "voucher", "warranty", "password", "insurance",
                                          "battery", "donation", "giftwrap", "newsletter"};
  for (const std::string& noun : nouns) {
    world.Create(world.CreateRequest(noun, "About " + noun,
                                     "All there is to know about " + noun + " at our store."));
    REQUIRE(world.Publish(noun).ok());
  }
  for (const std::string& noun : nouns) {
    Solve(world, "good-" + noun, noun, "What about " + noun + "?");
    Answer(world, "bad-" + noun, noun, noun + " zyzzyva quokka wombat axolotl?");
    PublishHandoff(world, "bad-" + noun, dialog::v1::HANDOFF_REASON_CUSTOMER_REQUEST);
  }
  CHECK(Labels(world, v1::LABEL_SOURCE_OUTCOME).size() == 24);
  v1::CalibrateAnswersRequest calibrate;
  calibrate.set_parent(kParent);
  calibrate.set_request_id(world.NewRequestId());
  world.Must(&K::CalibrateAnswers, calibrate);
  v1::GetAnswerThresholdRequest get;
  get.set_name(std::string(kParent) + "/answerThreshold");
  const auto chosen = world.Must(&K::GetAnswerThreshold, get).answer_threshold();
  INFO(chosen.ShortDebugString());
  CHECK(chosen.basis() == v1::THRESHOLD_BASIS_CALIBRATED);
  CHECK(chosen.question_count() == 24);
  CHECK(chosen.target_reached());
  CHECK(chosen.curve(chosen.curve_size() - 1).precision_bps() < 9500);
  for (const std::string& noun : nouns) {
    CHECK(world.Ask("What about " + noun + "?").known());
    CHECK_FALSE(world.Ask(noun + " zyzzyva quokka wombat axolotl?").known());
  }
  // It is made anew when an outcome changes a label, and not when it only agrees.
  Solve(world, "again", "parking", "What about parking?");
  CHECK_FALSE(world.Must(&K::GetAnswerThreshold, get).answer_threshold().outdated());
  PublishReopened(world, "good-refunds");
  CHECK(world.Must(&K::GetAnswerThreshold, get).answer_threshold().outdated());
}
