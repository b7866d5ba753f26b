#include "libs/text/mask.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "absl/time/clock.h"
#include "libs/base/error.h"
#include "libs/text/limits.h"
#include "libs/text/mask_rules.h"

namespace frontdesk::text {
namespace {

MaskedText Mask(std::string_view text) {
  absl::StatusOr<MaskedText> masked = MaskPersonalData(text);
  INFO(masked.status().ToString());
  REQUIRE(masked.ok());
  return *masked;
}

struct Case {
  std::string_view text;
  std::string_view masked;
};

void CheckAll(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(Mask(c.text).text == c.masked);
  }
}

void CheckUntouched(const std::vector<std::string_view>& texts) {
  for (std::string_view text : texts) CHECK(Mask(text).text == text);
}

std::string DigitsOf(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

TEST_CASE("Chinese mobile numbers are masked in every way people write them") {
  CheckAll({
      {"我的手机号是13812345678，请回电", "我的手机号是[phone]，请回电"},
      {"手机13812345678", "手机[phone]"},
      {"138 1234 5678", "[phone]"},
      {"138-1234-5678", "[phone]"},
      {"138.1234.5678", "[phone]"},
      {"138·1234·5678", "[phone]"},
      {"138 12345678", "[phone]"},
      {"1 3 8 1 2 3 4 5 6 7 8", "[phone]"},
      {"13 81 23 45 67 8", "[phone]"},
      {"１３８１２３４５６７８", "[phone]"},
      {"１３８－１２３４－５６７８", "[phone]"},
      {"138\u200B1234\u200B5678", "[phone]"},
      {"1\uFE0F\u20E33\uFE0F\u20E38\uFE0F\u20E312345678", "[phone]"},
      {"+86 138 1234 5678", "[phone]"},
      {"+8613812345678", "[phone]"},
      {"＋８６ １３８１２３４５６７８", "[phone]"},
      {"(+86)13812345678", "[phone]"},
      {"(+86) 138-1234-5678", "[phone]"},
      {"8613812345678", "[phone]"},
      {"86-13812345678", "[phone]"},
      {"0086 138 1234 5678", "[phone]"},
      {"013812345678", "[phone]"},
      {"tel13812345678", "tel[phone]"},
      {"TEL:13812345678", "TEL:[phone]"},
      {"Tel-13812345678", "Tel-[phone]"},
      {"微信同号：19912345678。", "微信同号：[phone]。"},
      {"（13812345678）", "（[phone]）"},
      {"13812345678/13912345678", "[phone]/[phone]"},
      {"13812345678,13912345678", "[phone],[phone]"},
      {"13812345678 13912345678", "[phone] [phone]"},
      {"1.13812345678 2.13912345678", "1.[phone] 2.[phone]"},
      {"13812345678is my number", "[phone]is my number"},
      {"call me at +86 138 1234 5678 10 times", "call me at [phone] 10 times"},
      {"订单号13812345678", "订单号[phone]"},
  });
}

TEST_CASE("fixed lines with an area code are masked") {
  CheckAll({
      {"座机010-62345678转8001", "座机[phone]转8001"},
      {"(010) 62345678", "[phone]"},
      {"（０１０）６２３４５６７８", "[phone]"},
      {"0571-87654321", "[phone]"},
      {"0755 8765 4321", "[phone]"},
      {"+86 10 6234 5678", "[phone]"},
      {"86-10-62345678", "[phone]"},
      {"电话01062345678", "电话[phone]"},
  });
}

TEST_CASE("North American and international numbers are masked") {
  CheckAll({
      {"Call me at (212) 555-0123, please", "Call me at [phone], please"},
      {"212-555-0123", "[phone]"},
      {"212.555.0123", "[phone]"},
      {"212 555 0123", "[phone]"},
      {"1-212-555-0123", "[phone]"},
      {"+1 (212) 555-0123", "[phone]"},
      {"+12125550123", "[phone]"},
      {"my number is 2125550123", "my number is [phone]"},
      {"my phone number: 2125550123", "my phone number: [phone]"},
      {"+44 20 7946 0958", "[phone]"},
      {"0044 20 7946 0958", "[phone]"},
      {"011 44 20 7946 0958", "[phone]"},
      {"+49 30 123456", "[phone]"},
      {"+852 5123 4567", "[phone]"},
      {"+81-3-1234-5678", "[phone]"},
      {"+33 6 12 34 56 78!", "[phone]!"},
      {"+91 98765 43210", "[phone]"},
  });
}

TEST_CASE("e-mail addresses are masked") {
  CheckAll({
      {"Write to jane.doe+shop@mail.example.co.uk.", "Write to [email]."},
      {"邮箱是zhang_san@163.com谢谢", "邮箱是[email]谢谢"},
      {"13812345678@139.com", "[email]"},
      {"<a-b@c-d.org>", "<[email]>"},
      {"a@b.cn,c@d.cn", "[email],[email]"},
      {"ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "[email]"},
      {"'bob@example.com'", "'[email]'"},
      {"O'Neil@example.com", "[email]"},
      {"email=bob@example.com", "email=[email]"},
      {"jürgen@müller.de", "[email]"},
      {"почта@пример.рф", "[email]"},
      {"bob@xn--fiqs8s.xn--fiqs8s", "[email]"},
      {"jane@exam\u200Bple.com", "[email]"},
      {"mailto:JANE@EXAMPLE.COM?subject=x", "mailto:[email]?subject=x"},
  });
  CheckUntouched(
      {"@jane", "jane@", "a @ b", "user@localhost", "5@3.50 each", "@所有人 你好", "a@b.c"});
}

TEST_CASE("payment cards are masked when the Luhn sum holds") {
  CheckAll({
      {"card 4111111111111111", "card [card]"},
      {"4111 1111 1111 1111", "[card]"},
      {"4111-1111-1111-1111", "[card]"},
      {"４１１１　１１１１　１１１１　１１１１", "[card]"},
      {"5500005555555559 exp 12/29", "[card] exp 12/29"},
      {"3782 822463 10005", "[card]"},
      {"378282246310005", "[card]"},
      {"3056 930902 5904", "[card]"},
      {"银行卡6222021234567890128已扣款", "银行卡[card]已扣款"},
      {"6222 0212 3456 7890 128", "[card]"},
      {"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card]"},
      {"41 11 11 11 11 11 11 11", "[card]"},
      {"VISA4111111111111111", "VISA[card]"},
      {"4111111111111111,cvv 123", "[card],cvv 123"},
  });
  CheckUntouched(
      {"4111111111111112", "4111 1111 1111 1112", "0.4111111111111111", "41111111111111111111111"});
}

TEST_CASE("Chinese identity numbers are masked when date and check character hold") {
  CheckAll({
      {"身份证11010519491231002X", "身份证[id]"},
      {"身份证号：11010519491231002x。", "身份证号：[id]。"},
      {"440524188001010014", "[id]"},
      {"110105 19491231 002X", "[id]"},
      {"110105-19491231-002X", "[id]"},
      {"１１０１０５１９４９１２３１００２Ｘ", "[id]"},
      {"11010519491231002Ⅹ", "[id]"},
      {"ID11010519491231002X", "ID[id]"},
      {"440524188001010014和13812345678", "[id]和[phone]"},
  });
  CheckUntouched({"110105194912310021", "11010519491331002X", "99010519491231002X"});
  REQUIRE(IsResidentNumber("11010519491231002X"));
  REQUIRE_FALSE(IsResidentNumber("110105194912310029"));
  REQUIRE_FALSE(IsResidentNumber("11010519490229002X"));
}

TEST_CASE("order numbers, codes and hashes stay") {
  CheckUntouched({
      "FD-20260101-1234",
      "订单FD-20260101-1234什么时候到",
      "FD-13812345678",
      "FD13812345678",
      "order #2125550123",
      "order number is 2125550123",
      "订单号：2125550123",
      "工单 2125550123",
      "单号2026010112345678",
      "SF1234567890123",
      "快递单号 YT7654321098765",
      "SKU 2125550123",
      "item?id=2125550123&x=1",
      "550e8400-e29b-41d4-a716-446655440000",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "a3f13812345678",
      "9c13812345678f",
      "ISBN 978-7-302-51234-5",
      "tenants/t1/tickets/01hxyz0123456789abcdefghjk",
  });
}

TEST_CASE("prices, dates, times and other numbers stay") {
  CheckUntouched({
      "¥1299.00",
      "$ 2125550123",
      "total 2125550123 USD",
      "￥2125550123",
      "2125550123元",
      "1,234,567,890.12",
      "13,812,345,678",
      "2026-01-01 12:30:45",
      "2026-01-01 12:30 - 13:45",
      "2026/01/01",
      "20260101",
      "2026010112",
      "20260101123045",
      "1735689600",
      "1735689600123",
      "12:30",
      "192.168.100.200",
      "10.0.0.1:8080",
      "3.14159265358979",
      "0.13812345678",
      "版本 1.2.3",
      "买了3件，共199元",
      "100% of 50 kg at 20 C",
      "8天后还要等10天",
      "39.9042, 116.4074",
      "128811111111",
      "1381234567",
      "138123456789012",
      "12345678",
      "房间 1 2 3",
  });
}

TEST_CASE("hotlines are nobody's number and stay") {
  CheckUntouched(
      {"400-800-1234", "4008001234", "800-820-8820", "1-800-555-0199", "95588", "10086"});
}

TEST_CASE("an earlier kind takes what a later one wants, too") {
  const MaskedText masked =
      Mask("联系 zhang@163.com 或 138 1234 5678，证件11010519491231002X，卡4111111111111111");
  REQUIRE(masked.text == "联系 [email] 或 [phone]，证件[id]，卡[card]");
  REQUIRE(masked.spans.size() == 4);
  REQUIRE(masked.spans[0] == MaskSpan{MaskKind::kEmail, 7, 20});
  REQUIRE(masked.spans[1].kind == MaskKind::kPhone);
  REQUIRE(masked.spans[2].kind == MaskKind::kId);
  REQUIRE(masked.spans[3].kind == MaskKind::kCard);
}

TEST_CASE("spans are byte ranges of the original") {
  const std::string text = "电话：(212) 555-0123。";
  const MaskedText masked = Mask(text);
  REQUIRE(masked.spans.size() == 1);
  REQUIRE(text.substr(masked.spans[0].begin, masked.spans[0].end - masked.spans[0].begin) ==
          "(212) 555-0123");
  REQUIRE(Mask("nothing here").spans.empty());
  REQUIRE(Mask("").text.empty());
}

TEST_CASE("masking refuses what is too long or not UTF-8") {
  REQUIRE(MaskPersonalData("13812345678\xff").status().code() ==
          absl::StatusCode::kInvalidArgument);
  const absl::Status longer = MaskPersonalData(std::string(kMaxTextBytes + 1, '1')).status();
  REQUIRE(longer.code() == absl::StatusCode::kResourceExhausted);
  REQUIRE(ReasonOf(longer) == "MESSAGE_TOO_LARGE");
}

// Pieces that meet the rules at their edges.
rc::Gen<std::string> Noise() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                          "1", "13", "138", "1234", "5678", "13812345678", "4111", "1111", "86",
                          "0", "010", "+", "-", " ", ".", "(", ")", "，", "元", "¥", "A", "FD", "x",
                          "X", "@", "a@b.cn", "\u200B", "１", "#", "订单", "tel", "/", "_", ":",
                          "\n", "11010519491231002", "4111111111111111", "212", "5550123")),
                      [](const std::vector<std::string>& pieces) {
                        std::string out;
                        for (const std::string& piece : pieces) out += piece;
                        return out;
                      });
}

