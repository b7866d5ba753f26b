#include "libs/text/sentiment/lexicon_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

const LexiconModel& Model() {
  static const LexiconModel model = [] {
    absl::StatusOr<LexiconModel> made = LexiconModel::Default();
    INFO(made.status().ToString());
    REQUIRE(made.ok());
    return *std::move(made);
  }();
  return model;
}

struct Case {
  std::string_view text;
  Polarity polarity;
};

TEST_CASE("Polarity of what customers write, in both languages") {
  const Case cases[] = {
      {"Thanks, that was really quick and friendly!", Polarity::kPositive},
      {"I love it, best shop ever", Polarity::kPositive},
      {"not bad at all", Polarity::kPositive},
      {"Everything was resolved without any problem", Polarity::kPositive},
      {"This is the worst service I have ever had.", Polarity::kNegative},
      {"not good", Polarity::kNegative},
      {"I'm not happy with this", Polarity::kNegative},
      {"I don’t recommend this shop", Polarity::kNegative},
      {"The jacket is nice but it arrived damaged", Polarity::kNegative},
      {"It doesn't work, I want my money back!!", Polarity::kNegative},
      {"My parcel has not arrived", Polarity::kNegative},
      {"Where can I change my delivery address?", Polarity::kNeutral},
      {"Kind regards, Anna", Polarity::kNeutral},
      {"order 4711", Polarity::kNeutral},
      {"质量很好，物流也快，非常满意", Polarity::kPositive},
      {"客服态度很好，问题解决了，谢谢！", Polarity::kPositive},
      {"還不錯，會推薦給朋友", Polarity::kPositive},
      {"垃圾商家，再也不会买了", Polarity::kNegative},
      {"不好吃，而且送得太慢了", Polarity::kNegative},
      {"一点都不满意", Polarity::kNegative},
      {"東西壞了，客服不理人", Polarity::kNegative},
      {"包装不错，但是东西坏了，要求退款", Polarity::kNegative},
      {"请问怎么修改收货地址", Polarity::kNeutral},
      {"你好，在吗", Polarity::kNeutral},
      {"👍👍", Polarity::kPositive},
      {"😡", Polarity::kNegative},
      {"ok :)", Polarity::kPositive},
      {"[大哭]", Polarity::kNegative},
  };
  for (const Case& c : cases) {
    const Feeling feeling = Model().Feel(c.text);
    INFO(c.text << " -> " << feeling.score);
    CHECK(NameOf(feeling.polarity) == NameOf(c.polarity));
  }
}

struct EmotionCase {
  std::string_view text;
  Emotion emotion;
};

TEST_CASE("The strongest emotion named in a text") {
  const EmotionCase cases[] = {
      {"This is outrageous, I am furious!", Emotion::kAnger},
      {"I'm so disappointed and sad", Emotion::kSadness},
      {"Thank you so much, I am delighted", Emotion::kJoy},
      {"I'm worried that my account was hacked", Emotion::kFear},
      {"Wow, I did not expect that!", Emotion::kSurprise},
      {"What are your opening hours?", Emotion::kNeutral},
      {"气死我了，骗子！", Emotion::kAnger},
      {"太失望了，很难过", Emotion::kSadness},
      {"太开心了，谢谢你们", Emotion::kJoy},
      {"好害怕，账号是不是被盗了", Emotion::kFear},
      {"没想到居然是这样", Emotion::kSurprise},
      {"怎么查询物流", Emotion::kNeutral},
      {"😭", Emotion::kSadness},
  };
  for (const EmotionCase& c : cases) {
    const Feeling feeling = Model().Feel(c.text);
    INFO(c.text);
    CHECK(NameOf(feeling.emotion) == NameOf(c.emotion));
  }
}

TEST_CASE("Strengthening, exclamation, negation and contrast change the score as the header says") {
  const auto score = [](std::string_view text) { return Model().Feel(text).score; };
  CHECK(score("very good") > score("good"));
  CHECK(score("slightly bad") > score("bad"));
  CHECK(score("good!") > score("good"));
  CHECK(score("good!!!") == score("good!!!!!!"));
  CHECK(score("not good") < 0);
  CHECK(score("not good") > score("bad"));
  CHECK(score("not bad") > 0);
  CHECK(score("bad, but good") > score("good, but bad"));
  CHECK(score("not yesterday, good") > 0);
  CHECK(score("很好") > score("好"));
  CHECK(score("不好") < 0);
  CHECK(score("不是不好") > 0);
}

TEST_CASE("A word inside another one does not count") {
  for (const std::string_view text : {"a goodwill", "the Loveless district", "badge", "重庆美国"}) {
    INFO(text);
    CHECK(Model().Feel(text).words.empty());
  }
  REQUIRE(Model().Feel("disappointingly").words.size() == 1);
  CHECK(Model().Feel("disappointingly").words[0].text == "disappointingly");
}

TEST_CASE("The words that counted are told, with the negation") {
  const Feeling feeling = Model().Feel("The food was NOT very Tasty, 态度差");
  REQUIRE(feeling.words.size() == 2);
  CHECK(feeling.words[0].text == "not very tasty");
  CHECK(feeling.words[0].value < 0);
  CHECK(feeling.words[1].text == "态度差");
  CHECK(feeling.words[1].emotion == Emotion::kAnger);
}

TEST_CASE("Any bytes have a bounded feeling, and the same one each time") {
  const auto holds = [](const std::string& text) {
    const Feeling a = Model().Feel(text);
    const Feeling b = Model().Feel(text);
    const double sum = std::accumulate(a.emotions.begin(), a.emotions.end(), 0.0);
    return a.score == b.score && std::abs(a.score) <= 1 && std::abs(sum - 1) < 1e-9 &&
           a.emotion == b.emotion && a.words.size() <= kFeelingWordsMax;
  };
  CHECK(rc::check(holds));
  std::string good;
  while (good.size() < 100'000) good += "good 不好 😡! ";
  for (const std::string& text :
       {std::string(), std::string(" "), std::string("\0", 1), std::string("\xFF\xC3 bad \x80"),
        good, std::string(kMaxTextBytes + 10, '!'), std::string("سيئ جدا"),
        std::string("ＢＡＤ")}) {
    CHECK(holds(text));
  }
  CHECK(Model().Feel("").polarity == Polarity::kNeutral);
  CHECK(Model().Feel("ＢＡＤ").polarity == Polarity::kNegative);
}

TEST_CASE("The lists hold several hundred entries a language") {
  CHECK(Lexicon::Parse({}).value().size() == 0);
  CHECK(Model().lexicon().size() > 3000);
}

TEST_CASE("A list that can't be understood is refused with its line") {
  const std::vector<std::string_view> broken = {
      "no bar here",    "joy | good",     "+2 joy | good",        "+0.5 glee | good",
      "boost | very",   "boost 9 | very", "negate 1 | not",       "+0.5 joy | good,, bad",
      "nan joy | good", "| good",         "+0.5 joy | good, Good"};
  for (const std::string_view list : broken) {
    INFO(list);
    CHECK(absl::IsInvalidArgument(Lexicon::Parse({list}).status()));
  }
  const auto later = Lexicon::Parse({"+0.5 joy | good", "# none\n\n-0.5 anger | good, bad"});
  REQUIRE(later.ok());
  const LexiconModel model(*later);
  CHECK(model.Feel("good").score < 0);
}

}  // namespace
}  // namespace frontdesk::text
