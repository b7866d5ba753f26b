#include "libs/text/measure/trials.h"

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "libs/text/measure/encode_all.h"
#include "libs/text/measure/pairs.h"

namespace frontdesk::text {
namespace {

Dataset Greetings() {
  Dataset data;
  for (int i = 0; i < 12; ++i) {
    const std::string number = std::to_string(i);
    data.examples.push_back({"good morning to you " + number, "greet"});
    data.examples.push_back({"see you later bye " + number, "leave"});
    data.examples.push_back({"我的订单什么时候发货" + number, "order"});
  }
  return data;
}

// Tells a text by its length, and itself.
class FakeEncoder final : public Encoder {
 public:
  explicit FakeEncoder(const std::string& name) {
    info_.name = info_.fingerprint = name;
    info_.dimensions = 2;
  }
  const EncoderInfo& info() const override { return info_; }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const std::string_view> texts) override {
    std::vector<float> out;
    for (const std::string_view text : texts) {
      out.push_back(static_cast<float>(text.size()));
      out.push_back(static_cast<float>(info_.name.size()));
    }
    return out;
  }

 private:
  EncoderInfo info_;
};

std::vector<std::string_view> TextsOf(const Dataset& data) {
  std::vector<std::string_view> texts;
  for (const Example& example : data.examples) texts.push_back(example.text);
  return texts;
}

TEST_CASE("Folds judge every example once, in its own place", "[trials]") {
  const EncodedData data{Greetings(), {}};
  TrainOptions options;
  options.threads = 1;
  const auto judged = CrossJudge(data, 4, options, nullptr);
  REQUIRE(judged.ok());
  REQUIRE(judged->in_scope.size() == data.data.examples.size());
  std::set<size_t> seen;
  for (const Judged& one : judged->in_scope) {
    seen.insert(one.example);
    CHECK(one.expected == data.data.examples[one.example].label);
  }
  CHECK(seen.size() == data.data.examples.size());
  CHECK(ReportOf(judged->in_scope).accuracy > 0.9);
}

TEST_CASE("Examples of the out-of-scope label are judged apart", "[trials]") {
  EncodedData data{Greetings(), {}};
  data.data.out_of_scope_label = "order";
  TrainOptions options;
  options.threads = 1;
  const auto judged = CrossJudge(data, 3, options, nullptr);
  REQUIRE(judged.ok());
  CHECK(judged->outside.size() == 12);
  CHECK(judged->in_scope.size() == 24);
}

TEST_CASE("Folds outside of 2 to 20 are refused, and stopping is told as such", "[trials]") {
  const EncodedData data{Greetings(), {}};
  CHECK(CrossJudge(data, 1, {}, nullptr).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(CrossJudge(data, 21, {}, nullptr).status().code() == absl::StatusCode::kInvalidArgument);
  const auto stopped = CrossJudge(data, 3, {}, [](const TrainProgress&) { return false; });
  CHECK(stopped.status().code() == absl::StatusCode::kCancelled);
}

TEST_CASE("Vectors stand in the order of the texts, one block an encoder", "[encode_all]") {
  FakeEncoder english("english");
  FakeEncoder chinese("zh");
  const Dataset data = Greetings();
  size_t told = 0;
  const auto vectors = EncodeAll(
      TextsOf(data),
      [&](std::string_view text) -> Encoder* {
        if (text.starts_with("see")) return nullptr;
        return text.starts_with("good") ? &english : &chinese;
      },
      [&told](size_t done, size_t) {
        told = done;
        return true;
      });
  REQUIRE(vectors.ok());
  CHECK(vectors->blocks.size() == 2);
  CHECK(told == 24);
  for (size_t i = 0; i < data.examples.size(); ++i) {
    const TextVector& row = vectors->rows[i];
    if (data.examples[i].label == "leave") {
      CHECK(row.block == -1);
      continue;
    }
    Encoder& own = data.examples[i].label == "greet" ? english : chinese;
    const std::string_view text = data.examples[i].text;
    CHECK(row.values == own.Encode({text}).value());
  }
}

TEST_CASE("Encoded pairs outlive their encoder, and being moved", "[encode_all]") {
  const std::vector<Pair> pairs = {{"a", "bb", true}, {"ccc", "d", false}};
  EncodedPairs kept;
  {
    FakeEncoder encoder("the one that goes before its vectors do");
    auto encoded = EncodePairs(pairs, encoder, nullptr);
    REQUIRE(encoded.ok());
    kept = *std::move(encoded);
  }
  REQUIRE(kept.vectors.size() == 2);
  CHECK(kept.vectors[1].a[0] == 3);
  CHECK(kept.vectors[1].encoder == "the one that goes before its vectors do");
  // In memory of its own: comparing what is freed may succeed.
  CHECK(kept.vectors[1].encoder.data() == kept.of_texts.blocks[0].fingerprint.data());
}

TEST_CASE("Groups are as small as wanted, and each is told", "[encode_all]") {
  FakeEncoder encoder("any");
  const std::vector<std::string_view> texts = {"a", "bb", "ccc", "dddd", "eeeee"};
  std::vector<size_t> told;
  const auto vectors = EncodeAll(
      texts, [&](std::string_view) { return &encoder; },
      [&told](size_t done, size_t) {
        told.push_back(done);
        return true;
      },
      2);
  REQUIRE(vectors.ok());
  CHECK(told == std::vector<size_t>{2, 4, 5});
  CHECK(vectors->rows[4].values[0] == 5);
}

TEST_CASE("Encoders of one fingerprint share a block", "[encode_all]") {
  FakeEncoder one("same");
  FakeEncoder other("same");
  const auto vectors = EncodeAll(
      {"a", "b"}, [&](std::string_view text) { return text == "a" ? &one : &other; }, nullptr);
  REQUIRE(vectors.ok());
  CHECK(vectors->blocks.size() == 1);
  CHECK(vectors->rows[1].block == 0);
}

TEST_CASE("Stopping an encoding is told as such", "[encode_all]") {
  FakeEncoder encoder("any");
  const Dataset data = Greetings();
  const auto vectors = EncodeAll(
      TextsOf(data), [&](std::string_view) { return &encoder; },
      [](size_t, size_t) { return false; });
  CHECK(vectors.status().code() == absl::StatusCode::kCancelled);
}

TEST_CASE("A few stray texts go to the encoder of all the others", "[encode_all]") {
  FakeEncoder english("english");
  FakeEncoder chinese("zh");
  std::vector<std::string_view> texts(100, "where is my parcel");
  for (size_t i = 0; i < 19; ++i) texts[i] = "我的快递在哪里";
  CHECK(ChooseEncoders(texts, english, chinese)("我的快递在哪里") == &english);
  for (size_t i = 0; i < 20; ++i) texts[i] = "我的快递在哪里";
  const EncoderFor both = ChooseEncoders(texts, english, chinese);
  CHECK(both("我的快递在哪里") == &chinese);
  CHECK(both("where is my parcel") == &english);
  // Half of a small set is no stray, whichever half is a little smaller.
  for (const size_t more : {7, 8, 9}) {
    std::vector<std::string_view> small(16, "where is my parcel");
    for (size_t i = 0; i < more; ++i) small[i] = "我的快递在哪里";
    const EncoderFor own = ChooseEncoders(small, english, chinese);
    CHECK(own("我的快递在哪里") == &chinese);
    CHECK(own("where is my parcel") == &english);
  }
  std::vector<std::string_view> mostly(100, "我的快递在哪里");
  mostly[0] = "where is my parcel";
  CHECK(ChooseEncoders(mostly, english, chinese)("where is my parcel") == &chinese);
}

TEST_CASE("A model is only asked with the vectors that it knows", "[encode_all]") {
  FakeEncoder english("english");
  FakeEncoder chinese("zh");
  Model model;
  CHECK(EncodersOfModel(model, english, chinese)("hello") == nullptr);
  model.blocks.resize(1);
  model.blocks[0].of.fingerprint = chinese.info().fingerprint;
  CHECK(EncodersOfModel(model, english, chinese)("hello") == &chinese);
  model.blocks[0].of.fingerprint = "another";
  CHECK(EncodersOfModel(model, english, chinese)("hello") == nullptr);
}

}  // namespace
}  // namespace frontdesk::text
