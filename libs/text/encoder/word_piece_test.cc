#include "libs/text/encoder/word_piece.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"

namespace frontdesk::text {
namespace {

std::string Root() {
  const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
  return root == nullptr ? "." : root;
}

std::string FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const WordPiece& Reference(const std::string& language) {
  static const auto load = [](const std::string& name) {
    const std::string path =
        fmt::format("{}/.cache/models/bge-small-{}-v1.5/tokenizer.json", Root(), name);
    auto parsed = WordPiece::Parse(FileText(path));
    INFO(path << ": " << parsed.status().ToString());
    REQUIRE(parsed.ok());
    return *std::move(parsed);
  };
  static const WordPiece english = load("en");
  static const WordPiece chinese = load("zh");
  return language == "en" ? english : chinese;
}

std::string Unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\\x") {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16)));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// Three digits of base 64 an id.
std::vector<int32_t> Unpacked(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<int32_t> ids;
  for (size_t i = 0; i + 3 <= text.size(); i += 3) {
    int32_t id = 0;
    for (size_t k = 0; k < 3; ++k) id = id * 64 + static_cast<int32_t>(kDigits.find(text[i + k]));
    ids.push_back(id);
  }
  return ids;
}

// A tokenizer.json with a handful of words.
std::string SmallFile(std::string_view normalizer = R"({"type":"BertNormalizer"})",
                      std::string_view model_type = "WordPiece",
                      std::string_view vocabulary =
                          R"({"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"play":4,"##ing":5,"P":6})") {
  return fmt::format(
      R"({{"normalizer":{},"pre_tokenizer":{{"type":"BertPreTokenizer"}},)"
      R"("post_processor":{{"type":"BertProcessing","cls":["[CLS]",2],"sep":["[SEP]",3]}},)"
      R"("model":{{"type":"{}","unk_token":"[UNK]","continuing_subword_prefix":"##",)"
      R"("max_input_chars_per_word":100,"vocab":{}}}}})",
      normalizer, model_type, vocabulary);
}

using Ids = std::vector<int32_t>;

TEST_CASE("two thousand sentences get the ids that the reference tokeniser gives") {
  std::ifstream file(Root() + "/libs/text/encoder/testing/word_piece_golden.txt");
  std::string line;
  int sentences = 0;
  while (std::getline(file, line)) {
    const size_t first = line.find('\t');
    const size_t second = line.find('\t', first + 1);
    REQUIRE(second != std::string::npos);
    const std::string text = Unescaped(std::string_view(line).substr(0, first));
    INFO(line.substr(0, first));
    const std::string_view english = std::string_view(line).substr(first + 1, second - first - 1);
    CHECK(Reference("en").Encode(text, 512) == Unpacked(english));
    CHECK(Reference("zh").Encode(text, 512) == Unpacked(std::string_view(line).substr(second + 1)));
    ++sentences;
  }
  CHECK(sentences == 2000);
}

TEST_CASE("a longer text is cut at its end and keeps both special tokens") {
  const Ids whole = Reference("en").Encode("one two three four", 512);
  REQUIRE(whole.size() == 6);
  const Ids cut = Reference("en").Encode("one two three four", 4);
  CHECK(cut == Ids{whole[0], whole[1], whole[2], whole[5]});
  CHECK(Reference("en").Encode("one two", 2) == Ids{101, 102});
  CHECK(Reference("en").Count("one two three four", 100) == 4);
  CHECK(Reference("en").Count("one two three four", 3) == 3);
}

TEST_CASE("ill-formed UTF-8 is left out of the tokens") {
  CHECK(Reference("en").Encode("re\xFF"
                               "fund\xE4\xB8",
                               512) == Reference("en").Encode("refund", 512));
  CHECK(Reference("zh").Encode("\xF0\x9F\x98", 512) == Ids{101, 102});
}

TEST_CASE("a file's own settings hold") {
  const auto lower = WordPiece::Parse(SmallFile());
  REQUIRE(lower.ok());
  CHECK(lower->Encode("PLAYING", 9) == Ids{2, 4, 5, 3});
  const auto as_written =
      WordPiece::Parse(SmallFile(R"({"type":"BertNormalizer","lowercase":false})"));
  REQUIRE(as_written.ok());
  CHECK(as_written->Encode("playing PLAYING P", 9) == Ids{2, 4, 5, 1, 6, 3});
  CHECK(as_written->pad_id() == 0);
  CHECK(as_written->vocabulary_size() == 7);
}

