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
                           "iPhone 15 Pro Max 256GB", "🙂🙂🙂", "", "FD-20261122-0042",
                           // Not a word of two characters in them, for a dictionary.
                           "买了两周还能退吗", "小号换成大号", "难吃，送的又慢！", "在吗 在吗 在吗",
                           "送餐慢，饭菜都凉了", "還沒送到，急", "您是要退货吗", "ninhao",
                           "wo de kuaidi zai nali", "我的 iPhone 屏幕坏了 plz help"}) {
    INFO(text);
    CHECK_FALSE(MeasureQuality(text).is_gibberish);
  }
}

TEST_CASE("gibberish among language counts by its share, in either script") {
  CHECK(MeasureQuality("sdkfjh wkjehr xkcvbq 你好").is_gibberish);
  CHECK_FALSE(MeasureQuality("fghj 我的包裹在哪里呀").is_gibberish);
  CHECK(MeasureQuality("饕魑齉龘靐齾龗 ok").is_gibberish);
  CHECK_FALSE(MeasureQuality("爨龘靐 where is my order").is_gibberish);
}

TEST_CASE("text that is no text has a quality too") {
  for (const std::string& text :
       {std::string("\xFF\xFE\xC0"), std::string(3, '\0'), std::string(100 << 10, 'x'),
        std::string("\xE4\xBD"), std::string("\xE2\x80\xAE abc")}) {
    const TextQuality quality = MeasureQuality(text);
    CHECK(quality.gibberish >= 0);
    CHECK(quality.gibberish <= 1);
    CHECK(quality.repetition >= 0);
    CHECK(quality.repetition <= 1);
  }
  CHECK(MeasureQuality(std::string(100 << 10, 'x')).is_repetition);
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

TEST_CASE("one text is one text in any width, case and script; another word makes another") {
  FloodDetector detector({});
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  Verdict last = Verdict::kFine;
  for (const char* text : {"加微信ABC123领红包", "加微信ａｂｃ１２３领红包", "加微信Abc123领红包",
                           "  加微信abc123领红包 ", "加微信\u200Babc123领红包"}) {
    CHECK(last == Verdict::kFine);
    last = detector.Add("a", text, now);
  }
  CHECK(last == Verdict::kSenderRepeats);
  CHECK(detector.Add("a", "加微信abc124领红包", now) == Verdict::kFine);
  int campaigns = 0;
  for (int i = 0; i < 25; ++i) {
    const auto verdict = detector.Add("s" + std::to_string(i), "限时特惠，点击链接领取大礼包",
                                      now + absl::Seconds(i));
    campaigns += verdict == Verdict::kCampaign ? 1 : 0;
  }
  CHECK(campaigns == 5);
}

TEST_CASE("a clock that runs backwards neither forgets nor accuses") {
  FloodDetector detector({});
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  for (int i = 0; i < 4; ++i) {
    CHECK(detector.Add("a", "same", now - absl::Seconds(10 * i)) == Verdict::kFine);
  }
  CHECK(detector.Add("a", "same", now - absl::Hours(1)) == Verdict::kSenderRepeats);
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

// Adverts and what customers write, in both languages.
Dataset Mail() {
  Dataset data;
  for (const char* text :
       {"where is my parcel", "I want a refund", "the shoes are too small", "我的快递到哪里了",
        "请问怎么退货", "发票什么时候寄", "can I change the address", "订单可以取消吗"}) {
    data.examples.push_back({text, "ham"});
  }
  for (const char* text : {"cheap loans, click here", "win a free prize, click now",
                           "earn money at home, click", "加微信领红包", "免费领取大奖点击链接",
                           "贷款秒到账加微信", "free casino bonus click", "兼职日结加微信"}) {
    data.examples.push_back({text, "spam"});
  }
  return data;
}

TEST_CASE("a spam filter loses no wanted text that it knows, in either language") {
  const Dataset data = Mail();
  const auto trained = TrainSpamFilter(data, {}, {});
  REQUIRE(trained.ok());
  CHECK(trained->threshold >= 0.5);
  CHECK(trained->wanted_lost <= 0.005);
  const auto filter = SpamFilter::Load(trained->bytes);
  REQUIRE(filter.ok());
  CHECK((*filter)->threshold() == trained->threshold);
  for (const Example& example : data.examples) {
    if (example.label == "ham") CHECK_FALSE((*filter)->Judge(example.text, {})->spam);
  }
  const auto probability = [&](const char* text) {
    return (*filter)->Judge(text, {})->probability;
  };
  CHECK(probability("free prize, click here") > probability("where is my refund"));
  CHECK(probability("加微信领大奖") > probability("怎么退货，发票呢"));
  CHECK(probability("免费领红包 click here") > 0.5);
}

TEST_CASE("what may be lost moves a spam filter's threshold, never below a half") {
  Dataset data;
  for (int i = 0; i < 40; ++i) {
    const std::string number = std::to_string(i);
    data.examples.push_back({"free offer click now " + number + "0", "spam"});
    // Every fourth customer writes as adverts do.
    data.examples.push_back(
        {(i % 4 == 0 ? "free offer click now " : "my parcel is late ") + number, "ham"});
  }
  SpamOptions strict;
  SpamOptions loose;
  loose.wanted_loss_max = 0.5;
  const auto careful = TrainSpamFilter(data, {}, strict);
  const auto bold = TrainSpamFilter(data, {}, loose);
  REQUIRE(careful.ok());
  REQUIRE(bold.ok());
  CHECK(careful->threshold > bold->threshold);
  CHECK(bold->threshold >= 0.5);
  CHECK(careful->recall <= bold->recall);
  CHECK(careful->wanted_lost <= 0.005);
  CHECK(bold->wanted_lost <= 0.5);
}

TEST_CASE("a spam filter needs both kinds, and its own bytes") {
  Dataset one_kind;
  for (int i = 0; i < 10; ++i) one_kind.examples.push_back({"buy " + std::to_string(i), "spam"});
  CHECK(TrainSpamFilter(one_kind, {}, {}).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(TrainSpamFilter({}, {}, {}).status().code() == absl::StatusCode::kInvalidArgument);

  const auto trained = TrainSpamFilter(Mail(), {}, {});
  REQUIRE(trained.ok());
  const std::string& bytes = trained->bytes;
  // Every byte is under the checksum or part of what is compared: the threshold, too.
  for (size_t at = 0; at < 64; ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    INFO("byte " << at);
    CHECK_FALSE(SpamFilter::Load(changed).ok());
  }
  for (const std::string& broken :
       {std::string(), std::string("FDSP"), bytes.substr(4), bytes.substr(0, 30),
        bytes.substr(0, bytes.size() - 1), bytes + "x"}) {
    CHECK(SpamFilter::Load(broken).status().code() == absl::StatusCode::kDataLoss);
  }
  const auto plain = Train(Mail(), {}, {});
  REQUIRE(plain.ok());
  CHECK(SpamFilter::Load(plain->bytes).status().code() == absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace frontdesk::text
