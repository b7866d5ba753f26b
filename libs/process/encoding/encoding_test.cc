#include "libs/process/encoding/encoding.h"

#include <catch2/catch.hpp>

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/config/load.h"

namespace frontdesk::process {
namespace {

// Lexical encoders, stepped by hand.
struct Fixture {
  SimulatedClock clock;
  telemetry::Metrics metrics;
  Encoding encoding{EncodingConfig{.models_dir = ""}, clock, metrics, Encoding::Threads::kNone};
};

TEST_CASE("nothing is encoded before the encoders are loaded, which happens once") {
  Fixture fixture;
  Encoding& encoding = fixture.encoding;
  int called = 0;
  const auto count = [&](const absl::StatusOr<Encoding::Vector>&) { ++called; };
  CHECK(ReasonOf(encoding.Encode("hello", absl::InfiniteFuture(), count)) == "NOT_READY");
  const auto first = encoding.Load();
  const auto second = encoding.Load();
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first->get() == second->get());
  CHECK(called == 0);
}

TEST_CASE("a text goes to the encoder of its language and comes back with its fingerprint") {
  Fixture fixture;
  Encoding& encoding = fixture.encoding;
  const auto encoders = encoding.Load();
  REQUIRE(encoders.ok());
  for (const char* text : {"where is my order", "我的订单到哪了"}) {
    std::optional<Encoding::Vector> vector;
    REQUIRE(encoding
                .Encode(text, absl::InfiniteFuture(),
                        [&](absl::StatusOr<Encoding::Vector> got) {
                          REQUIRE(got.ok());
                          vector = *std::move(got);
                        })
                .ok());
    while (encoding.Step()) {
    }
    REQUIRE(vector.has_value());
    CHECK(vector->fingerprint == (*encoders)->ForText(text).info().fingerprint);
    CHECK(vector->values.size() ==
          static_cast<size_t>((*encoders)->ForText(text).info().dimensions));
  }
}

TEST_CASE("what waits when the encoding stops is answered, and nothing is taken afterwards") {
  Fixture fixture;
  Encoding& encoding = fixture.encoding;
  REQUIRE(encoding.Load().ok());
  absl::Status answered;
  int called = 0;
  const auto take = [&](const absl::StatusOr<Encoding::Vector>& got) {
    ++called;
    answered = got.status();
  };
  REQUIRE(encoding.Encode("hello", absl::InfiniteFuture(), take).ok());
  encoding.Stop();
  CHECK(called == 1);
  CHECK(absl::IsUnavailable(answered));
  CHECK(absl::IsUnavailable(encoding.Encode("again", absl::InfiniteFuture(), take)));
  CHECK(called == 1);
}

// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "frontdesk-encoding-XXXXXX").string();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// As an operator sets them.
EncodingConfig Configured(const std::string& yaml) {
  const Folder folder;
  std::ofstream(folder / "config.yaml") << yaml;
  EncodingConfig config;
  config::Fields fields;
  fields.Section("encoder", config);
  config::LoadOptions options;
  options.service = "test";
  options.args = {"--config=" + (folder / "config.yaml")};
  const auto loaded = config::Load(fields, options);
  INFO(loaded.status());
  REQUIRE(loaded.ok());
  return config;
}

// The folder of a model that tools/setup fetches; empty where it has not been run.
std::string FetchedModel(const std::string& name) {
  const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
  const std::string folder =
      fmt::format("{}/{}/{}", root == nullptr ? "." : root, text::kModelsDirectory, name);
  if (std::filesystem::is_directory(folder)) return folder;
  WARN("skipped: tools/setup has not fetched " << folder);
  return "";
}

std::vector<float> VectorOf(text::Encoder& encoder, std::string_view text) {
  const auto vector = encoder.Encode({text});
  REQUIRE(vector.ok());
  return *vector;
}

TEST_CASE("another sentence-transformer is mounted by configuration alone") {
  const std::string fetched = FetchedModel("bge-small-zh-v1.5");
  if (fetched.empty()) return;
  const Folder folder;
  std::filesystem::copy(fetched, folder / "own-model");
  SimulatedClock clock;
  telemetry::Metrics metrics;
  Encoding encoding(Configured(fmt::format(R"(
encoder:
  models_dir: ""
  threads: 1
  zh:
    directory: {}
    pooling: mean
    prefix: "query: "
    tokens_max: 128
)",
                                           folder / "own-model")),
                    clock, metrics, Encoding::Threads::kNone);
  const auto encoders = encoding.Load();
  INFO(encoders.status());
  REQUIRE(encoders.ok());
  // The other language has no model here, which is said.
  REQUIRE((*encoders)->health().size() == 2);
  CHECK((*encoders)->health()[0].state == "lexical: no models directory is configured");
  CHECK((*encoders)->health()[1].state == "own-model");
  CHECK(metrics.Text().find("frontdesk_encoder_lexical{language=\"en\"} 1") != std::string::npos);
  CHECK(metrics.Text().find("frontdesk_encoder_lexical{language=\"zh\"} 0") != std::string::npos);
  text::Encoder& own = (*encoders)->For("zh");
  CHECK(own.info().tokens_max == 128);
  // The options reach the model: without them the same files give other vectors.
  const auto plain = text::OpenVinoEncoder::Load({.directory = fetched, .threads = 1});
  REQUIRE(plain.ok());
  CHECK(own.info().fingerprint != (*plain)->info().fingerprint);
  const std::vector<float> mounted = VectorOf(own, "怎么退款");
  const std::vector<float> usual = VectorOf(**plain, "怎么退款");
  REQUIRE(mounted.size() == usual.size());
  CHECK(std::inner_product(mounted.begin(), mounted.end(), usual.begin(), 0.0F) < 0.99F);
}

