#include "libs/text/segment.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "absl/time/clock.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

using Pieces = std::vector<std::string>;

TEST_CASE("ICU's segmentation data is there") { REQUIRE(CheckSegmentationData().ok()); }

TEST_CASE("English words are cut at spaces and punctuation") {
  REQUIRE(Words("I can't log in, please help!") ==
          Pieces{"I", "can't", "log", "in", "please", "help"});
  REQUIRE(Words("costs 3.14 or 1,000") == Pieces{"costs", "3.14", "or", "1,000"});
  REQUIRE(Words(" ... \n").empty());
  REQUIRE(Words("").empty());
}

TEST_CASE("Chinese words are cut by dictionary") {
  REQUIRE(Words("我想退款") == Pieces{"我想", "退款"});
  REQUIRE(Words("请问，如何修改密码？") == Pieces{"请问", "如何", "修改", "密码"});
}

TEST_CASE("mixed text is cut in one go") {
  REQUIRE(Words("我的iPhone无法login，请帮忙") ==
          Pieces{"我的", "iPhone", "无法", "login", "请", "帮忙"});
}

TEST_CASE("sentences end at Chinese and English marks and at newlines") {
  REQUIRE(Sentences("你好。我要退款！可以吗？") == Pieces{"你好。", "我要退款！", "可以吗？"});
  REQUIRE(Sentences("It broke. I want a refund! Is that ok?") ==
          Pieces{"It broke.", "I want a refund!", "Is that ok?"});
  REQUIRE(Sentences("line one\nline two\n\n　 ") == Pieces{"line one", "line two"});
  REQUIRE(Sentences("订单坏了。Please help. 谢谢！") ==
          Pieces{"订单坏了。", "Please help.", "谢谢！"});
}

TEST_CASE("abbreviations and numbers do not end a sentence") {
  REQUIRE(Sentences("Ask Dr. Smith about it. It costs 3.50 now.") ==
          Pieces{"Ask Dr. Smith about it.", "It costs 3.50 now."});
  REQUIRE(Sentences("No. I want my money.") == Pieces{"No.", "I want my money."});
}

TEST_CASE("words and sentences are pieces of the text, in order") {
  REQUIRE(rc::check([](const std::string& noise) {
    for (const std::string& text : {noise, "退款 " + noise + "。Hello " + noise}) {
      const std::string input = BoundedWellFormed(text);
      for (const Pieces& pieces : {Words(text), Sentences(text)}) {
        size_t from = 0;
        for (const std::string& piece : pieces) {
          RC_ASSERT(!piece.empty());
          const size_t at = input.find(piece, from);
          RC_ASSERT(at != std::string::npos);
          from = at + piece.size();
        }
      }
    }
  }));
}

TEST_CASE("a mebibyte of Chinese without a break is cut in bounded time") {
  std::string text;
  while (text.size() < kMaxTextBytes) text += "我想知道如何修改我的密码和退款进度";
  const absl::Time begin = absl::Now();
  REQUIRE(Words(text).size() > 100'000);
  REQUIRE(Sentences(text).size() == 1);
  REQUIRE(absl::Now() - begin < absl::Seconds(20));
}

TEST_CASE("threads cut text at the same time without disturbing each other") {
  const Pieces expected = {"我想", "退款", "refund", "please"};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        if (Words("我想退款 refund please") != expected) ++wrong;
        if (Sentences("你好。Hello there.").size() != 2) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(wrong == 0);
}

}  // namespace
}  // namespace frontdesk::text
