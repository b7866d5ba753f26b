#include "libs/text/language.h"

#include <string>

#include <catch2/catch.hpp>

namespace frontdesk::text {
namespace {

TEST_CASE("plain Chinese is zh and plain English is en") {
  REQUIRE(GuessLanguage("我的订单什么时候到？") == "zh");
  REQUIRE(GuessLanguage("Where is my order?") == "en");
  REQUIRE(GuessLanguage("ok") == "en");
  REQUIRE(GuessLanguage("好") == "zh");
  REQUIRE(GuessLanguage("我想退貨，請問怎麼辦") == "zh");
}

TEST_CASE("a few foreign words do not change the language of a sentence") {
  REQUIRE(GuessLanguage("我的 iPhone Pro Max 坏了") == "zh");
  REQUIRE(GuessLanguage("How do I say 谢谢 in English please") == "en");
  REQUIRE(GuessLanguage("refund 怎么办") == "zh");
}

TEST_CASE("with equal shares the first letter decides") {
  REQUIRE(GuessLanguage("Please translate 你好") == "en");
  REQUIRE(GuessLanguage("你好 please translate") == "zh");
}

TEST_CASE("numbers, links, addresses and masks say nothing about the language") {
  REQUIRE(GuessLanguage("订单 FD-20260101-1234 在哪 https://shop.example/orders/track/status") ==
          "zh");
  REQUIRE(GuessLanguage("[phone] [email] 你好") == "zh");
  REQUIRE(GuessLanguage("12345 67890 !!!") == "und");
  REQUIRE(GuessLanguage("someone@example.com") == "und");
  REQUIRE(GuessLanguage("[phone]") == "und");
  REQUIRE(GuessLanguage("") == "und");
  REQUIRE(GuessLanguage("[ hello there") == "en");
}

TEST_CASE("other scripts are und") {
  REQUIRE(GuessLanguage("Где мой заказ?") == "und");
  REQUIRE(GuessLanguage("注文はいつ届きますか") == "und");
  REQUIRE(GuessLanguage("ありがとう") == "und");
  REQUIRE(GuessLanguage("안녕하세요") == "und");
}

TEST_CASE("accents and apostrophes stay inside a word") {
  REQUIRE(GuessLanguage("don't 好 吗") == "zh");
  REQUIRE(GuessLanguage("café 好") == "en");
}

TEST_CASE("ill-formed and endless text is read without harm") {
  REQUIRE(GuessLanguage("\xff\xfe hello") == "en");
  REQUIRE(GuessLanguage(std::string(70'000, '1') + "你好") == "und");  // beyond the first 64 KiB
}

}  // namespace
}  // namespace frontdesk::text
