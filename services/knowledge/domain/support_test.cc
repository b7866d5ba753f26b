#include "services/knowledge/domain/support.h"

#include <catch2/catch.hpp>
#include <string>

#include "services/knowledge/domain/statement.h"

using namespace frontdesk::knowledge;

namespace {

const SupportPassage kRefunds{
    "Refunds",
    "We send refunds within 5 working days after the lamp has arrived at our warehouse.\n\n"
    "The money goes back to the card that you paid with. Exchanges take 14 days.\n\n"
    "Refunds are not possible for lamps that were engraved. Shipping costs 4.90 EUR.\n"
    "Open https://help.example.com/refunds to follow it, or write to care@example.com."};

const SupportPassage kPairing{"Pair the lamp again",
                              "## Pairing\n\n"
                              "1. Hold the button for 5 seconds until the light blinks.\n"
                              "2. Open the Lumen app and choose \"Add lamp\".\n"
                              "3. Enter the code E42.\n\n"
                              "Do not unplug the lamp before the light is green."};

const SupportPassage kZh{"退款",
                         "收到退回的台灯后，我们会在五个工作日内退款。\n"
                         "钱会退回您付款时使用的银行卡。换货需要 14 天。\n"
                         "刻字的台灯不能退款。运费为 20 元。\n"
                         "长按按钮七秒，直到指示灯闪烁，然后打开 Lumen 应用。"};

struct Case {
  const char* sentence;
  Unsupported expected;
};

Support FindSupport(std::string_view sentence, const std::vector<SupportPassage>& passages,
                    double min_coverage = kMinCoverage) {
  return SupportFinder(passages).Find(sentence, min_coverage);
}

void Check(const std::vector<Case>& cases, const std::vector<SupportPassage>& passages) {
  for (const Case& test : cases) {
    const Support support = FindSupport(test.sentence, passages);
    INFO(test.sentence << " coverage " << support.coverage);
    CHECK(static_cast<int>(support.unsupported) == static_cast<int>(test.expected));
  }
}

}  // namespace

TEST_CASE("what the passage says in other words has support") {
  Check({{"We send refunds within 5 working days after the lamp has arrived at our warehouse.",
          Unsupported::kNot},
         {"Refunds are sent within five working days once the lamp arrives at the warehouse.",
          Unsupported::kNot},
         {"The money is sent back to the card you paid with.", Unsupported::kNot},
         {"Engraved lamps can't be refunded.", Unsupported::kNot},
         {"Shipping costs 4.90 euros.", Unsupported::kNot},
         {"You can follow it at https://help.example.com/refunds.", Unsupported::kNot},
         {"An exchange takes 14 days. 😊", Unsupported::kNot}},
        {kRefunds});
  Check({{"Hold the button for 5 seconds.", Unsupported::kNot},
         {"First hold the button for five seconds until the light blinks, then open the Lumen app.",
          Unsupported::kNot},
         {"Enter E42 as the code.", Unsupported::kNot},
         {"Don't unplug the lamp before the light is green.", Unsupported::kNot}},
        {kPairing});
  Check({{"我们会在收到退回的台灯后5个工作日内退款。", Unsupported::kNot},
         {"钱会退回到您付款的银行卡。", Unsupported::kNot},
         {"刻字的台灯无法退款。", Unsupported::kNot},
         {"换货需要十四天。", Unsupported::kNot},
         {"运费是《20元》。", Unsupported::kNot},
         {"请长按按钮 7 秒，直到指示灯闪烁。", Unsupported::kNot}},
        {kZh});
}

TEST_CASE("numbers, amounts, units, bounds, dates, addresses and names must be in the passage") {
  Check({{"We send refunds within 3 working days after the lamp has arrived.", Unsupported::kFact},
         {"We send refunds within 5 days after the lamp has arrived.", Unsupported::kFact},
         {"We send refunds within 5 hours after the lamp has arrived.", Unsupported::kFact},
         {"Refunds take at least 5 working days after the lamp has arrived.", Unsupported::kFact},
         {"Shipping costs 5.90 EUR.", Unsupported::kFact},
         {"Shipping costs $4.90.", Unsupported::kFact},
         // A number of the passage, but of something else.
         {"Refunds take 14 days.", Unsupported::kFact},
         {"Open https://evil.example.com/refunds to follow it.", Unsupported::kFact},
         {"Write to boss@example.com to follow it.", Unsupported::kFact},
         {"The money goes back to the PayPal card that you paid with.", Unsupported::kFact},
         {"We send refunds on 2026-03-01.", Unsupported::kFact},
         // Letters that are not read must be there, too.
         {"Exchanges take 14 days гарантия.", Unsupported::kFact}},
        {kRefunds});
  Check({{"Enter the code E43.", Unsupported::kFact},
         {"Open the Hue app and choose add lamp.", Unsupported::kFact},
         {"Hold the button for 10 seconds.", Unsupported::kFact}},
        {kPairing});
  Check({{"我们会在三个工作日内退款。", Unsupported::kFact},
         {"我们会在五天内退款。", Unsupported::kFact},
         {"运费为 30 元。", Unsupported::kFact},
         {"运费为 20 美元。", Unsupported::kFact},
         {"退款需要 14 天。", Unsupported::kFact},
         {"长按按钮 9 秒。", Unsupported::kFact},
         {"然后打开 Hue 应用。", Unsupported::kFact}},
        {kZh});
}

