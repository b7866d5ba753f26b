#include "libs/text/normalize.h"

#include <string>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "absl/time/clock.h"
#include "libs/base/error.h"
#include "libs/base/utf8.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

std::string Clean(std::string_view text) {
  absl::StatusOr<std::string> clean = CleanMessage(text, kMaxTextBytes);
  INFO(clean.status().ToString());
  REQUIRE(clean.ok());
  return *clean;
}

std::string Repeat(std::string_view piece, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += piece;
  return out;
}

TEST_CASE("ICU's normalisation data is there") { REQUIRE(CheckUnicodeData().ok()); }

TEST_CASE("a cleaned message reads as it was written") {
  REQUIRE(Clean("你好，我要退款！ Hello\tworld\nline 2") ==
          "你好，我要退款！ Hello\tworld\nline 2");
  REQUIRE(Clean("１２３ ＡＢＣ") == "１２３ ＡＢＣ");
  REQUIRE(Clean("").empty());
}

TEST_CASE("a cleaned message is canonically composed") {
  REQUIRE(Clean("cafe\u0301") == "caf\u00e9");
  REQUIRE(Clean("\uFB01") == "\uFB01");  // a ligature is a compatibility form and stays
}

TEST_CASE("all line ends become a newline") {
  REQUIRE(Clean("a\r\nb\rc\u0085d\u2028e\u2029f\n") == "a\nb\nc\nd\ne\nf\n");
  REQUIRE(Clean("\r\r\n\n") == "\n\n\n");
}

TEST_CASE("what nobody can see is removed") {
  REQUIRE(Clean(std::string("a\0b\x01\x1b[31m\x7f", 10)) == "ab[31m");
  REQUIRE(Clean("pass\u200Bword\uFEFF \u00ADsoft\u2060") == "password soft");
  REQUIRE(Clean("abc\u202Etxt.exe\u2066x\u2069") == "abctxt.exex");
  REQUIRE(Clean("\uFDD0x\U0001FFFF") == "x");
  REQUIRE(Clean("hi\U000E0041\U000E0042") == "hi");  // hidden ASCII in tag characters
}

TEST_CASE("emoji sequences and flags survive cleaning") {
  const std::string family = "👨\u200D👩\u200D👧";
  const std::string scotland = "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F";
  REQUIRE(Clean(family) == family);
  REQUIRE(Clean(scotland) == scotland);
  REQUIRE(Clean("❤\uFE0F") == "❤\uFE0F");
  REQUIRE(Clean(scotland + "\U000E0041") == scotland);
}

TEST_CASE("cleaning refuses what is too long or not UTF-8, and says which") {
  absl::StatusOr<std::string> longer = CleanMessage("123456", 5);
  REQUIRE(longer.status().code() == absl::StatusCode::kResourceExhausted);
  REQUIRE(ReasonOf(longer.status()) == "MESSAGE_TOO_LARGE");
  REQUIRE(CleanMessage("12345", 5).ok());
  REQUIRE_FALSE(CleanMessage(std::string(kMaxTextBytes + 1, 'x'), kMaxTextBytes * 2).ok());
  // U+0958 grows from three to six bytes under NFC.
  REQUIRE(CleanMessage("\u0958", 3).status().code() == absl::StatusCode::kResourceExhausted);

  for (std::string_view bad :
       {"a\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe4\xbd", "\xf4\x90\x80\x80"}) {
    absl::StatusOr<std::string> refused = CleanMessage(bad, 100);
    REQUIRE(refused.status().code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(ReasonOf(refused.status()) == "INVALID_FIELD");
  }
  REQUIRE(DetailsOf(CleanMessage("ab\xff", 100).status()).fields[0].second.find("byte 2") !=
          std::string::npos);
}

TEST_CASE("cleaning twice is cleaning once, and gives UTF-8") {
  REQUIRE(rc::check([](const std::vector<char32_t>& points) {
    std::string text;
    for (char32_t p : points) {
      // Marks, spaces, scripts and symbols; half and full width.
      const char32_t c = p % 2 == 0 ? p % 0x3400 : 0xFF00 + p % 0xF0;
      if (c < 0x80) {
        text += static_cast<char>(c);
      } else if (c < 0x800) {
        text += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 63))};
      } else {
        text += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 63)),
                 static_cast<char>(0x80 | (c & 63))};
      }
    }
    const std::string once = Clean(text);
    RC_ASSERT(IsValidUtf8(once));
    RC_ASSERT(Clean(once) == once);
    RC_ASSERT(MatchKey(MatchKey(text)) == MatchKey(text));
  }));
}

TEST_CASE("ASCII has the key that it has beside other letters") {
  REQUIRE(rc::check([](const std::vector<uint8_t>& bytes) {
    std::string text = "x";
    for (uint8_t byte : bytes) text += static_cast<char>(byte & 0x7F);
    RC_ASSERT(MatchKey(text + "x\u4F60") == MatchKey(text + "x") + "\u4F60");
  }));
  REQUIRE(MatchKey(" \tA \x1F B\x7F"
                   "C  ") == "a b c");
}

TEST_CASE("the match key joins what a person would call the same") {
  REQUIRE(MatchKey("ＨＥＬＬＯ　World") == "hello world");
  REQUIRE(MatchKey("  Straße\t\n") == "strasse");
  REQUIRE(MatchKey("ﬁne") == "fine");
  REQUIRE(MatchKey("①２³") == "123");
  REQUIRE(MatchKey("pass\u200Bword") == "password");
  REQUIRE(MatchKey("CAFÉ") == MatchKey("cafe\u0301"));
  REQUIRE(MatchKey("你好，世界") == MatchKey("你好,世界"));
  REQUIRE(MatchKey("ｶﾞ") == "ガ");
  REQUIRE(MatchKey("退款") != MatchKey("退货"));
  REQUIRE(MatchKey(" \u3000\n").empty());
}

TEST_CASE("the match key takes any bytes") {
  REQUIRE(MatchKey("a\xff"
                   "b") ==
          "a\uFFFD"
          "b");
  REQUIRE(MatchKey(std::string(kMaxTextBytes + 10, 'x')).size() == kMaxTextBytes);
}

TEST_CASE("width folding changes width only") {
  REQUIRE(FoldWidth("Ｔｅｌ：１３８　ABC ﬁ ①") == "Tel:138 ABC ﬁ ①");
  REQUIRE(FoldWidth("￥１００") == "¥100");
}

TEST_CASE("long runs of combining marks are cut, so that normalising stays linear") {
  // Two classes in the wrong order: reordering them one by one would be quadratic.
  const std::string marks = Repeat("\u0301", 130'000) + Repeat("\u0323", 130'000);
  REQUIRE(Clean("a" + marks).size() < 100);
  REQUIRE(MatchKey("a" + marks).size() < 100);
}

}  // namespace
}  // namespace frontdesk::text
