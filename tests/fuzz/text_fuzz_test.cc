// Short runs of made-up input through everything that reads what others wrote. Each run is bounded
// by its number of inputs; FRONTDESK_FUZZ_ROUNDS multiplies it and FRONTDESK_FUZZ_SEED starts
// elsewhere, for longer ones (best in an asan build).
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <catch2/catch.hpp>

#include "libs/base/hash.h"
#include "libs/base/utf8.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/quality.h"
#include "libs/text/classify/spam.h"
#include "libs/text/classify/trainer.h"
#include "libs/text/encoder/word_piece.h"
#include "libs/text/entities/finder.h"
#include "libs/text/similar/pair_model.h"
#include "libs/text/tables/labelled.h"
#include "tests/fuzz/mutator.h"

namespace frontdesk::fuzz {
namespace {

uint64_t NumberOf(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

uint64_t Seed() { return NumberOf("FRONTDESK_FUZZ_SEED", 1); }
uint64_t Inputs(uint64_t count) { return count * NumberOf("FRONTDESK_FUZZ_ROUNDS", 1); }

TEST_CASE("Any bytes make a table or an error, and every row is whole", "[fuzz]") {
  Mutator mutator({"text,label\nhello,a\n\"one, two\",b\n\"a \"\"b\"\"\nc\",d\r\n",
                   "hello\ta\nbye\tb\n\n\tc\n", "\xEF\xBB\xBFtext,label\n你好,问候\n",
                   "{\"text\": \"a\", \"label\": 1}\n{\"text\": [{}], \"label\": null}\n"},
                  Seed());
  for (uint64_t i = 0; i < Inputs(20'000); ++i) {
    const std::string bytes = mutator.Next();
    const auto lines = static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\n')) + 1;
    for (const auto format :
         {text::TableFormat::kCsv, text::TableFormat::kTsv, text::TableFormat::kJsonLines}) {
      const bool json = format == text::TableFormat::kJsonLines;
      text::TableOptions options{.format = format, .header = i % 2 == 0, .columns = {"2", "1"}};
      if (json) options.columns = {"text", "label"};
      const auto table = text::ParseTable(bytes, options);
      if (!table.ok()) continue;
      size_t line = 0;
      for (const text::TableRow& row : table->rows) {
        REQUIRE(row.fields.size() == 2);
        REQUIRE(row.line > line);
        REQUIRE(row.line <= lines);
        REQUIRE(IsValidUtf8(row.fields[0]));
        line = row.line;
      }
    }
  }
}

TEST_CASE("Entities of any bytes lie on characters, in order and apart", "[fuzz]") {
  Mutator mutator(
      {"下周三下午三点二十送到广东省深圳市南山区科技园路12号3栋2单元501，电话138 0013 8000",
       "the day after tomorrow at half past two, $1,299.99 or 3-5 business days",
       "订单号FD20261122001退款五百二十元，身份证11010519491231002X",
       "from 03/04/2026 9am to next Friday; card 4111 1111 1111 1111; a.b@example.com",
       "https://example.com/a?b=c#d 两三天 一百万 20% 第三个 ¥３００ 二〇二六年十一月",
       "between Monday and Wednesday, 2026-11-22T09:00:00+08:00, Q3, last month"},
      Seed());
  text::EntityFinder::Options options;
  options.patterns.push_back({.name = "code", .expression = "[A-Z]{2}-(\\d+)"});
  options.dictionaries.push_back({.name = "names", .entries = {{"Aurora 7", {"极光七号"}}}});
  const auto finder = text::EntityFinder::Create(options);
  REQUIRE(finder.ok());
  text::EntityContext context;
  context.now = absl::FromUnixSeconds(1'795'000'000);
  context.zone = absl::FixedTimeZone(8 * 3600);
  for (uint64_t i = 0; i < Inputs(1'500); ++i) {
    const std::string bytes = mutator.Next();
    INFO("input " << i);
    const auto found = finder->Find(bytes, context);
    REQUIRE(found.ok());
    size_t end = 0;
    for (const text::Entity& entity : *found) {
      REQUIRE(entity.begin >= end);
      REQUIRE(entity.end > entity.begin);
      REQUIRE(entity.end <= bytes.size());
      REQUIRE(bytes.compare(entity.begin, entity.end - entity.begin, entity.text) == 0);
      REQUIRE(IsValidUtf8(entity.text));
      end = entity.end;
    }
  }
}

TEST_CASE("Tokens of any bytes are within the vocabulary and the bound", "[fuzz]") {
  const auto tokenizer = text::WordPiece::Parse(
      R"({"normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"},)"
      R"("post_processor":{"type":"BertProcessing","cls":["[CLS]",2],"sep":["[SEP]",3]},)"
      R"("model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",)"
      R"("max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,)"
      R"("play":4,"##ing":5,"p":6,"##p":7,"你":8,"好":9,",":10,"e":11,"##e":12}}})");
  REQUIRE(tokenizer.ok());
  Mutator mutator(
      {"Playing, 你好 pppppppp", "é e\xCC\x81 ＰＬＡＹ", "[CLS] play [SEP]", std::string(300, 'p')},
      Seed());
  for (uint64_t i = 0; i < Inputs(30'000); ++i) {
    const std::string bytes = mutator.Next();
    const std::vector<int32_t> ids = tokenizer->Encode(bytes, 64);
    REQUIRE(ids.size() <= 64);
    REQUIRE(ids.size() >= tokenizer->specials());
    for (const int32_t id : ids) {
      REQUIRE(id >= 0);
      REQUIRE(id < static_cast<int32_t>(tokenizer->vocabulary_size()));
    }
    REQUIRE(tokenizer->Count(bytes, 1000) + tokenizer->specials() >= ids.size());
  }
}

TEST_CASE("A tokenizer file of any bytes is taken or refused", "[fuzz]") {
  Mutator mutator(
      {R"({"normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"},)"
       R"("post_processor":{"type":"BertProcessing","cls":["[CLS]",2],"sep":["[SEP]",3]},)"
       R"("model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",)"
       R"("max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3}}})"},
      Seed());
  size_t taken = 0;
  for (uint64_t i = 0; i < Inputs(5'000); ++i) {
    const auto parsed = text::WordPiece::Parse(mutator.Next());
    if (!parsed.ok()) continue;
    ++taken;
    REQUIRE(parsed->Encode("hello 你好", 16).size() <= 16);
  }
  CHECK(taken > 0);
}

// Where both kinds of models have the length and the checksum of what follows.
constexpr size_t kLengthAt = 8;
constexpr size_t kChecksumAt = 16;
constexpr size_t kBodyAt = 24;

// With the right length and checksum: what is behind them must be checked for itself, for a model
// may come from anywhere.
std::string Signed(std::string bytes) {
  if (bytes.size() < kBodyAt) return bytes;
  const std::string_view body = std::string_view(bytes).substr(kBodyAt);
  const uint64_t length = body.size();
  const uint64_t checksum = Fingerprint64(body);
  std::memcpy(bytes.data() + kLengthAt, &length, sizeof(length));
  std::memcpy(bytes.data() + kChecksumAt, &checksum, sizeof(checksum));
  return bytes;
}

text::TrainedModel SmallModel(bool vectors) {
  text::Dataset data;
  data.out_of_scope_label = "none";
  text::TextVectors with;
  if (vectors) with.blocks.push_back({"abc", "tiny", 4});
  for (int i = 0; i < 8; ++i) {
    for (const char* label : {"a", "b", "c", "none"}) {
      data.examples.push_back({std::string(label) + " word " + std::to_string(i), label});
      const float turn = static_cast<float>(label[0] - 'a') + 0.01f * static_cast<float>(i);
      if (vectors) with.rows.push_back({0, {std::cos(turn), std::sin(turn), 0, 0}});
    }
  }
  auto trained = text::Train(data, with, {});
  REQUIRE(trained.ok());
  return *std::move(trained);
}

TEST_CASE("A changed classifier is refused; a forged one does not crash", "[fuzz]") {
  const std::string plain = SmallModel(false).bytes;
  const std::string dense = SmallModel(true).bytes;
  REQUIRE(Signed(dense) == dense);
  Mutator mutator({plain, dense}, Seed());
  const std::vector<float> vector = {0.5f, 0.5f, 0.5f, 0.5f};
  size_t taken = 0;  // forged, and different from the real ones
  for (uint64_t i = 0; i < Inputs(10'000); ++i) {
    const std::string bytes = mutator.Next();
    INFO("input " << i);
    if (bytes != plain && bytes != dense) REQUIRE_FALSE(text::Classifier::Load(bytes).ok());
    const auto forged = text::Classifier::Load(Signed(bytes));
    if (!forged.ok()) continue;
    taken += bytes != plain && bytes != dense ? 1 : 0;
    const auto said = (*forged)->Predict("b word 3", {"abc", vector});
    if (said.ok()) REQUIRE(said->label.size() <= text::kLabelBytesMax);
    (void)(*forged)->Explain("c word", {"abc", vector});
  }
  CHECK(taken > 0);
}

TEST_CASE("A changed spam filter is refused; a forged one does not crash", "[fuzz]") {
  text::Dataset data;
  for (int i = 0; i < 8; ++i) {
    data.examples.push_back({"click here " + std::to_string(i), "spam"});
    data.examples.push_back({"my parcel " + std::to_string(i), "wanted"});
  }
  const auto trained = text::TrainSpamFilter(data, {}, {});
  REQUIRE(trained.ok());
  REQUIRE(Signed(trained->bytes) == trained->bytes);
  Mutator mutator({trained->bytes}, Seed());
  for (uint64_t i = 0; i < Inputs(5'000); ++i) {
    const std::string bytes = mutator.Next();
    INFO("input " << i);
    if (bytes != trained->bytes) REQUIRE_FALSE(text::SpamFilter::Load(bytes).ok());
    // Within it the classifier's own checksum stands, so few forged ones are taken.
    const auto forged = text::SpamFilter::Load(Signed(bytes));
    if (forged.ok()) (void)(*forged)->Judge("click my parcel", {});
  }
}

TEST_CASE("Any bytes have a quality, and flood or do not", "[fuzz]") {
  Mutator mutator(
      {"where is my order", "买了两周还能退吗", "sdkfjh wkjehr", "哈哈哈哈哈哈哈哈哈哈哈哈"},
      Seed());
  text::FloodOptions options;
  options.entries_max = 64;
  text::FloodDetector floods(options);
  for (uint64_t i = 0; i < Inputs(3'000); ++i) {
    const std::string bytes = mutator.Next();
    const text::TextQuality quality = text::MeasureQuality(bytes);
    REQUIRE((quality.gibberish >= 0 && quality.gibberish <= 1));
    REQUIRE((quality.repetition >= 0 && quality.repetition <= 1));
    floods.Add(bytes.substr(0, 2), bytes, absl::UnixEpoch() + absl::Seconds(i));
    REQUIRE(floods.entries() <= 64);
  }
}

TEST_CASE("A changed pair model is refused; a forged one does not crash", "[fuzz]") {
  std::vector<text::Pair> pairs;
  for (int i = 0; i < 40; ++i) {
    const std::string number = std::to_string(i / 2);
    pairs.push_back({"where is order " + number,
                     i % 2 == 0 ? "order " + number + " where" : "cancel it all", i % 2 == 0});
  }
  const auto trained = text::PairModel::Train(pairs, {}, {});
  REQUIRE(trained.ok());
  REQUIRE(Signed(trained->bytes) == trained->bytes);
  // The whole model is longer than an input may be, so only its head is changed.
  constexpr size_t kHead = 256;
  Mutator mutator({trained->bytes.substr(0, kHead)}, Seed());
  size_t taken = 0;
  for (uint64_t i = 0; i < Inputs(1'000); ++i) {
    const std::string head = mutator.Next();
    const std::string bytes = head + trained->bytes.substr(kHead);
    if (bytes != trained->bytes) REQUIRE_FALSE(text::PairModel::Load(bytes).ok());
    const auto forged = text::PairModel::Load(Signed(bytes));
    if (!forged.ok()) continue;
    taken += bytes != trained->bytes ? 1 : 0;
    (void)(*forged)->Score("where is order 1", "order 1", {});
  }
  CHECK(taken > 0);
}

}  // namespace
}  // namespace frontdesk::fuzz