TEST_CASE("a tokenizer.json of another kind is refused with what is wrong in it") {
  const auto refusal = [](const std::string& json) {
    const auto parsed = WordPiece::Parse(json);
    REQUIRE_FALSE(parsed.ok());
    CHECK(ReasonOf(parsed.status()) == reason::kInvalidConfig);
    return std::string(MessageOf(parsed.status()));
  };
  CHECK(refusal("") == "tokenizer.json: is not a JSON object");
  CHECK(refusal("[1,2") == "tokenizer.json: is not a JSON object");
  CHECK(refusal("{}") == "tokenizer.json: the model is not WordPiece");
  CHECK(refusal(SmallFile(R"({"type":"Precompiled"})")) ==
        "tokenizer.json: the normalizer is not BertNormalizer");
  CHECK(refusal(SmallFile(R"({"type":"BertNormalizer"})", "BPE")) ==
        "tokenizer.json: the model is not WordPiece");
  CHECK(refusal(SmallFile(R"({"type":"BertNormalizer"})", "WordPiece", R"({"a":-1})")) ==
        "tokenizer.json: model.vocab has an id that is none");
  CHECK(refusal(SmallFile(R"({"type":"BertNormalizer"})", "WordPiece", R"({"a":1})")) ==
        "tokenizer.json: model.unk_token is not in the vocabulary");
}

TEST_CASE("a tokenizer.json that was cut or changed anywhere never breaks the reader") {
  const std::string whole = SmallFile();
  std::mt19937 random(7);
  size_t refused = 0;
  for (size_t length = 0; length < whole.size(); ++length) {
    refused += WordPiece::Parse(whole.substr(0, length)).ok() ? 0 : 1;
  }
  CHECK(refused == whole.size());
  for (int i = 0; i < 3000; ++i) {
    std::string changed = whole;
    for (int k = 0; k < 3; ++k) changed[random() % changed.size()] = static_cast<char>(random());
    const auto parsed = WordPiece::Parse(changed);
    if (parsed.ok()) CHECK(parsed->Encode("playing games", 16).size() <= 16);
  }
}

// A step that is not linear would take hours, and the runner would end it.
TEST_CASE("1 MiB of anything is tokenised up to the limit") {
  std::vector<std::string> texts = {std::string(1 << 20, 'x'), std::string(1 << 20, '['),
                                    std::string(1 << 20, ' '), std::string(1 << 20, '\xCC')};
  std::string marks = "a";
  while (marks.size() < (1 << 20)) marks += marks.size() % 4 == 1 ? "\u0301" : "\u0323";
  texts.push_back(marks);
  for (const std::string& text : texts) {
    CHECK(Reference("en").Encode(text, 512).size() <= 512);
  }
}

TEST_CASE("random bytes and random characters always give known ids within the limit") {
  std::mt19937 random(11);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  int rounds = 0;
  while (rounds < 20'000 && std::chrono::steady_clock::now() < until) {
    std::string text;
    const size_t length = random() % 200;
    for (size_t i = 0; i < length; ++i) {
      // Mostly pieces that mean something to the tokeniser, else any byte.
      constexpr const char* kPieces[] = {"[SEP]", "[", "##", "é",      "\u0301",
                                         "好",    "😀", " ",  "\u200d", "A"};
      if (random() % 2 == 0) {
        text += kPieces[random() % std::size(kPieces)];
      } else {
        text.push_back(static_cast<char>(random()));
      }
    }
    for (const char* language : {"en", "zh"}) {
      const WordPiece& words = Reference(language);
      const Ids ids = words.Encode(text, 64);
      const bool right =
          ids.size() >= 2 && ids.size() <= 64 && ids.front() == 101 && ids.back() == 102;
      if (!right) FAIL("wrong ends or length for " << text);
      for (const int32_t id : ids) {
        if (id < 0 || id >= static_cast<int32_t>(words.vocabulary_size())) FAIL("id " << id);
      }
    }
    ++rounds;
  }
  CHECK(rounds > 100);
}

}  // namespace
}  // namespace frontdesk::text