TEST_CASE("a masked text masks to itself") {
  REQUIRE(rc::check([] {
    const std::string text = *Noise() + *Noise() + *Noise();
    const std::string once = Mask(text).text;
    RC_ASSERT(Mask(once).text == once);
  }));
}

TEST_CASE("spans rise, do not overlap, lie inside the text and explain the masked text") {
  REQUIRE(rc::check([] {
    const std::string text = *Noise() + *Noise();
    const MaskedText masked = Mask(text);
    std::string rebuilt;
    size_t from = 0;
    for (const MaskSpan& span : masked.spans) {
      RC_ASSERT(span.begin >= from);
      RC_ASSERT(span.end > span.begin);
      RC_ASSERT(span.end <= text.size());
      rebuilt += text.substr(from, span.begin - from);
      rebuilt += PlaceholderOf(span.kind);
      from = span.end;
    }
    RC_ASSERT(rebuilt + text.substr(from) == masked.text);
  }));
}

TEST_CASE("the digits of a mobile number never survive, whatever stands around it") {
  REQUIRE(rc::check([] {
    std::string number = "1" + std::to_string(*rc::gen::inRange(3, 10));
    for (int i = 0; i < 9; ++i) number += static_cast<char>('0' + *rc::gen::inRange(0, 10));
    const auto separator = *rc::gen::element<std::string>("", " ", "-", ".", " - ", "\u200B", "　");
    const auto before = *rc::gen::element<std::string>(
        "", "电话", "tel: ", "我是张三，", "Hi. ", "(", "\n", "订单FD-20260101-1234 ", "共3件 ");
    const auto after =
        *rc::gen::element<std::string>("", "。", " thanks", "谢谢", ")", ", 2 pcs", "\n12:30");
    const std::string written =
        number.substr(0, 3) + separator + number.substr(3, 4) + separator + number.substr(7);
    const MaskedText masked = Mask(before + written + after);
    RC_ASSERT(masked.text == before + "[phone]" + after);
    RC_ASSERT(DigitsOf(masked.text).find(number) == std::string::npos);
  }));
}

