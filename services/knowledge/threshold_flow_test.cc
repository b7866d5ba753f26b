#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/knowledge/domain/calibration.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using frontdesk::knowledge::testing::KnowledgeWorld;
using frontdesk::knowledge::testing::kParent;

namespace {

using K = KnowledgeService;

const std::vector<std::string> kNouns = {"parking", "refunds",    "delivery", "invoices",
                                         "voucher", "warranty",   "password", "insurance",
                                         "battery", "newsletter", "donation", "giftwrap"};

void PublishNouns(KnowledgeWorld& world) {
  for (const std::string& noun : kNouns) {
    world.Create(world.CreateRequest(noun, "About " + noun,
                                     "All there is to know about " + noun + " at our store."));
    REQUIRE(world.Publish(noun).ok());
  }
}

absl::Status Label(KnowledgeWorld& world, const std::string& question, const std::string& article,
                   v1::LabeledQuestion* label = nullptr) {
  v1::CreateLabeledQuestionRequest request;
  request.set_parent(kParent);
  request.mutable_labeled_question()->set_question(question);
  if (article.empty()) {
    request.mutable_labeled_question()->set_no_answer(true);
  } else {
    request.mutable_labeled_question()->set_expected_article(world.Name(article));
  }
  request.set_request_id(world.NewRequestId());
  v1::CreateLabeledQuestionResponse response;
  const absl::Status status = world.Do(&K::CreateLabeledQuestion, request, &response);
  if (label != nullptr) *label = response.labeled_question();
  return status;
}

void LabelAll(KnowledgeWorld& world) {
  for (const std::string& noun : kNouns) {
    REQUIRE(Label(world, "What about " + noun + "?", noun).ok());
    REQUIRE(Label(world, noun + " zyzzyva quokka wombat axolotl?", "").ok());
  }
}

absl::Status Calibrate(KnowledgeWorld& world, int target = 0) {
  v1::CalibrateAnswersRequest request;
  request.set_parent(kParent);
  request.set_target_precision_bps(target);
  request.set_request_id(world.NewRequestId());
  v1::CalibrateAnswersResponse response;
  return world.Do(&K::CalibrateAnswers, request, &response);
}

v1::AnswerThreshold Threshold(KnowledgeWorld& world) {
  v1::GetAnswerThresholdRequest request;
  request.set_name(std::string(kParent) + "/answerThreshold");
  return world.Must(&K::GetAnswerThreshold, request).answer_threshold();
}

absl::Status Pin(KnowledgeWorld& world, int bps, const std::string& etag = "") {
  v1::PinAnswerThresholdRequest request;
  request.set_name(std::string(kParent) + "/answerThreshold");
  request.set_threshold_bps(bps);
  request.set_etag(etag);
  request.set_request_id(world.NewRequestId());
  v1::PinAnswerThresholdResponse response;
  return world.Do(&K::PinAnswerThreshold, request, &response);
}

}  // namespace

TEST_CASE("a calibration asks the labelled questions and its threshold is used from then on") {
  KnowledgeWorld world;
  PublishNouns(world);
  CHECK(Threshold(world).basis() == v1::THRESHOLD_BASIS_CONFIGURED);
  CHECK(Threshold(world).threshold_bps() == Config().answer_threshold_bps);
  const absl::Status too_few = Calibrate(world);
  CHECK(absl::IsFailedPrecondition(too_few));
  LabelAll(world);
  REQUIRE(Calibrate(world).ok());
  const v1::AnswerThreshold threshold = Threshold(world);
  INFO(threshold.ShortDebugString());
  CHECK(threshold.basis() == v1::THRESHOLD_BASIS_CALIBRATED);
  CHECK_FALSE(threshold.calibrating());
  CHECK_FALSE(threshold.outdated());
  CHECK(threshold.target_precision_bps() == 9500);
  CHECK(threshold.target_reached());
  CHECK(threshold.question_count() == 24);
  CHECK(threshold.no_answer_count() == 12);
  REQUIRE(threshold.curve_size() >= 2);
  CHECK(threshold.curve(threshold.curve_size() - 1).precision_bps() < 9500);
  for (const std::string& noun : kNouns) {
    CHECK(world.Ask("What about " + noun + "?").threshold_bps() == threshold.threshold_bps());
    CHECK(world.Ask("What about " + noun + "?").known());
    CHECK_FALSE(world.Ask(noun + " zyzzyva quokka wombat axolotl?").known());
  }
  const auto events = world.Events(v1::KnowledgeEvent::kAnswerThresholdChanged);
  REQUIRE(events.size() == 1);
  CHECK(events[0].answer_threshold_changed().threshold_bps() == threshold.threshold_bps());
  world.Crash();
  CHECK(Threshold(world).threshold_bps() == threshold.threshold_bps());
  CHECK(Threshold(world).curve_size() == threshold.curve_size());
}

