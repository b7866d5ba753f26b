#include "libs/text/classify/trainer.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/testing_texts.h"

namespace frontdesk::text {
namespace {

bool HasFinding(const TrainReport& report, Finding::Kind kind) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [kind](const Finding& finding) { return finding.kind == kind; });
}

TEST_CASE("two examples a class are enough") {
  Dataset data;
  data.examples = {{"refund my order", "refund"},
                   {"a refund please", "refund"},
                   {"where is my parcel", "delivery"},
                   {"my parcel is late", "delivery"}};
  const auto trained = Train(data, {}, {});
  REQUIRE(trained.ok());
  CHECK(trained->report.held_out.examples == 4);
  CHECK(HasFinding(trained->report, Finding::Kind::kFewExamples));
  const auto classifier = Classifier::Load(trained->bytes);
  REQUIRE(classifier.ok());
  CHECK((*classifier)->Predict("refund", {})->label == "refund");
  CHECK((*classifier)->Predict("parcel", {})->label == "delivery");
}

TEST_CASE("a class with one example is learnt with a warning") {
  Dataset data = ShopQuestions();
  data.examples.push_back({"do you sell gift cards", "gift card"});
  const auto trained = Train(data, {}, {});
  REQUIRE(trained.ok());
  CHECK(HasFinding(trained->report, Finding::Kind::kOneExample));
  CHECK(trained->report.held_out.examples == data.examples.size() - 1);
  const auto classifier = Classifier::Load(trained->bytes);
  REQUIRE(classifier.ok());
  CHECK((*classifier)->Predict("do you sell gift cards", {})->label == "gift card");
}