TEST_CASE("a mounted model that is broken is an error with its file, until it is mended") {
  const std::string fetched = FetchedModel("bge-small-zh-v1.5");
  if (fetched.empty()) return;
  const Folder folder;
  std::filesystem::copy(fetched, folder / "own-model");
  const std::string weights = folder / "own-model/model.onnx";
  std::filesystem::resize_file(weights, 100'000);
  SimulatedClock clock;
  telemetry::Metrics metrics;
  EncodingConfig config{.models_dir = "", .threads = 1};
  config.zh.directory = folder / "own-model";
  Encoding encoding(config, clock, metrics, Encoding::Threads::kNone);
  const auto broken = encoding.Load();
  CHECK(ReasonOf(broken.status()) == reason::kInvalidConfig);
  CHECK(broken.status().message().find(weights) != absl::string_view::npos);
  std::filesystem::copy(fetched + "/model.onnx", weights,
                        std::filesystem::copy_options::overwrite_existing);
  CHECK(encoding.Load().ok());
}

TEST_CASE("a mounted folder that is not there leaves spelling, which is said") {
  SimulatedClock clock;
  telemetry::Metrics metrics;
  Encoding encoding(Configured("encoder: {models_dir: \"\", en: {directory: /nowhere/e5}}"), clock,
                    metrics, Encoding::Threads::kNone);
  const auto encoders = encoding.Load();
  REQUIRE(encoders.ok());
  CHECK((*encoders)->health()[0].state == "lexical: no model in /nowhere/e5");
  CHECK(metrics.Text().find("frontdesk_encoder_lexical{language=\"en\"} 1") != std::string::npos);
}

TEST_CASE("who knows one encoder only gets its vectors for texts of every language") {
  const std::string fetched = FetchedModel("bge-small-zh-v1.5");
  if (fetched.empty()) return;
  SimulatedClock clock;
  telemetry::Metrics metrics;
  EncodingConfig config{.models_dir = "", .threads = 1};
  config.zh.directory = fetched;
  Encoding encoding(config, clock, metrics, Encoding::Threads::kNone);
  const auto encoders = encoding.Load();
  REQUIRE(encoders.ok());
  const std::string chinese = (*encoders)->For("zh").info().fingerprint;
  const std::string english = (*encoders)->For("en").info().fingerprint;
  const auto asked = [&](std::string_view text, const std::string& known) {
    std::string by;
    REQUIRE(encoding
                .Encode(
                    text, [&](std::string_view fingerprint) { return fingerprint == known; },
                    absl::InfiniteFuture(),
                    [&](absl::StatusOr<Encoding::Vector> got) {
                      REQUIRE(got.ok());
                      by = got->fingerprint;
                    })
                .ok());
    while (encoding.Step()) {
    }
    return by;
  };
  CHECK(asked("where is my order", chinese) == chinese);
  CHECK(asked("我的订单到哪了", chinese) == chinese);
  CHECK(asked("我的订单到哪了", english) == english);
  // Knowing none of them is for the asker to find out.
  CHECK(asked("where is my order", "of no encoder") == english);
}

}  // namespace
}  // namespace frontdesk::process
