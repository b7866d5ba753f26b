#include "libs/text/encoder/passages.h"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

#include "libs/text/encoder/testing/counting_encoder.h"

namespace frontdesk::text {
namespace {

// CountingEncoder takes 20 "tokens": characters.
std::vector<std::string> Cut(std::string_view text,
                             PassageOptions options = {.overlap_tokens = 0}) {
  CountingEncoder encoder;
  std::vector<std::string> passages;
  for (const TextSpan& span : CutPassages(text, encoder, options)) {
    passages.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return passages;
}

using Passages = std::vector<std::string>;

TEST_CASE("a text that fits is one passage, a blank one is none") {
  CHECK(Cut("Hello there. Bye.") == Passages{"Hello there. Bye."});
  CHECK(Cut("  Hello.\n") == Passages{"Hello."});
  CHECK(Cut("").empty());
  CHECK(Cut(" \n\t　").empty());
}

TEST_CASE("passages end where sentences do, in both languages") {
  CHECK(Cut("I lost my card. It is blue. Please help me now. Thanks.") ==
        Passages{"I lost my card.", "It is blue.", "Please help me now.", "Thanks."});
  CHECK(Cut("我的卡丢了。颜色是蓝色的。请尽快帮我处理一下吧。谢谢你！") ==
        Passages{"我的卡丢了。颜色是蓝色的。", "请尽快帮我处理一下吧。谢谢你！"});
}

TEST_CASE("a passage begins with what the one before ended with, as far as the overlap goes") {
  const std::string text = "Aaaa one. Bbbb. Cccc three. Dddd.";
  CHECK(Cut(text, {.overlap_tokens = 6}) ==
        Passages{"Aaaa one. Bbbb.", "Bbbb. Cccc three.", "Dddd."});
  CHECK(Cut(text) == Passages{"Aaaa one. Bbbb.", "Cccc three. Dddd."});
}

TEST_CASE("a sentence that is too long is cut behind a space or comma, else between characters") {
  CHECK(Cut("one two three four five six seven") ==
        Passages{"one two three four", "five six seven"});
  CHECK(Cut("第一个条件是已经付款，第二个条件是没有发货，否则不能退") ==
        Passages{"第一个条件是已经付款，", "第二个条件是没有发货，否则不能退"});
  const Passages characters = Cut(std::string(45, 'x'));
  REQUIRE(characters.size() == 3);
  CHECK(characters[0].size() == 20);
  CHECK(characters[2].size() == 5);
}

TEST_CASE("whatever the text, passages fit, are in order and leave out nothing but white space") {
  CountingEncoder encoder;
  std::mt19937 random(5);
  constexpr const char* kPieces[] = {"a",  "word", " ", "。",   ". ", "退款",
                                     "\n", ", ",   "😀", "\xFF", "é",  "!"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (size_t i = 0; i < random() % 200; ++i) text += kPieces[random() % std::size(kPieces)];
    const PassageOptions options{.tokens_max = 5 + random() % 20, .overlap_tokens = random() % 8};
    size_t covered = 0;
    size_t last_begin = 0;
    for (const TextSpan& span : CutPassages(text, encoder, options)) {
      INFO(text << " " << span.begin << ".." << span.end);
      REQUIRE(span.begin < span.end);
      REQUIRE(span.end <= text.size());
      REQUIRE(span.begin >= last_begin);
      REQUIRE(span.end > covered);
      for (size_t i = covered; i < span.begin; ++i) REQUIRE((text[i] == ' ' || text[i] == '\n'));
      covered = span.end;
      last_begin = span.begin;
    }
    for (size_t i = covered; i < text.size(); ++i) REQUIRE((text[i] == ' ' || text[i] == '\n'));
  }
}

}  // namespace
}  // namespace frontdesk::text
