#include "libs/text/similar/near_duplicates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "absl/status/status.h"
#include "libs/base/random.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

using Match = NearDuplicates::Match;

std::vector<std::string> IdsOf(const std::vector<Match>& matches) {
  std::vector<std::string> ids;
  for (const Match& match : matches) ids.push_back(match.id);
  return ids;
}

std::vector<Match> Ask(const NearDuplicates& texts, std::string_view text, size_t limit = 10,
                       absl::Span<const float> vector = {}) {
  const auto matches = texts.Find(text, limit, vector);
  REQUIRE(matches.ok());
  return *matches;
}

// Sentences of made-up words from a small vocabulary, as tickets of one shop are.
std::string MadeUpText(RandomSource& random, size_t words) {
  static const std::vector<std::string> kWords = [] {
    SeededRandom letters(5);
    std::vector<std::string> made;
    for (int i = 0; i < 2000; ++i) {
      std::string word;
      for (uint64_t n = 3 + letters.Uniform(6); n > 0; --n) {
        word += static_cast<char>('a' + letters.Uniform(26));
      }
      made.push_back(word);
    }
    return made;
  }();
  std::string text;
  for (size_t i = 0; i < words; ++i) text += kWords[random.Uniform(kWords.size())] + " ";
  return text;
}

TEST_CASE("Case, width, spacing and invisible characters make no other text") {
  CHECK(MakeSketch("Where is  my order") == MakeSketch("ＷＨＥＲＥ is my\u200B order "));
  CHECK(MakeSketch("我要退款") == MakeSketch(" 我要退款\n"));
  CHECK(Jaccard(MakeSketch("我要退款"), MakeSketch("我要换货")) < 0.5);
}

TEST_CASE("An empty text, or one of nothing but space, has an empty sketch and is like nothing") {
  for (const std::string_view text : {"", "  \n", "\u200B"}) {
    CHECK(MakeSketch(text).hashes.empty());
    CHECK(Jaccard(MakeSketch(text), MakeSketch(text)) == 0);
  }
}

TEST_CASE("Jaccard is symmetric, between 0 and 1, and 1 for a text and itself") {
  REQUIRE(rc::check([](const std::string& a, const std::string& b) {
    const Sketch x = MakeSketch(a);
    const Sketch y = MakeSketch(b);
    const double j = Jaccard(x, y);
    RC_ASSERT(j == Jaccard(y, x));
    RC_ASSERT(j >= 0 && j <= 1);
    RC_ASSERT(x.hashes.empty() || Jaccard(x, x) == 1);
  }));
}

TEST_CASE("The sketch of a long text is bounded and estimates within a tenth") {
  SeededRandom random(11);
  const std::string shared = MadeUpText(random, 1500);
  const std::string left = shared + MadeUpText(random, 500);
  const std::string right = MadeUpText(random, 500) + shared;
  const Sketch a = MakeSketch(left);
  const Sketch b = MakeSketch(right);
  CHECK(a.hashes.size() == kSketchMax);
  CHECK_FALSE(a.complete);
  std::set<std::string> x;
  std::set<std::string> y;
  for (size_t i = 0; i + 3 <= left.size(); ++i) x.insert(left.substr(i, 3));
  for (size_t i = 0; i + 3 <= right.size(); ++i) y.insert(right.substr(i, 3));
  std::vector<std::string> both;
  std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
  const double exact =
      static_cast<double>(both.size()) / static_cast<double>(x.size() + y.size() - both.size());
  CHECK(std::abs(Jaccard(a, b) - exact) < 0.1);
}

TEST_CASE("Finds the same complaint written a little differently, in both languages") {
  NearDuplicates texts;
  REQUIRE(texts.Add("en", "My parcel 4711 has not arrived, where is it?").ok());
  REQUIRE(texts.Add("zh", "我的快递还没到，都三天了怎么回事？").ok());
  REQUIRE(texts.Add("other", "Please send me last month's invoice as a PDF.").ok());
  CHECK(IdsOf(Ask(texts, "my parcel 4712 has not arrived. where is it")) ==
        std::vector<std::string>{"en"});
  CHECK(IdsOf(Ask(texts, "我的快递还没到,都四天了怎么回事!")) == std::vector<std::string>{"zh"});
  CHECK(Ask(texts, "谢谢").empty());
  CHECK(Ask(texts, "").empty());
}

TEST_CASE("With vectors on both sides the cosine is the score, without them the letters") {
  NearDuplicates texts({.dimensions = 3});
  REQUIRE(texts.Add("near", "cancel my order 17 please", {{1, 0, 0}}).ok());
  REQUIRE(texts.Add("far", "cancel my order 18 please", {{0, 1, 0}}).ok());
  REQUIRE(texts.Add("bare", "cancel my order 19 please").ok());
  const auto matches = Ask(texts, "cancel my order 16 please", 10, {{2, 0.1F, 0}});
  REQUIRE(IdsOf(matches) == std::vector<std::string>{"near", "bare"});
  CHECK(matches[0].by_vector);
  CHECK(matches[0].score == Approx(0.9988).margin(0.01));
  CHECK_FALSE(matches[1].by_vector);
  CHECK(matches[1].score == matches[1].jaccard);
}