TEST_CASE("a calibration that was wanted before a crash is done after it") {
  KnowledgeWorld world;
  PublishNouns(world);
  LabelAll(world);
  v1::CalibrateAnswersRequest request;
  request.set_parent(kParent);
  request.set_request_id(world.NewRequestId());
  const auto running = world.Begin(&K::CalibrateAnswers, request);
  while (running->finished == 0) world.app->shards().Step(world.clock.Now());
  REQUIRE(running->status.ok());
  CHECK(running->response.answer_threshold().calibrating());
  world.Crash();
  CHECK(Threshold(world).basis() == v1::THRESHOLD_BASIS_CALIBRATED);
}

TEST_CASE("a pinned threshold holds at once, over calibrations, until it is unpinned") {
  KnowledgeWorld world;
  PublishNouns(world);
  const int confidence = world.Ask("What about parking?").confidence_bps();
  REQUIRE(confidence > 1);
  REQUIRE(Pin(world, 10'000).ok());
  CHECK(world.Ask("What about parking?").threshold_bps() == 10'000);
  REQUIRE(Pin(world, confidence).ok());
  CHECK(world.Ask("What about parking?").known());
  CHECK(ReasonOf(Pin(world, 5000, "no-etag")) == "ETAG_MISMATCH");
  CHECK(absl::IsInvalidArgument(Pin(world, 10'001)));
  CHECK(absl::IsInvalidArgument(Pin(world, 0)));
  LabelAll(world);
  REQUIRE(Calibrate(world).ok());
  CHECK(Threshold(world).basis() == v1::THRESHOLD_BASIS_PINNED);
  CHECK(Threshold(world).threshold_bps() == confidence);
  v1::UnpinAnswerThresholdRequest unpin;
  unpin.set_name(std::string(kParent) + "/answerThreshold");
  unpin.set_request_id(world.NewRequestId());
  const auto after = world.Must(&K::UnpinAnswerThreshold, unpin).answer_threshold();
  CHECK(after.basis() == v1::THRESHOLD_BASIS_CALIBRATED);
  CHECK(world.Ask("What about parking?").threshold_bps() == after.calibrated_threshold_bps());
}

TEST_CASE("the daily check calibrates anew when articles or labels changed, else not") {
  KnowledgeWorld world;
  PublishNouns(world);
  LabelAll(world);
  REQUIRE(Calibrate(world).ok());
  const auto first = Threshold(world).calibrate_time().seconds();
  world.Advance(absl::Hours(25));
  world.Wait();
  CHECK(Threshold(world).calibrate_time().seconds() == first);
  REQUIRE(world.Archive("parking").ok());
  CHECK(Threshold(world).outdated());
  world.Advance(absl::Hours(25));
  world.Wait();
  const auto second = Threshold(world).calibrate_time().seconds();
  CHECK(second > first);
  CHECK_FALSE(Threshold(world).outdated());
  // What expects the archived article says nothing any more.
  CHECK(Threshold(world).question_count() == 23);
  REQUIRE(Label(world, "Is there parking for bicycles?", "").ok());
  CHECK(Threshold(world).outdated());
  world.Advance(absl::Hours(25));
  world.Wait();
  CHECK(Threshold(world).calibrate_time().seconds() > second);
  CHECK(Threshold(world).question_count() == 24);
}

TEST_CASE("by itself the threshold moves a step a day, at the wish of a person at once") {
  KnowledgeWorld world;
  PublishNouns(world);
  LabelAll(world);
  REQUIRE(Calibrate(world).ok());
  const int right = Threshold(world).threshold_bps();
  const int away = right + 2 * kDailyStepBps + 100;
  world.Change([&](const engine::Context& context, engine::Txn& txn) {
    auto record = kThresholds.Find(txn, kThresholds.Key(context.tenant));
    REQUIRE(record.ok());
    (*record)->mutable_answer_threshold()->set_calibrated_threshold_bps(away);
    kThresholds.Put(txn, kThresholds.Key(context.tenant), **record);
    return absl::OkStatus();
  });
  REQUIRE(Label(world, "Is there zyzzyva for quokka?", "").ok());
  const auto next_day = [&] {
    world.Advance(absl::Hours(25));
    world.Wait();
    return Threshold(world).calibrated_threshold_bps();
  };
  CHECK(next_day() == away - kDailyStepBps);
  CHECK(Threshold(world).outdated());
  CHECK(next_day() == away - 2 * kDailyStepBps);
  REQUIRE(Calibrate(world).ok());
  const int wished = Threshold(world).calibrated_threshold_bps();
  CHECK(std::abs(wished - right) < kDailyStepBps);
  CHECK_FALSE(Threshold(world).outdated());
  CHECK(next_day() == wished);
}

TEST_CASE("nothing is chosen from too few questions that still have an answer") {
  KnowledgeWorld world;
  PublishNouns(world);
  LabelAll(world);
  REQUIRE(Calibrate(world).ok());
  const int before = Threshold(world).calibrated_threshold_bps();
  CHECK(before > 0);
  for (int i = 0; i < 5; ++i) REQUIRE(world.Archive(kNouns[i]).ok());
  REQUIRE(Calibrate(world).ok());
  CHECK(Threshold(world).question_count() == 19);
  CHECK_FALSE(Threshold(world).target_reached());
  CHECK(Threshold(world).calibrated_threshold_bps() == before);
}

TEST_CASE("questions that customers may get no answer to say nothing of how good answers are") {
  KnowledgeWorld world;
  PublishNouns(world);
  auto internal = world.CreateRequest("escalation", "About escalation", "All about escalation.");
  internal.mutable_article()->mutable_content()->set_audience(v1::AUDIENCE_AGENTS);
  world.Create(internal);
  REQUIRE(world.Publish("escalation").ok());
  LabelAll(world);
  REQUIRE(Label(world, "What about escalation?", "escalation").ok());
  REQUIRE(Calibrate(world).ok());
  CHECK(Threshold(world).question_count() == 24);
}

TEST_CASE("labels are one for each question, masked, listed and deleted") {
  KnowledgeWorld world;
  world.Create(world.CreateRequest("parking", "Parking", "20 parking spaces."));
  v1::LabeledQuestion label;
  REQUIRE(Label(world, "Where to park? Call 13812345678", "parking", &label).ok());
  CHECK(label.question().find("13812345678") == std::string::npos);
  CHECK(label.source() == v1::LABEL_SOURCE_PERSON);
  CHECK(label.author() == "tenants/acme/agents/mia");
  CHECK(label.locale() == "en");
  REQUIRE(Label(world, "where to PARK, call 13812345678!", "", &label).ok());
  CHECK(absl::IsNotFound(Label(world, "Else?", "nowhere")));
  v1::ListLabeledQuestionsRequest list;
  list.set_parent(kParent);
  auto listed = world.Must(&K::ListLabeledQuestions, list);
  REQUIRE(listed.labeled_questions_size() == 1);
  CHECK(listed.labeled_questions(0).no_answer());
  list.set_locale("zh");
  CHECK(world.Must(&K::ListLabeledQuestions, list).labeled_questions_size() == 0);
  v1::DeleteLabeledQuestionRequest gone;
  gone.set_name(label.name());
  gone.set_request_id(world.NewRequestId());
  world.Must(&K::DeleteLabeledQuestion, gone);
  gone.set_request_id(world.NewRequestId());
  v1::DeleteLabeledQuestionResponse response;
  CHECK(absl::IsNotFound(world.Do(&K::DeleteLabeledQuestion, gone, &response)));
  CHECK(absl::IsInvalidArgument(Label(world, " \n", "parking")));
  CHECK(absl::IsInvalidArgument(Label(world, std::string(501, 'x'), "parking")));
  CHECK(absl::IsInvalidArgument(Label(world, "\xff", "parking")));
}