TEST_CASE("the digits of a card never survive") {
  REQUIRE(rc::check([] {
    std::string digits = *rc::gen::element<std::string>("4", "51", "62");
    while (digits.size() < 15) digits += static_cast<char>('0' + *rc::gen::inRange(0, 10));
    for (char c = '0'; c <= '9'; ++c) {
      if (LuhnHolds(digits + c)) {
        digits += c;
        break;
      }
    }
    RC_ASSERT(digits.size() == 16U);
    const auto separator = *rc::gen::element<std::string>("", " ", "-");
    std::string written;
    for (size_t i = 0; i < 16; i += 4) written += (i == 0 ? "" : separator) + digits.substr(i, 4);
    RC_ASSERT(DigitsOf(Mask("pay with " + written + " 谢谢").text).empty());
  }));
}

TEST_CASE("a mebibyte of anything is masked in bounded time") {
  const auto fill = [](std::string_view piece) {
    std::string text;
    while (text.size() + piece.size() <= kMaxTextBytes) text += piece;
    return text;
  };
  std::string numbers;
  for (uint64_t i = 0; numbers.size() + 20 <= kMaxTextBytes; ++i) {
    numbers += fmt::format("+1 212 {:07} ", (i * 7919) % 10'000'000);
  }
  for (const std::string& text :
       {fill("1"), fill("1 "), fill("1-"), fill("138 1234 5678 "), fill("a@"), fill("a@b.1."),
        fill("@"), fill("a."), fill("4111 1111 1111 1112 "), fill("+1 "), fill("00 "), fill("(1)"),
        fill("１３８"), fill("order 2125550123 "), numbers}) {
    CAPTURE(text.substr(0, 20));
    REQUIRE(MaskPersonalData(text).ok());
  }
}

}  // namespace
}  // namespace frontdesk::text
