#include "services/dialog/domain/wish.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace frontdesk::dialog {
namespace {

using common::v1::PRIORITY_P0;
using common::v1::PRIORITY_P1;
using common::v1::PRIORITY_UNSPECIFIED;

// The texts are match keys already: lower case, half width.
TEST_CASE("a wish for a person is heard in English and Chinese") {
  const std::vector<std::string> wishes = {
      "talk to a human",
      "can i please speak with a real person?",
      "agent please",
      "human",
      "i want to talk to a customer service representative",
      "let me speak to your manager",
      "connect me to an operator",
      "get me a human agent now",
      "i don\u2019t want to talk to a bot, give me a human",
      "real person please",
      "转人工",
      "我要转人工客服",
      "人工客服",
      "麻烦帮我找真人",
      "找人工",
      "能不能接人工?",
      "人工",
      "轉人工",
      "请帮我转 人工",
  };
  for (const std::string& wish : wishes) {
    INFO(wish);
    CHECK(ReadWish(wish).wants_person);
  }
}

TEST_CASE("what only sounds like a wish for a person is none") {
  const std::vector<std::string> others = {
      "how do i get a refund?",
      "the agent was rude yesterday",
      "i don't want to talk to a human",
      "is there a human rights policy?",
      "what is a shipping agent?",
      "人工智能是什么",
      "不要转人工",
      "我不需要人工客服",
      "怎么退款",
      "这个是人工费用吗",
  };
  for (const std::string& other : others) {
    INFO(other);
    CHECK_FALSE(ReadWish(other).wants_person);
  }
}

TEST_CASE("a wish that says more than itself is a matter of its own") {
  CHECK(ReadWish("agent please").only_wish);
  CHECK(ReadWish("转人工").only_wish);
  CHECK_FALSE(
      ReadWish("my parcel never arrived and nobody answers, let me talk to a person").only_wish);
  CHECK_FALSE(ReadWish("我的快递三天没有更新了也没人理我，转人工").only_wish);
}

TEST_CASE("thanks and endings are heard when nothing else is said") {
  struct Case {
    std::string text;
    bool thanks;
    bool solved;
  };
  const std::vector<Case> cases = {
      {"thanks", true, false},
      {"thank you so much!", true, false},
      {"谢谢", true, false},
      {"好的，谢谢你", true, false},
      {"that worked", false, true},
      {"great, problem solved, thanks", true, true},
      {"解决了，谢谢", true, true},
      {"thanks, but how do i cancel it?", false, false},
      {"it is not solved", false, false},
      {"thanks. it still does not work", false, false},
      {"没有解决，谢谢", false, false},
      {"谢谢，请问怎么退款", false, false},
      {"谢谢，还没解决", false, false},
      {"how do i say thanks to my courier for the wonderful work", false, false},
  };
  for (const Case& test : cases) {
    INFO(test.text);
    const Wish wish = ReadWish(test.text);
    CHECK(wish.thanks == test.thanks);
    CHECK(wish.solved == test.solved);
  }
}

TEST_CASE("a greeting is one only when it is alone") {
  for (const char* text : {"hi", "hello!", "good morning", "hey there", "你好", "您好！", "在吗"}) {
    INFO(text);
    CHECK(ReadWish(text).greeting);
  }
  for (const char* text :
       {"hello how do i get a refund", "你好，我想问一下怎么退款", "refund", ""}) {
    INFO(text);
    CHECK_FALSE(ReadWish(text).greeting);
  }
}

TEST_CASE("urgency is read from the words") {
  struct Case {
    std::string text;
    common::v1::Priority urgency;
  };
  const std::vector<Case> cases = {
      {"my account was hacked", PRIORITY_P0},
      {"someone stole my money, this is fraud", PRIORITY_P0},
      {"我的账号被盗了", PRIORITY_P0},
      {"信用卡被盗刷", PRIORITY_P0},
      {"my payment failed", PRIORITY_P1},
      {"you charged me twice", PRIORITY_P1},
      {"this is unacceptable", PRIORITY_P1},
      {"扣款了没发货", PRIORITY_P1},
      {"我要投诉", PRIORITY_P1},
      {"how do i change my address", PRIORITY_UNSPECIFIED},
      {"i want to pursue a refund", PRIORITY_UNSPECIFIED},
      {"怎么修改地址", PRIORITY_UNSPECIFIED},
  };
  for (const Case& test : cases) {
    INFO(test.text);
    CHECK(ReadWish(test.text).urgency == test.urgency);
  }
  CHECK(MoreUrgent(PRIORITY_P1, PRIORITY_P0) == PRIORITY_P0);
  CHECK(MoreUrgent(PRIORITY_UNSPECIFIED, PRIORITY_P1) == PRIORITY_P1);
  CHECK(MoreUrgent(PRIORITY_P1, PRIORITY_UNSPECIFIED) == PRIORITY_P1);
}

}  // namespace
}  // namespace frontdesk::dialog
