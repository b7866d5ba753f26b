// The encoders themselves: vectors beside the reference, bad input, loading.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/text/encoder/encoders.h"
#include "libs/text/encoder/lexical_encoder.h"
#include "libs/text/encoder/openvino_encoder.h"
#include "libs/text/encoder/passages.h"

namespace frontdesk::text {
namespace {

using Texts = std::vector<std::string_view>;

std::string ModelsDirectory() {
  const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
  return fmt::format("{}/{}", root == nullptr ? "." : root, kModelsDirectory);
}

// Loading takes seconds: once for all tests.
Encoders& Loaded() {
  static const std::shared_ptr<Encoders> encoders = [] {
    auto loaded = Encoders::Load({.models_dir = ModelsDirectory(), .cache_bytes = 0});
    INFO(loaded.status().ToString());
    REQUIRE(loaded.ok());
    return *loaded;
  }();
  return *encoders;
}

std::vector<float> Vectors(Encoder& encoder, const Texts& texts) {
  const auto vectors = encoder.Encode(texts);
  INFO(vectors.status().ToString());
  REQUIRE(vectors.ok());
  REQUIRE(vectors->size() == texts.size() * static_cast<size_t>(encoder.info().dimensions));
  return *vectors;
}

double Dot(const float* a, const float* b, int dimensions) {
  double sum = 0;
  for (int i = 0; i < dimensions; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

double Alike(Encoder& encoder, std::string_view a, std::string_view b) {
  const std::vector<float> first = Vectors(encoder, {a});
  const std::vector<float> second = Vectors(encoder, {b});
  return Dot(first.data(), second.data(), encoder.info().dimensions);
}

// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "frontdesk-encoder-XXXXXX").string();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  void Write(const std::string& name, std::string_view bytes) const {
    std::ofstream(std::filesystem::path(path_) / name, std::ios::binary) << bytes;
  }
  void Link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, std::filesystem::path(path_) / name);
  }

 private:
  std::string path_;
};

TEST_CASE("vectors are near those of another runtime over the same weights") {
  // The first numbers of ONNX Runtime's vectors (CLS token, unit length) and the likeness of
  // text pairs there. That one rounds activations to int8 and ours does not, so near is
  // all that is to be had.
  struct Row {
    const char* language;
    const char* text;
    const char* other;
    double alike;
  };
  const std::vector<Row> rows = {
      {"en", "How do I get a refund?", "refund my money please", 0.8484},
      {"en", "How do I get a refund?", "what is the weather in Paris", 0.3858},
      {"zh", "怎么申请退款？", "我要退钱", 0.7507},
      {"zh", "怎么申请退款？", "今天天气很好", 0.2647},
  };
  for (const Row& row : rows) {
    INFO(row.text << " / " << row.other);
    CHECK(Alike(Loaded().For(row.language), row.text, row.other) == Approx(row.alike).margin(0.02));
  }
  const std::vector<float> first = Vectors(Loaded().For("en"), {"How do I get a refund?"});
  constexpr float kReference[] = {-0.06041F, -0.00734F, 0.07111F, -0.01405F, 0.00548F, -0.02211F};
  for (size_t i = 0; i < std::size(kReference); ++i) {
    CHECK(first[i] == Approx(kReference[i]).margin(0.02));
  }
}

