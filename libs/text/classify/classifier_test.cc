#include "libs/text/classify/classifier.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

#include "libs/base/error.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/classify/testing_texts.h"
#include "libs/text/classify/trainer.h"

namespace frontdesk::text {
namespace {

TrainedModel TrainShop(const TextVectors& vectors = {}, const TrainOptions& options = {}) {
  absl::StatusOr<TrainedModel> trained = Train(ShopQuestions(), vectors, options);
  REQUIRE(trained.ok());
  return *std::move(trained);
}

std::shared_ptr<const Classifier> LoadShop(const TrainedModel& trained) {
  auto loaded = Classifier::Load(trained.bytes);
  REQUIRE(loaded.ok());
  return *std::move(loaded);
}

TEST_CASE("a classifier tells questions it has not seen apart, in both languages") {
  const auto shop = LoadShop(TrainShop());
  const std::pair<const char*, const char*> questions[] = {
      {"give me a refund", "refund"},          {"where is my package now", "delivery"},
      {"I need the invoice again", "invoice"}, {"我想退款", "refund"},
      {"快递什么时候送到", "delivery"},        {"帮我开一张发票", "invoice"},
      {"ＲＥＦＵＮＤ　please", "refund"},
  };
  for (const auto& [text, label] : questions) {
    INFO(text);
    const auto prediction = shop->Predict(text, {});
    REQUIRE(prediction.ok());
    CHECK(prediction->label == label);
    double sum = prediction->probability;
    for (const Alternative& other : prediction->alternatives) sum += other.probability;
    CHECK(sum == Approx(1.0).margin(1e-4));
  }
}

TEST_CASE("any bytes are classified or refused, never fatal") {
  const auto shop = LoadShop(TrainShop());
  for (const std::string& text :
       {std::string(), std::string(100'000, 'a'), std::string("\xff\xfe\x80", 3),
        std::string("a\0b", 3), std::string("🙂🙂"), std::string("\u202Eمرحبا")}) {
    const auto prediction = shop->Predict(text, {});
    REQUIRE(prediction.ok());
    CHECK(std::isfinite(prediction->probability));
    CHECK(prediction->in_scope >= 0.0);
    CHECK(prediction->in_scope <= 1.0);
  }
}

TEST_CASE("the same data give the same bytes, however many threads train") {
  TrainOptions one, three;
  one.threads = 1;
  three.threads = 3;
  const TextVectors vectors = StandInVectors(ShopQuestions());
  CHECK(TrainShop(vectors, one).bytes == TrainShop(vectors, three).bytes);
}

TEST_CASE("vectors are used, and asked for") {
  const Dataset data = ShopQuestions();
  const TextVectors vectors = StandInVectors(data);
  const TrainedModel trained = TrainShop(vectors);
  const auto shop = LoadShop(trained);
  REQUIRE(shop->NeedsVector());
  // Words no example holds: only the vector can tell.
  const QueryVector query{"0123abcd", vectors.rows[0].values};
  const auto prediction = shop->Predict("zzz", query);
  REQUIRE(prediction.ok());
  CHECK(prediction->label == "refund");
  const auto explained = shop->Explain("zzz", query);
  REQUIRE(explained.ok());
  CHECK(explained->meaning > 0);
  CHECK(shop->Predict("zzz", {}).status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(shop->Predict("zzz", {"other", vectors.rows[0].values}).status().code() ==
        absl::StatusCode::kInvalidArgument);
  std::vector<float> broken(16, 0.0f);
  broken[3] = std::nanf("");
  CHECK(shop->Predict("zzz", {"0123abcd", broken}).status().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(shop->Predict("zzz", {"0123abcd", {broken.data(), 3}}).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE("an explanation names the words that decided and adds up to the lead") {
  const auto shop = LoadShop(TrainShop());
  const auto explained = shop->Explain("please send the invoice", {}, 5);
  REQUIRE(explained.ok());
  CHECK(explained->label == "invoice");
  REQUIRE(explained->pieces.size() == 5);
  CHECK(explained->pieces[0].weight > 0);
  CHECK(std::any_of(explained->pieces.begin(), explained->pieces.end(), [](const auto& piece) {
    return piece.text.find("inv") != std::string::npos ||
           piece.text.find("voice") != std::string::npos;
  }));
  CHECK(explained->words + explained->characters + explained->constant > 0);
  CHECK(explained->meaning_share == 0.0);
}

TEST_CASE("a changed, cut or foreign model file is an error that says so") {
  const std::string bytes = TrainShop(StandInVectors(ShopQuestions())).bytes;
  for (size_t cut = 0; cut < bytes.size(); cut += 1 + bytes.size() / 97) {
    CHECK(Classifier::Load(std::string_view(bytes).substr(0, cut)).status().code() ==
          absl::StatusCode::kDataLoss);
  }
  for (size_t at = 24; at < bytes.size(); at += 1 + bytes.size() / 53) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    CHECK(Classifier::Load(changed).status().code() == absl::StatusCode::kDataLoss);
  }
  std::string newer = bytes;
  newer[4] = 9;
  CHECK(Classifier::Load(newer).status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Classifier::Load("FDSP and so on").status().code() == absl::StatusCode::kDataLoss);
  CHECK(Classifier::Load(bytes + "x").status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("a model read and written again is the same bytes") {
  const std::string bytes = TrainShop(StandInVectors(ShopQuestions())).bytes;
  const auto model = ReadModel(bytes);
  REQUIRE(model.ok());
  CHECK(WriteModel(*model) == bytes);
}

TEST_CASE("a classifier is swapped while others use it") {
  ServedClassifier served;
  CHECK(served.Get() == nullptr);
  const TrainedModel trained = TrainShop();
  served.Set(LoadShop(trained));
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::thread reader([&] {
    while (!stop) {
      const auto prediction = served.Get()->Predict("refund please", {});
      if (!prediction.ok() || prediction->probability <= 0) ++wrong;
    }
  });
  for (int i = 0; i < 20; ++i) served.Set(LoadShop(trained));
  stop = true;
  reader.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace frontdesk::text
