#include "services/dialog/intent_training.h"

#include <catch2/catch.hpp>

#include "libs/text/classify/classifier.h"

namespace frontdesk::dialog {
namespace {

std::vector<IntentExamples> Intents() {
  std::vector<IntentExamples> intents;
  const auto add = [&intents](const char* id, const std::vector<const char*>& texts) {
    IntentExamples& intent = intents.emplace_back();
    intent.id = id;
    for (const char* text : texts) intent.examples.emplace_back().set_text(text);
  };
  add("invoice",
      {"please send me an invoice", "invoice with VAT number", "我要开发票", "发票怎么开"});
  add("parcel", {"where is my parcel", "track the parcel", "我的包裹到哪里了", "包裹什么时候到"});
  return intents;
}

std::shared_ptr<text::Encoders> Lexical() {
  auto encoders = text::Encoders::Load({});
  REQUIRE(encoders.ok());
  return *encoders;
}

bool Always() { return true; }

}  // namespace

TEST_CASE("vectors that both languages share are learnt as one kind, so each text finds its own") {
  const auto encoders = Lexical();
  const text::Dataset data = MakeDataset(Intents());
  const auto file = TrainIntentModel(data, *encoders, Always);
  REQUIRE(file.ok());
  CHECK(file->fingerprint() == ModelFingerprint(data, *encoders));
  const auto classifier = text::Classifier::Load(file->classifier());
  REQUIRE(classifier.ok());
  // Two of one fingerprint would leave the second one's weights unused for ever.
  CHECK((*classifier)->model().blocks.size() == 1);
  for (const char* text : {"track my parcel", "包裹到哪里了"}) {
    text::Encoder& encoder = encoders->ForText(text);
    const auto vector = encoder.Encode({text});
    REQUIRE(vector.ok());
    const auto said = (*classifier)->Predict(text, {encoder.info().fingerprint, *vector});
    INFO(text);
    REQUIRE(said.ok());
    CHECK(said->label == "parcel");
  }
}

TEST_CASE("a training that is told to stop says so and makes nothing") {
  const auto encoders = Lexical();
  int asked = 0;
  const auto stopped = TrainIntentModel(MakeDataset(Intents()), *encoders, [&asked] {
    ++asked;
    return false;
  });
  CHECK(absl::IsCancelled(stopped.status()));
  CHECK(asked == 1);
}

}  // namespace frontdesk::dialog