TEST_CASE("vectors that are made otherwise have another fingerprint") {
  // Whoever keeps vectors keeps them under the fingerprint. If the second half fails, vectors are no
  // longer what they were: raise kVectorsVersion in openvino_encoder.cc (or the number in the
  // lexical fingerprint), then put the new fingerprint and numbers here.
  struct Row {
    std::string language;
    std::string fingerprint;
    std::string text;
    std::vector<std::pair<size_t, float>> numbers;  // place and value
  };
  LexicalEncoder lexical;
  const std::vector<Row> rows = {
      {"en",
       "26d2baf23e29792c8a9e7025eb0f69cb",
       "where is my order 我的订单",
       {{0, -0.0296F}, {1, -0.0278F}, {2, 0.0485F}, {3, -0.0264F}, {4, 0.0037F}, {6, 0.0472F}}},
      {"zh",
       "1003044ff783f52131c85e5872bc18e4",
       "我的订单",
       {{0, 0.0295F}, {1, 0.0157F}, {2, 0.0592F}, {3, 0.0181F}, {4, 0.0240F}, {5, -0.0236F}}},
      {"lexical",
       "lexical-384-1",
       "where is my order 我的订单",
       {{0, 0}, {5, -0.1547F}, {20, -0.1547F}, {41, 0.1547F}, {44, 0.183F}, {53, 0.2187F}}},
  };
  for (const Row& row : rows) {
    Encoder& encoder =
        row.language == "lexical" ? static_cast<Encoder&>(lexical) : Loaded().For(row.language);
    INFO(row.language);
    CHECK(encoder.info().fingerprint == row.fingerprint);
    const std::vector<float> vector = Vectors(encoder, {row.text});
    for (const auto& [place, value] : row.numbers) {
      INFO("number " << place);
      CHECK(vector[place] == Approx(value).margin(0.01));
    }
  }
}

TEST_CASE("a vector hardly depends on what else is in the call") {
  Encoder& encoder = Loaded().For("en");
  const std::string long_text = [] {
    std::string text;
    for (int i = 0; i < 300; ++i) text += "and then the parcel came back again ";
    return text;
  }();
  Texts texts = {"where is my order", long_text, "", "hello"};
  for (int i = 0; i < 60; ++i) texts.push_back("please cancel the subscription of last month");
  texts.push_back("where is my order");
  const std::vector<float> all = Vectors(encoder, texts);
  const int dimensions = encoder.info().dimensions;
  const std::vector<float> alone = Vectors(encoder, {"where is my order"});
  for (const size_t row : {size_t{0}, texts.size() - 1}) {
    CHECK(Dot(alone.data(), &all[row * static_cast<size_t>(dimensions)], dimensions) > 0.9995);
  }
  // The rows are in the order of the texts.
  const std::vector<float> hello = Vectors(encoder, {"hello"});
  CHECK(Dot(hello.data(), &all[3 * static_cast<size_t>(dimensions)], dimensions) > 0.9995);
}

TEST_CASE("every text has a vector of unit length, whatever is in it") {
  const std::string large(100 << 10, 'x');
  std::string words;
  while (words.size() < (100 << 10)) words += "退款 refund ";
  const Texts texts = {"",
                       " \t\n",
                       large,
                       words,
                       std::string_view("\x00\x01\x02\x1b[31m", 8),
                       "\xFF\xFE\xC0\x80",
                       "👩‍💻👍🏽🇨🇳",
                       "مرحبا بكم \u202e abc",
                       "ｆｕｌｌ　ｗｉｄｔｈ",
                       "[CLS][SEP][PAD]"};
  LexicalEncoder lexical;
  for (Encoder* encoder :
       {&Loaded().For("en"), &Loaded().For("zh"), static_cast<Encoder*>(&lexical)}) {
    const std::vector<float> vectors = Vectors(*encoder, texts);
    const auto dimensions = static_cast<size_t>(encoder->info().dimensions);
    for (size_t row = 0; row < texts.size(); ++row) {
      INFO(encoder->info().name << " row " << row);
      const float* vector = &vectors[row * dimensions];
      CHECK(Dot(vector, vector, encoder->info().dimensions) == Approx(1).margin(1e-4));
    }
  }
}

