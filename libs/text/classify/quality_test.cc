#include "libs/text/classify/quality.h"

#include <catch2/catch.hpp>
#include <string>

#include "libs/text/classify/spam.h"

namespace frontdesk::text {
namespace {

using Verdict = FloodDetector::Verdict;

TEST_CASE("keys hit at random are gibberish, language is not") {
  for (const char* text : {"asdfghjkl qwertyuiop", "sdkfjh skdjfh wkjehr", "xkcvbq zzpqw mnbvx",
                           "fghjkl dfghjk hjklgf", "饕魑齉爨龘靐齾龗麤"}) {
    INFO(text);
    CHECK(MeasureQuality(text).is_gibberish);
  }
  for (const char* text : {"Where is my order? It should have arrived yesterday.", "ok", "thx",
                           "我的快递到哪里了，怎么还没送到", "请问这个商品可以退款吗",
                           "my property insurance", "strengths and rhythms of the program",
                           "iPhone 15 Pro Max 256GB", "🙂🙂🙂", "", "FD-20261122-0042"}) {
    INFO(text);
    CHECK_FALSE(MeasureQuality(text).is_gibberish);
  }
}

TEST_CASE("a text that says the same over and over is repetition") {
  CHECK(MeasureQuality("哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈").is_repetition);
  CHECK(MeasureQuality("buy now buy now buy now buy now buy now").is_repetition);
  CHECK(MeasureQuality("加微信领红包 加微信领红包 加微信领红包 加微信领红包").is_repetition);
  CHECK_FALSE(MeasureQuality("hahaha").is_repetition);
  CHECK_FALSE(
      MeasureQuality("I ordered two shirts and one of the shirts is too small").is_repetition);
}

TEST_CASE("a sender that repeats itself is told, and forgiven when the window is over") {
  FloodDetector detector({});
  const absl::Time start = absl::FromUnixSeconds(1'800'000'000);
  for (int i = 0; i < 4; ++i) {
    CHECK(detector.Add("a", "Buy my shoes", start + absl::Seconds(i)) == Verdict::kFine);
  }
  CHECK(detector.Add("a", "BUY my  shoes", start + absl::Seconds(5)) == Verdict::kSenderRepeats);
  CHECK(detector.Add("b", "Buy my shoes", start + absl::Seconds(6)) == Verdict::kFine);
  CHECK(detector.Add("a", "Buy my shoes", start + absl::Minutes(5)) == Verdict::kFine);
}

TEST_CASE("too much of anything and one text from many senders are told") {
  FloodDetector detector({});
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  int floods = 0;
  for (int i = 0; i < 40; ++i) {
    floods += detector.Add("a", "text " + std::to_string(i), now) == Verdict::kSenderFloods ? 1 : 0;
  }
  CHECK(floods == 10);
  int campaigns = 0;
  int greetings = 0;
  for (int i = 0; i < 30; ++i) {
    const std::string sender = "s" + std::to_string(i);
    campaigns +=
        detector.Add(sender, "cheap loans for everyone at example", now) == Verdict::kCampaign ? 1
                                                                                               : 0;
    greetings += detector.Add(sender, "hello", now) == Verdict::kFine ? 1 : 0;
  }
  CHECK(campaigns == 10);
  CHECK(greetings == 30);
}

TEST_CASE("the flood detector's memory is bounded") {
  FloodOptions options;
  options.entries_max = 100;
  FloodDetector detector(options);
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  for (int i = 0; i < 5000; ++i) {
    detector.Add("s" + std::to_string(i), "a text that is long enough " + std::to_string(i), now);
    REQUIRE(detector.entries() <= 100);
  }
}

TEST_CASE("a spam filter loses no wanted text that it knows") {
  Dataset data;
  const char* const wanted[] = {
      "where is my parcel", "I want a refund", "the shoes are too small",  "我的快递到哪里了",
      "请问怎么退货",       "发票什么时候寄",  "can I change the address", "订单可以取消吗"};
  const char* const spam[] = {"cheap loans, click here",   "win a free prize, click now",
                              "earn money at home, click", "加微信领红包",
                              "免费领取大奖点击链接",      "贷款秒到账加微信",
                              "free casino bonus click",   "兼职日结加微信"};
  for (const char* text : wanted) data.examples.push_back({text, "ham"});
  for (const char* text : spam) data.examples.push_back({text, "spam"});
  const auto trained = TrainSpamFilter(data, {}, {});
  REQUIRE(trained.ok());
  CHECK(trained->threshold >= 0.5);
  CHECK(trained->wanted_lost <= 0.005);
  const auto filter = SpamFilter::Load(trained->bytes);
  REQUIRE(filter.ok());
  for (const char* text : wanted) CHECK_FALSE((*filter)->Judge(text, {})->spam);
  CHECK((*filter)->Judge("free prize, click here", {})->probability >
        (*filter)->Judge("where is my refund", {})->probability);
  CHECK(SpamFilter::Load(trained->bytes.substr(4)).status().code() == absl::StatusCode::kDataLoss);
  CHECK(SpamFilter::Load("FDSP").status().code() == absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace frontdesk::text