TEST_CASE("one class, no class and broken examples are refused") {
  Dataset data;
  CHECK(Train(data, {}, {}).status().code() == absl::StatusCode::kInvalidArgument);
  data.examples = {{"a", "x"}, {"b", "x"}};
  CHECK(Train(data, {}, {}).status().code() == absl::StatusCode::kInvalidArgument);
  data.examples.push_back({"c", ""});
  CHECK(Train(data, {}, {}).status().code() == absl::StatusCode::kInvalidArgument);
  data.examples.back() = {"\xff", "y"};
  CHECK(Train(data, {}, {}).status().code() == absl::StatusCode::kInvalidArgument);
  data.examples.back() = {std::string(kExampleBytesMax + 1, 'a'), "y"};
  CHECK(Train(data, {}, {}).status().code() == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("contradictions, duplicates, empty texts and imbalance are told") {
  Dataset data = ShopQuestions();
  data.examples.push_back({"WHERE is my parcel", "refund"});
  data.examples.push_back({"where is my parcel", "delivery"});
  data.examples.push_back({"...", "invoice"});
  for (int i = 0; i < 300; ++i) data.examples.push_back({"late " + std::to_string(i), "delivery"});
  const std::vector<Finding> findings = Diagnose(data);
  const auto find = [&findings](Finding::Kind kind) {
    return std::find_if(findings.begin(), findings.end(),
                        [kind](const Finding& f) { return f.kind == kind; });
  };
  const auto contradiction = find(Finding::Kind::kContradiction);
  REQUIRE(contradiction != findings.end());
  CHECK(contradiction->label == "delivery");
  CHECK(contradiction->other_label == "refund");
  REQUIRE(find(Finding::Kind::kDuplicates) != findings.end());
  CHECK(find(Finding::Kind::kDuplicates)->label == "delivery");
  CHECK(find(Finding::Kind::kEmptyText) != findings.end());
  REQUIRE(find(Finding::Kind::kUnbalanced) != findings.end());
  CHECK(find(Finding::Kind::kUnbalanced)->label == "delivery");
  for (const Finding& finding : findings) CHECK_FALSE(Describe(finding).empty());
}

TEST_CASE("a training is cancelled at every stage") {
  std::vector<std::string> stages;
  const Dataset data = ShopQuestions();
  const auto remember = [&stages](const TrainProgress& p) {
    if (stages.empty() || stages.back() != p.stage) stages.emplace_back(p.stage);
    return true;
  };
  REQUIRE(Train(data, {}, {}, remember).ok());
  REQUIRE(stages.size() >= 5);
  for (const std::string& last : stages) {
    const auto stop = [&last](const TrainProgress& p) { return p.stage != last; };
    INFO(last);
    CHECK(Train(data, {}, {}, stop).status().code() == absl::StatusCode::kCancelled);
  }
}

TEST_CASE("out-of-scope examples teach what to refuse") {
  Dataset data = ShopQuestions();
  data.out_of_scope_label = "none";
  for (const char* text :
       {"tell me a joke", "what is the weather", "who won the match", "sing a song for me",
        "how tall is the tower", "今天天气怎么样", "讲个笑话", "谁赢了比赛", "唱首歌", "你几岁了",
        "what is your favourite colour", "推荐一部电影"}) {
    data.examples.push_back({text, "none"});
  }
  TrainOptions options;
  options.loss_max = 0.1;
  const auto trained = Train(data, StandInVectors(data), options);
  REQUIRE(trained.ok());
  CHECK(trained->report.outside_source == OutsideSource::kExamples);
  REQUIRE(trained->report.curve.size() > 2);
  CHECK(trained->report.curve.front().coverage == 1.0);
  CHECK(trained->report.curve.back().outside_recall > 0.9);
  const auto classifier = Classifier::Load(trained->bytes);
  REQUIRE(classifier.ok());
  CHECK((*classifier)->model().labels == std::vector<std::string>{"delivery", "invoice", "refund"});
  const TextVectors vectors = StandInVectors(data);
  const auto predict = [&](const char* text, size_t like) {
    return *(*classifier)->Predict(text, {"0123abcd", vectors.rows[like].values});
  };
  CHECK(predict("tell me another joke", data.examples.size() - 3).out_of_scope);
  CHECK_FALSE(predict("refund my order please", 1).out_of_scope);
}

TEST_CASE("without such examples classes are held back to learn it") {
  const auto trained = Train(ShopQuestions(), StandInVectors(ShopQuestions()), {});
  REQUIRE(trained.ok());
  CHECK(trained->report.outside_source == OutsideSource::kHeldOut);
}

TEST_CASE("the weight of the parts is learnt: what tells nothing gets the smaller one") {
  const Dataset telling = ShopQuestions();
  TextVectors noise = StandInVectors(telling);
  for (size_t i = 0; i < noise.rows.size(); ++i) noise.rows[i].values = StandInVector(i * 7919, i);
  Dataset silent = telling;
  for (size_t i = 0; i < silent.examples.size(); ++i) {
    silent.examples[i].text = "same words " + std::to_string(i % 5);
  }
  const auto by_words = Train(telling, noise, {});
  const auto by_vectors = Train(silent, StandInVectors(silent), {});
  REQUIRE(by_words.ok());
  REQUIRE(by_vectors.ok());
  const auto scale = [](const TrainedModel& trained) {
    return (*Classifier::Load(trained.bytes))->model().scale;
  };
  CHECK(scale(*by_words).dense < scale(*by_words).sparse);
  CHECK(scale(*by_vectors).dense > 0.0f);
  CHECK(by_vectors->report.held_out.accuracy > 0.95);
  CHECK(by_words->report.held_out.accuracy > 0.6);
}

TEST_CASE("the fingerprint follows every text, label and their order") {
  Dataset data = ShopQuestions();
  const std::string before = FingerprintOf(data);
  CHECK(before == FingerprintOf(ShopQuestions()));
  std::swap(data.examples[0].label, data.examples[20].label);
  CHECK(FingerprintOf(data) != before);
  data = ShopQuestions();
  data.examples[3].text += " ";
  CHECK(FingerprintOf(data) != before);
}

}  // namespace
}  // namespace frontdesk::text
