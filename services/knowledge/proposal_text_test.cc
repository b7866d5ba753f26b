#include "services/knowledge/proposal_text.h"

#include <catch2/catch.hpp>

#include "libs/base/utf8.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using Author = process::Transcript::Author;

TEST_CASE("personal data leaves a text, what helps others stays") {
  const struct {
    const char* text;
    const char* without;
  } cases[] = {
      {"Write to ada@example.com please", "Write to [email] please"},
      {"Call +1 415 555 2671 now", "Call [phone] now"},
      {"我的手机是13812345678", "我的手机是[phone]"},
      {"my order no. A1029-8877 is late", "my order no. [order] is late"},
      {"订单号：FD-20260101-1234", "订单号：[order]"},
      {"Hello Mr Smith, hold the button", "Hello Mr [name], hold the button"},
      {"王女士您好", "[name]您好"},
      {"it goes to 12 Baker Street", "it goes to [address]"},
      {"寄到浙江省杭州市西湖区文三路88号", "寄到[address]"},
      {"杭州市的客户", "杭州市的客户"},
      {"my password is hunter22.", "my password is [secret]."},
      {"验证码是834921", "验证码是[secret]"},
      {"If the password is wrong, reset it", "If the password is wrong, reset it"},
      {"密码是错的", "密码是错的"},
      {"Thanks Ada, it works", "Thanks [name], it works"},
      {"hi ada!", "hi [name]!"},
      {"This is Mia from support", "This is [name] from support"},
      {"This is Windows 10", "This is Windows 10"},
      {"Product name: Lumen Hub", "Product name: Lumen Hub"},
      {"Best regards,\nMia Miller", "Best regards,\n[name]"},
      {"我是李雷，打不开应用", "我是[name]，打不开应用"},
      {"我是新用户", "我是新用户"},
      {"张伟您好", "[name]您好"},
      {"open https://example.com/reset?token=abc&u=1 now", "open https://example.com/reset now"},
      {"Hold the button for 5 seconds", "Hold the button for 5 seconds"},
      {"Refunds take 3 to 5 days, 20 EUR", "Refunds take 3 to 5 days, 20 EUR"},
      {"Hi there, thanks", "Hi there, thanks"},
      {"Dear customer, thanks", "Dear customer, thanks"},
      {"[phone] and [name]", "[phone] and [name]"},
  };
  for (const auto& one : cases) {
    INFO(one.text);
    CHECK(WithoutPersonalData(one.text, NamesIn(one.text)) == one.without);
    // Nothing is left to be found, and what is clean stays so.
    CHECK(WithoutPersonalData(one.without, NamesIn(one.without)) == one.without);
  }
}

TEST_CASE("a name that was said once is gone everywhere, words that hold it are not") {
  process::Transcript transcript;
  transcript.subject = "Lamp of Ada";
  transcript.turns = {
      {Author::kCustomer, "My name is Ada Lovelace. How do I pair the Adapter?", {}},
      {Author::kBot, "I don't know, Ada.", {}},
      {Author::kAgent, "Hi Ada, hold the button. Then Lovelace taps Pair.", {}}};
  const PlainTranscript plain = Depersonalize(transcript);
  CHECK(plain.locale == "en");
  CHECK(plain.subject == "Lamp of [name]");
  REQUIRE(plain.turns.size() == 2);
  CHECK(plain.turns[0].sentences ==
        std::vector<std::string>{"My name is [name].", "How do I pair the Adapter?"});
  CHECK(plain.turns[1].sentences[0] == "Hi [name], hold the button.");
  CHECK(plain.turns[1].sentences[1] == "Then [name] taps Pair.");

  transcript.turns = {{Author::kCustomer, "我叫王小明，台灯连不上。", {}},
                      {Author::kAgent, "王小明您好！请长按按钮。", {}}};
  const PlainTranscript chinese = Depersonalize(transcript);
  CHECK(chinese.locale == "zh");
  CHECK(chinese.turns[0].sentences[0] == "我叫[name]，台灯连不上。");
  CHECK(chinese.turns[1].sentences[0] == "[name]您好！");
}

TEST_CASE("whatever a transcript holds, what is read of it is bounded and well-formed") {
  process::Transcript transcript;
  CHECK(Depersonalize(transcript).turns.empty());
  transcript.turns = {{Author::kCustomer, "\x01\x02Why\x00?\xFF\xFE it fails\x1b[0m", {}},
                      {Author::kAgent, std::string(100 << 10, 'x'), {}},
                      {Author::kCustomer, "", {}},
                      {Author::kCustomer, std::string(50'000, '\xE4'), {}}};
  for (int i = 0; i < 500; ++i) transcript.turns.push_back({Author::kBot, "No.", {}});
  CHECK(Depersonalize(transcript).turns.empty());  // the newest 200 are a bot's
  transcript.turns.resize(4);
  const PlainTranscript plain = Depersonalize(transcript);
  size_t bytes = 0;
  for (const SpokenTurn& turn : plain.turns) {
    for (const std::string& sentence : turn.sentences) {
      CHECK(IsValidUtf8(sentence));
      CHECK(sentence.find_first_of(std::string("\x01\x02\x1b\n\t", 5)) == std::string::npos);
      bytes += sentence.size();
    }
  }
  CHECK(bytes > 4000);
  CHECK(bytes < 3 * kMaxTurnBytesRead);
}

TEST_CASE("personal data that a person wrote into a proposal is found where it stands") {
  v1::ArticleContent content;
  content.set_title("Call 13812345678");
  content.add_questions("Where is it?");
  content.add_questions("Is Ms Smith there?");
  content.set_body("1. Write to ada@example.com about [order].\n2. See https://a.example/?x=1");
  const auto found = FindPersonalData(content);
  REQUIRE(found.size() == 3);
  CHECK(found[0].field == "title");
  CHECK(found[0].kind == "[phone]");
  CHECK(content.title().substr(static_cast<size_t>(found[0].start_byte)) == "13812345678");
  CHECK(found[1].field == "questions[1]");
  CHECK(found[1].kind == "[name]");
  CHECK(found[2].field == "body");
  CHECK(found[2].kind == "[email]");
  content.set_title("Call [phone]");
  content.mutable_questions()->RemoveLast();
  content.set_body("1. Open the app.");
  CHECK(FindPersonalData(content).empty());
}