TEST_CASE("too many texts or too long a text are refused") {
  LexicalEncoder lexical;
  const Texts many(kEncodeTextsMax + 1, "a");
  const std::string long_text((1 << 20) + 1, 'a');
  for (Encoder* encoder : {&Loaded().For("en"), static_cast<Encoder*>(&lexical)}) {
    CHECK(encoder->Encode(many).status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(encoder->Encode({long_text}).status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(encoder->Encode({})->empty());
  }
}

TEST_CASE("many threads may encode at once") {
  Encoder& encoder = Loaded().For("zh");
  const std::vector<float> alone = Vectors(encoder, {"订单什么时候发货"});
  std::vector<double> alike(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < alike.size(); ++i) {
    threads.emplace_back([&, i] {
      const Texts texts = {"订单什么时候发货", "你好", "我想退货", "谢谢", "在吗"};
      for (int k = 0; k < 3; ++k) {
        const auto vectors = encoder.Encode(texts);
        if (vectors.ok()) alike[i] = Dot(alone.data(), vectors->data(), encoder.info().dimensions);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const double value : alike) CHECK(value > 0.9995);
}

TEST_CASE("each language has its encoder, and a text goes to that of its language") {
  CHECK(Loaded().For("en").info().name == "bge-small-en-v1.5");
  CHECK(Loaded().For("zh").info().dimensions == 512);
  CHECK(Loaded().For("und").info().language == "en");
  CHECK(Loaded().ForText("我的 iPhone 屏幕坏了，要 refund").info().language == "zh");
  CHECK(Loaded().ForText("where is my 快递").info().language == "en");
  CHECK(Loaded().For("en").info().fingerprint.size() == 32);
  CHECK(Loaded().For("en").info().fingerprint != Loaded().For("zh").info().fingerprint);
  REQUIRE(Loaded().health().size() == 2);
  CHECK(Loaded().health()[1].state == "bge-small-zh-v1.5");
  CHECK_FALSE(Loaded().health()[1].lexical);
}

TEST_CASE("without models texts are encoded lexically, which is said once a language") {
  std::vector<std::string> notices;
  const auto loaded = Encoders::Load({
      .models_dir = "/nowhere",
      .notice =
          [&](std::string_view language, std::string_view what) {
            notices.push_back(fmt::format("{}: {}", language, what));
          },
  });
  REQUIRE(loaded.ok());
  CHECK(notices == std::vector<std::string>{"en: lexical: no model in /nowhere/bge-small-en-v1.5",
                                            "zh: lexical: no model in /nowhere/bge-small-zh-v1.5"});
  CHECK((*loaded)->health()[0].lexical);
  CHECK((*loaded)->For("zh").info().lexical);
  CHECK((*loaded)->ForText("退款").Encode({"退款"}).ok());
  const auto none = Encoders::Load({});
  REQUIRE(none.ok());
  CHECK((*none)->health()[0].state == "lexical: no models directory is configured");
}

TEST_CASE("lexical vectors know spelling: shared words and misspellings are near") {
  LexicalEncoder lexical;
  CHECK(Alike(lexical, "refund my money please", "Please refund my money") > 0.7);
  CHECK(Alike(lexical, "refund", "refnud") > Alike(lexical, "refund", "parcel"));
  CHECK(Alike(lexical, "我要退款", "申请退款") > 0.3);
  CHECK(std::abs(Alike(lexical, "where is my parcel", "发票怎么开")) < 0.2);
  CHECK(Alike(lexical, "ＲＥＦＵＮＤ", "refund") == Approx(1));
}

TEST_CASE("passages of a long text fit the model whole") {
  std::string text;
  for (int i = 0; i < 400; ++i) {
    text += fmt::format(
        "Order {} has not arrived yet, please check. 第{}个订单还没有收到，请帮忙查一下。", i, i);
  }
  text += std::string(3000, 'x') + "好";
  for (int i = 0; i < 2000; ++i) text += "很";
  for (const char* language : {"en", "zh"}) {
    const Encoder& encoder = Loaded().For(language);
    const auto passages = CutPassages(text, encoder, {.tokens_max = 200, .overlap_tokens = 40});
    CHECK(passages.size() > 60);
    size_t covered = 0;
    for (const TextSpan& span : passages) {
      CHECK(encoder.CountTokens(text.substr(span.begin, span.end - span.begin), 1000) <= 200);
      CHECK(span.begin <= covered);
      covered = span.end;
    }
    CHECK(covered == text.size());
  }
}

TEST_CASE("a model that is broken is refused with the file that is") {
  const std::string tokenizer = ModelsDirectory() + "/bge-small-en-v1.5/tokenizer.json";
  const std::string model = ModelsDirectory() + "/bge-small-en-v1.5/model.onnx";
  const auto refusal = [](const Folder& folder) {
    const auto loaded =
        Encoders::Load({.models = {{.directory = folder.path(), .language = "en"}}});
    REQUIRE_FALSE(loaded.ok());
    INFO(loaded.status().ToString());
    const auto metadata = DetailsOf(loaded.status()).metadata;
    REQUIRE_FALSE(metadata.empty());
    return fmt::format("{} {}", absl::StatusCodeToString(loaded.status().code()),
                       std::filesystem::path(metadata[0].second).filename().string());
  };
  SECTION("nothing in the directory") { CHECK(refusal(Folder()) == "NOT_FOUND tokenizer.json"); }
  SECTION("no weights") {
    Folder folder;
    folder.Link("tokenizer.json", tokenizer);
    CHECK(refusal(folder) == "NOT_FOUND model.onnx");
  }
  SECTION("weights that are none") {
    Folder folder;
    folder.Link("tokenizer.json", tokenizer);
    folder.Write("model.onnx", "not a model");
    CHECK(refusal(folder) == "INVALID_ARGUMENT model.onnx");
  }
  SECTION("weights cut short") {
    Folder folder;
    folder.Link("tokenizer.json", tokenizer);
    std::ifstream file(model, std::ios::binary);
    std::string head(200'000, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    folder.Write("model.onnx", head);
    CHECK(refusal(folder) == "INVALID_ARGUMENT model.onnx");
  }
  SECTION("a tokeniser of another model, whose ids lead behind the table of words") {
    Folder folder;
    folder.Link("model.onnx", ModelsDirectory() + "/bge-small-zh-v1.5/model.onnx");
    folder.Link("tokenizer.json", tokenizer);
    CHECK(refusal(folder) == "INVALID_ARGUMENT model.onnx");
  }
  SECTION("a tokeniser that is none") {
    Folder folder;
    folder.Link("model.onnx", model);
    folder.Write("tokenizer.json", R"({"model":{"type":"BPE"}})");
    CHECK(refusal(folder) == "INVALID_ARGUMENT tokenizer.json");
  }
}

TEST_CASE("a model of a language that the suite does not speak is refused") {
  const auto loaded = Encoders::Load({.models = {{.directory = "/nowhere", .language = "fr"}}});
  CHECK(ReasonOf(loaded.status()) == reason::kInvalidConfig);
}

TEST_CASE("another model can be mounted with its own pooling and prefix") {
  OpenVinoOptions options;
  options.directory = ModelsDirectory() + "/bge-small-zh-v1.5";
  options.language = "zh";
  options.name = "mounted";
  options.pooling = Pooling::kMean;
  options.prefix = "query: ";
  options.tokens_max = 64;
  options.threads = 1;
  const auto mounted = OpenVinoEncoder::Load(options);
  REQUIRE(mounted.ok());
  CHECK((*mounted)->info().name == "mounted");
  CHECK((*mounted)->info().tokens_max == 64);
  CHECK((*mounted)->info().fingerprint != Loaded().For("zh").info().fingerprint);
  const std::vector<float> vector = Vectors(**mounted, {"退款"});
  CHECK(Dot(vector.data(), vector.data(), 512) == Approx(1).margin(1e-4));
  const std::vector<float> plain = Vectors(Loaded().For("zh"), {"query: 退款"});
  CHECK(Dot(vector.data(), plain.data(), 512) < 0.999);
  CHECK((*mounted)->CountTokens("", 64) == (*mounted)->Tokens("").size());
  CHECK((*mounted)->CountTokens("退款", 64) == (*mounted)->CountTokens("", 64) + 2);
}

}  // namespace
}  // namespace frontdesk::text