TEST_CASE("What can't be compared is refused") {
  NearDuplicates texts({.texts_max = 1, .dimensions = 2});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(absl::IsInvalidArgument(texts.Add("", "text")));
  CHECK(absl::IsInvalidArgument(texts.Add(std::string(257, 'x'), "text")));
  CHECK(absl::IsInvalidArgument(texts.Add("a", " ")));
  CHECK(absl::IsInvalidArgument(texts.Add("a", "text", {{1, 2, 3}})));
  CHECK(absl::IsInvalidArgument(texts.Add("a", "text", {{1, nan}})));
  CHECK(absl::IsResourceExhausted(texts.Add("a", std::string(kMaxTextBytes + 1, 'x'))));
  CHECK(absl::IsInvalidArgument(texts.Find("text", 1, {{1}}).status()));
  REQUIRE(texts.Add("a", "text").ok());
  CHECK(absl::IsResourceExhausted(texts.Add("b", "text")));
  CHECK(texts.Add("a", "another").ok());
  CHECK(texts.stats().texts == 1);
}

TEST_CASE("100 KB, emoji, right-to-left and ill-formed bytes are texts like any other") {
  NearDuplicates texts;
  const std::vector<std::string> odd = {std::string(100'000, 'a'), "😡😡🤬", "أين طلبي؟",
                                        "\xFF\xFE broken \xC3", std::string("\0\0x", 3)};
  for (size_t i = 0; i < odd.size(); ++i) REQUIRE(texts.Add(fmt::format("{}", i), odd[i]).ok());
  for (size_t i = 0; i < odd.size(); ++i) {
    const auto matches = Ask(texts, odd[i], 1);
    REQUIRE(matches.size() == 1);
    CHECK(matches[0].id == fmt::format("{}", i));
    CHECK(matches[0].score == 1);
  }
}

TEST_CASE(
    "Ten thousand copies and ten thousand numbered ones do not hide a text or slow a question") {
  NearDuplicates texts;
  REQUIRE(texts.Add("first", "your verification code is 000000, do not share it").ok());
  for (int i = 1; i < 10'000; ++i) {
    REQUIRE(texts
                .Add(fmt::format("n{}", i),
                     fmt::format("your verification code is {:06}, do not share it", i * 97))
                .ok());
    REQUIRE(texts.Add(fmt::format("same{}", i), "hello, is anybody there?").ok());
  }
  CHECK(texts.stats().entries == 10'001);
  CHECK(Ask(texts, "your verification code is 000000, do not share it", 1)[0].id == "first");
  CHECK(IdsOf(Ask(texts, "hello is anybody there", 2)) ==
        std::vector<std::string>{"same1", "same10"});
}

TEST_CASE("Adding and removing leaves nothing behind, whatever the order") {
  REQUIRE(rc::check([](const std::vector<std::pair<uint8_t, uint8_t>>& steps) {
    NearDuplicates texts;
    std::map<std::string, std::string> model;
    for (const auto& [who, what] : steps) {
      const std::string id = fmt::format("id{}", who % 8);
      if (what % 3 == 0) {
        RC_ASSERT(texts.Remove(id) == (model.erase(id) == 1));
      } else {
        const std::string text = fmt::format("ticket about topic number {}", what % 16);
        RC_ASSERT(texts.Add(id, text).ok());
        model[id] = text;
      }
      RC_ASSERT(texts.stats().texts == model.size());
    }
    for (const auto& [id, text] : model) {
      const auto found = texts.Find(text, 100);
      RC_ASSERT(found.ok());
      const auto at = std::find_if(found->begin(), found->end(),
                                   [&id = id](const Match& match) { return match.id == id; });
      RC_ASSERT(at != found->end() && at->score == 1);
    }
    for (const auto& [id, text] : model) RC_ASSERT(texts.Remove(id));
    const NearDuplicates::Stats stats = texts.stats();
    RC_ASSERT(stats.entries == 0 && stats.buckets == 0 && stats.bytes == 0);
  }));
}

TEST_CASE("Among many texts nearly every changed copy is found, and first") {
  SeededRandom random(3);
  NearDuplicates texts;
  std::vector<std::string> originals;
  for (int i = 0; i < 5'000; ++i) {
    originals.push_back(MadeUpText(random, 12));
    REQUIRE(texts.Add(fmt::format("{}", i), originals.back()).ok());
  }
  int found = 0;
  for (int i = 0; i < 500; ++i) {
    const auto matches = Ask(texts, originals[i * 10] + MadeUpText(random, 2), 1);
    if (!matches.empty() && matches[0].id == fmt::format("{}", i * 10)) found++;
  }
  CHECK(found >= 495);
}

}  // namespace
}  // namespace frontdesk::text