TEST_CASE("the opposite of what the passage says has no support") {
  Check({{"Engraved lamps can be refunded.", Unsupported::kNegation},
         {"Refunds are possible for lamps that were engraved.", Unsupported::kNegation},
         {"The money does not go back to the card that you paid with.", Unsupported::kNegation}},
        {kRefunds});
  Check({{"Unplug the lamp before the light is green.", Unsupported::kNegation},
         {"Do not unplug the lamp after the light is green.", Unsupported::kNegation},
         {"Never open the Lumen app.", Unsupported::kNegation}},
        {kPairing});
  Check({{"刻字的台灯可以退款。", Unsupported::kNegation},
         {"钱不会退回您付款时使用的银行卡。", Unsupported::kNegation},
         {"长按按钮七秒，然后关闭 Lumen 应用。", Unsupported::kNegation}},
        {kZh});
}

TEST_CASE("promises and steps that the passage does not make have no support") {
  Check({{"We guarantee refunds within 5 working days after the lamp has arrived.",
          Unsupported::kPromise},
         {"We always send the money back to the card that you paid with.", Unsupported::kPromise},
         {"The money goes back to the card that you paid with immediately.", Unsupported::kPromise},
         {"We will give you a new lamp and a voucher.", Unsupported::kWords},
         {"Our manager calls you tomorrow.", Unsupported::kWords}},
        {kRefunds});
  Check({{"Hold the button for 5 seconds, then restart your phone.", Unsupported::kWords},
         {"Open the Lumen app and delete your account.", Unsupported::kWords},
         // Nearly all of it is supported.
         {"Hold the button for 5 seconds until the light blinks, then open the Lumen app, choose "
          "add lamp, and restart your phone.",
          Unsupported::kWords},
         {"Reset the router.", Unsupported::kWords}},
        {kPairing});
  Check({{"我们保证在五个工作日内退款。", Unsupported::kPromise},
         {"钱会立即退回您付款时使用的银行卡。", Unsupported::kPromise},
         {"我们会给您寄一盏新的落地灯。", Unsupported::kWords},
         {"长按按钮七秒，然后重启您的手机。", Unsupported::kWords}},
        {kZh});
}

TEST_CASE("a sentence that says nothing is neither kept nor held against the others") {
  Check({{"Sure!", Unsupported::kSilent},
         {"I hope so.", Unsupported::kSilent},
         {"好的。", Unsupported::kSilent},
         {"...", Unsupported::kSilent}},
        {kRefunds});
}

TEST_CASE("support says which passage holds the sentence, and where") {
  const Support support =
      FindSupport("Hold the button for 5 seconds and open the Lumen app.", {kRefunds, kPairing});
  REQUIRE(support.ok());
  CHECK(support.passage == 1);
  CHECK(kPairing.text.substr(support.begin, support.end - support.begin) ==
        "Hold the button for 5 seconds until the light blinks.\n"
        "2. Open the Lumen app and choose \"Add lamp\".");
  CHECK(FindSupport("Hold the button.", {}).unsupported == Unsupported::kWords);
}

TEST_CASE("where meaning vouches for it, more may be said in other words") {
  const char* sentence = "Your money returns to the bank card that you paid with.";
  const Support strict = FindSupport(sentence, {kRefunds});
  INFO(strict.coverage);
  CHECK(strict.unsupported == Unsupported::kWords);
  CHECK(FindSupport(sentence, {kRefunds}, kMinCoverageByMeaning).ok());
}

TEST_CASE("statements are read alike in both languages") {
  const Statement english = ParseStatement("Pay $1,000.50 within two weeks, not on 2026-03-01.");
  REQUIRE(english.quantities.size() == 3);
  CHECK(english.quantities[0].value == "1000.50");
  CHECK(english.quantities[0].unit == "usd");
  CHECK(english.quantities[1].value == "2");
  CHECK(english.quantities[1].unit == "week");
  CHECK(english.quantities[1].bound == Bound::kUpper);
  CHECK(english.quantities[2].value == "2026-03-01");
  CHECK(english.negated);
  const Statement chinese = ParseStatement("请在两周内支付１０００元，不要超过三十天。");
  REQUIRE(chinese.quantities.size() == 3);
  CHECK(chinese.quantities[0].value == "2");
  CHECK(chinese.quantities[0].unit == "week");
  CHECK(chinese.quantities[0].bound == Bound::kUpper);
  CHECK(chinese.quantities[1].value == "1000");
  CHECK(chinese.quantities[1].unit == "cny");
  CHECK(chinese.quantities[2].value == "30");
  CHECK(chinese.quantities[2].unit == "day");
  CHECK(SentenceParts("1. Do it. 2. See?\n\n## End\n- one\n好。再见！").size() == 6);
  // Bytes that are no text do no harm.
  CHECK_NOTHROW(ParseStatement("\xE4\xBD bad \xFF\xFE 5"));
}
