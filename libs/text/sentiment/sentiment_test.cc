#include "libs/text/sentiment/sentiment.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "absl/status/status.h"
#include "libs/text/classify/trainer.h"

namespace frontdesk::text {
namespace {

namespace fs = std::filesystem;

// A directory of its own that goes with the test.
class Directory {
 public:
  Directory() {
    std::string path = (fs::temp_directory_path() / "frontdesk-feeling-XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~Directory() { fs::remove_all(path_); }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

void Overwrite(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Words that no lexicon knows, so that only a trained model can tell them apart.
Dataset MadeUpData(std::string_view good, std::string_view bad) {
  Dataset data;
  for (int i = 0; i < 12; ++i) {
    const std::string tail = std::string(" lamp ") + static_cast<char>('a' + i);
    data.examples.push_back({"zorbly fine-grained gleeb" + tail, std::string(good)});
    data.examples.push_back({"quaxed and murgled frop" + tail, std::string(bad)});
  }
  return data;
}

std::string TrainedBytes(std::string_view good = "1", std::string_view bad = "0") {
  const auto trained = Train(MadeUpData(good, bad), {}, {});
  INFO(trained.status().ToString());
  REQUIRE(trained.ok());
  return trained->bytes;
}

const FeelingManifest kPolarity{.name = "lamps",
                                .task = "polarity",
                                .language = "en",
                                .labels = {{"1", "positive"}, {"0", "negative"}}};

std::unique_ptr<Sentiments> Loaded(const std::string& directory,
                                   std::vector<std::string>* notices = nullptr) {
  SentimentOptions options;
  options.artefacts_dir = directory;
  options.notice = [notices](std::string_view notice) {
    if (notices != nullptr) notices->emplace_back(notice);
  };
  auto loaded = Sentiments::Load(options);
  REQUIRE(loaded.ok());
  return *std::move(loaded);
}

int OnLexicon(const Sentiments& sentiments) {
  return static_cast<int>(std::count_if(sentiments.health().begin(), sentiments.health().end(),
                                        [](const Sentiments::Health& h) { return h.lexicon; }));
}

TEST_CASE("Without artefacts the lexicon answers, and health says so") {
  std::vector<std::string> notices;
  for (const std::string path : {"", "/no/such/directory"}) {
    const auto sentiments = Loaded(path, &notices);
    REQUIRE(sentiments->health().size() == 4);
    CHECK(OnLexicon(*sentiments) == 4);
    CHECK(sentiments->health()[0].state == "lexicon: no model mounted");
    const Feeling feeling = sentiments->Feel("太差了，气死我了");
    CHECK(feeling.polarity == Polarity::kNegative);
    CHECK(feeling.emotion == Emotion::kAnger);
    CHECK(feeling.polarity_model == "lexicon");
  }
  CHECK(notices.size() == 8);
}

TEST_CASE("A mounted model answers for its task and language, the lexicon for the rest") {
  const Directory directory;
  REQUIRE(WriteFeelingArtefact(directory / "lamps", kPolarity, TrainedBytes()).ok());
  FeelingManifest emotion{.name = "moods", .task = "emotion", .language = "any", .labels = {}};
  REQUIRE(
      WriteFeelingArtefact(directory / "moods", emotion, TrainedBytes("surprise", "fear")).ok());
  std::ofstream(directory / "notes.txt") << "not an artefact";
  fs::create_directory(directory / "empty");

  std::vector<std::string> notices;
  const auto sentiments = Loaded(directory.path(), &notices);
  CHECK(OnLexicon(*sentiments) == 1);
  CHECK(notices.size() == 1);
  const Feeling good = sentiments->Feel("a zorbly gleeb");
  CHECK(good.polarity == Polarity::kPositive);
  CHECK(good.score > 0);
  CHECK(good.polarity_model == "lamps");
  CHECK(good.emotion == Emotion::kSurprise);
  CHECK(good.emotion_model == "moods");
  const Feeling bad = sentiments->Feel("quaxed, murgled");
  CHECK(bad.polarity == Polarity::kNegative);
  CHECK(bad.emotion == Emotion::kFear);
  const Feeling chinese = sentiments->Feel("质量很好");
  CHECK(chinese.polarity_model == "lexicon");
  CHECK(chinese.polarity == Polarity::kPositive);
  CHECK(chinese.emotion_model == "moods");
}

TEST_CASE("Many texts at once feel like each alone, and any bytes will do") {
  const Directory directory;
  REQUIRE(WriteFeelingArtefact(directory / "lamps", kPolarity, TrainedBytes()).ok());
  const auto sentiments = Loaded(directory.path());
  const std::string huge(100'000, 'x');
  const std::string_view texts[] = {"", "zorbly", "😡😡", "\xFF\xFE quaxed", huge, "أين طلبي"};
  const std::vector<Feeling> together = sentiments->FeelAll(texts);
  REQUIRE(together.size() == 6);
  for (size_t i = 0; i < together.size(); ++i) {
    const Feeling alone = sentiments->Feel(texts[i]);
    CHECK(alone.score == together[i].score);
    CHECK(alone.emotion == together[i].emotion);
    CHECK(std::abs(alone.score) <= 1);
  }
  CHECK(sentiments->FeelAll({}).empty());
}

TEST_CASE("An artefact reads back as it was written, and is replaced as a whole") {
  const Directory directory;
  const std::string path = directory / "deep/lamps";
  REQUIRE(WriteFeelingArtefact(path, kPolarity, "first").ok());
  REQUIRE(WriteFeelingArtefact(path, kPolarity, "second").ok());
  const auto artefact = ReadFeelingArtefact(path);
  REQUIRE(artefact.ok());
  CHECK(artefact->manifest == kPolarity);
  CHECK(artefact->model_bytes == "second");
  CHECK(absl::IsNotFound(ReadFeelingArtefact(directory / "none").status()));
}

TEST_CASE("A manifest that means nothing is not written") {
  const Directory directory;
  const auto refused = [&directory](const FeelingManifest& manifest) {
    return absl::IsInvalidArgument(WriteFeelingArtefact(directory / "x", manifest, "bytes"));
  };
  for (const std::string name : {"", "Lamps", "../x", "a b"}) {
    FeelingManifest manifest = kPolarity;
    manifest.name = name;
    CHECK(refused(manifest));
  }
  FeelingManifest manifest = kPolarity;
  manifest.task = "mood";
  CHECK(refused(manifest));
  manifest = kPolarity;
  manifest.language = "fr";
  CHECK(refused(manifest));
  manifest = kPolarity;
  manifest.labels["2"] = "joy";
  CHECK(refused(manifest));
  CHECK_FALSE(fs::exists(directory / "x"));
}

TEST_CASE("A corrupt artefact is refused, told, and the lexicon takes its place") {
  const Directory directory;
  const std::string path = directory / "lamps";
  const std::string bytes = TrainedBytes();
  REQUIRE(WriteFeelingArtefact(path, kPolarity, bytes).ok());
  const std::string manifest = Contents(path + "/manifest.json");

  const auto falls_back = [&directory] {
    std::vector<std::string> notices;
    const auto sentiments = Loaded(directory.path(), &notices);
    return OnLexicon(*sentiments) == 4 && notices.size() == 5 &&
           notices[0].find("not used") != std::string::npos &&
           sentiments->health()[0].state.find("no usable model") != std::string::npos &&
           sentiments->Feel("very good").polarity == Polarity::kPositive;
  };
  const auto with = [&manifest](const std::string& from, const std::string& to) {
    std::string changed = manifest;
    const size_t at = changed.find(from);
    REQUIRE(at != std::string::npos);
    return changed.replace(at, from.size(), to);
  };
  CHECK_FALSE(falls_back());
  for (const std::string& broken :
       {std::string("{"), std::string("[]"), std::string("\xFF"),
        with("\"format\": 1", "\"format\": 2"), with("\"format\": 1", "\"format\": \"1\""),
        with("polarity", "mood"), with("\"en\"", "7"), with("positive", "joyous"),
        with("model.fdtc", "../lamps/model.fdtc"), with("model.fdtc", "absent.fdtc"),
        with("\"bytes\": ", "\"bytes\": 1"), with("\"sha256\": \"", "\"sha256\": \"0"),
        std::string(kManifestBytesMax + 1, ' ')}) {
    INFO(broken.substr(0, 300));
    Overwrite(path + "/manifest.json", broken);
    CHECK(falls_back());
  }
  Overwrite(path + "/manifest.json", manifest);
  CHECK_FALSE(falls_back());
  Overwrite(path + "/model.fdtc", bytes.substr(0, bytes.size() / 2));
  CHECK(falls_back());
  // Whole by its checksum, but no model.
  REQUIRE(WriteFeelingArtefact(path, kPolarity, "no model").ok());
  CHECK(falls_back());
  // A model whose labels mean nothing here.
  REQUIRE(WriteFeelingArtefact(path, kPolarity, TrainedBytes("yes", "no")).ok());
  CHECK(falls_back());
}

}  // namespace
}  // namespace frontdesk::text
