#include "services/knowledge/domain/recommendation.h"

#include <catch2/catch.hpp>

#include <fmt/core.h>

using namespace frontdesk::knowledge;

namespace {

bool SaysSomething(std::string_view text) { return text != "hello?" && text != "谢谢"; }

std::string Shown(const std::vector<ContextText>& texts) {
  std::string shown;
  for (const ContextText& text : texts) {
    const char kind = text.kind == v1::RECOMMENDATION_REASON_KIND_DRAFT           ? 'D'
                      : text.kind == v1::RECOMMENDATION_REASON_KIND_LAST_QUESTION ? 'L'
                                                                                  : 'E';
    shown += fmt::format("{}{}:{} ", kind, text.turn, text.text);
  }
  return shown;
}

v1::RecommendationReason Reason(v1::RecommendationReasonKind kind, double weight) {
  v1::RecommendationReason reason;
  reason.set_kind(kind);
  reason.set_weight_bps(static_cast<int>(weight * 10'000));
  return reason;
}

constexpr auto kLast = v1::RECOMMENDATION_REASON_KIND_LAST_QUESTION;
constexpr auto kTag = v1::RECOMMENDATION_REASON_KIND_SAME_TAG;
constexpr auto kError = v1::RECOMMENDATION_REASON_KIND_SAME_ERROR;

}  // namespace

TEST_CASE(
    "recommended is by the draft, the customer's last turns that say something, the subject") {
  const std::vector<SpokenTurn> turns = {{true, "lamp"},     {true, "refund"}, {false, "which?"},
                                         {true, "the blue"}, {true, "E42"},    {false, "wait"},
                                         {true, "hello?"},   {true, "谢谢"}};
  const auto texts = PickTexts(turns, "Broken", "press the", SaysSomething);
  CHECK(Shown(texts) == "D-1:press the L4:E42 E3:the blue E1:refund E-1:Broken ");
  // The newest question weighs most, then the less the older.
  CHECK(texts[1].weight > texts[0].weight);
  CHECK(texts[1].weight > texts[2].weight);
  CHECK(texts[2].weight > texts[3].weight);
  CHECK(PickTexts({}, "", "", SaysSomething).empty());
  CHECK(PickTexts({{true, "hello?"}}, "", "谢谢", SaysSomething).empty());
  // The same text counts once, long ones are cut between characters.
  CHECK(PickTexts({{true, "E42"}}, "E42", "E42", SaysSomething).size() == 1);
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "灯";
  const auto cut = PickTexts({{true, "x" + wide}}, "", "", SaysSomething);
  CHECK(cut.at(0).text.size() == 1 + 3 * ((kRecommendTextBytes - 1) / 3));
}

TEST_CASE("nodes are found by name and alias: words of their own, Chinese anywhere") {
  const std::vector<NodeNames> nodes = {{"no-pairing", {"Does not pair", "E42"}},
                                        {"lamp", {"Lumen Lamp", "台灯"}},
                                        {"app", {"App"}},
                                        {"letter", {"x"}},
                                        {"character", {"灯"}},
                                        {"empty", {"", "nowhere"}}};
  const auto found = [&](std::initializer_list<const char*> texts) {
    std::vector<ContextText> context;
    for (const char* text : texts) context.push_back({kLast, text, 0, 1});
    std::string shown;
    for (const Mention& mention : FindMentions(context, nodes)) {
      shown += fmt::format(
          "{}={} ", nodes[mention.node].node,
          context[mention.text].text.substr(mention.begin, mention.end - mention.begin));
    }
    return shown;
  };
  struct Case {
    std::initializer_list<const char*> texts;
    const char* expected;
  };
  const Case cases[] = {
      {{"it says e42!"}, "no-pairing=e42 "},
      {{"it says E421", "XE42", "E42_"}, ""},
      {{"my LUMEN LAMP does not pair"}, "no-pairing=does not pair lamp=LUMEN LAMP "},
      {{"我的台灯坏了"}, "lamp=台灯 "},
      {{"台灯E42坏了"}, "no-pairing=E42 lamp=台灯 "},
      {{"what happens", "the app", "app"}, "app=app "},
      {{"灯 x", ""}, ""},
      {{}, ""}};
  for (const Case& test : cases) CHECK(found(test.texts) == test.expected);
}

TEST_CASE("more reasons make a better recommendation, and none makes it certain") {
  CHECK(RecommendationScore({}) == 0);
  CHECK(RecommendationScore({Reason(kLast, 0.6)}) == Approx(0.6));
  const double two = RecommendationScore({Reason(kLast, 0.6), Reason(kTag, 0.15)});
  CHECK(two > 0.6);
  CHECK(two < 0.7);
  // Twice the same kind is once.
  CHECK(RecommendationScore({Reason(kLast, 0.6), Reason(kLast, 0.5)}) == Approx(0.6));
  CHECK(RecommendationScore({Reason(kLast, 1), Reason(kError, 1), Reason(kTag, 1)}) <= 1);
}

TEST_CASE("the best are shown: one of a family, none that was cited, none for a tag alone") {
  std::vector<Candidate> candidates = {{"b", "b", {Reason(kLast, 0.5)}},
                                       {"a", "a", {Reason(kTag, 0.15), Reason(kLast, 0.5)}},
                                       {"tagged", "tagged", {Reason(kTag, 0.15)}},
                                       {"cited", "cited", {Reason(kLast, 0.9)}},
                                       {"a-zh", "a", {Reason(kLast, 0.4)}},
                                       {"c", "c", {Reason(kLast, 0.5)}},
                                       {"nothing", "nothing", {}}};
  const auto ids = [](const std::vector<Recommended>& all) {
    std::string ids;
    for (const Recommended& one : all) ids += one.candidate.article + " ";
    return ids;
  };
  const auto chosen = ChooseRecommendations(candidates, {"cited"}, 5);
  CHECK(ids(chosen) == "a b c ");
  CHECK(chosen[0].candidate.reasons[0].kind() == kLast);
  CHECK(ids(ChooseRecommendations(candidates, {"cited"}, 1)) == "a ");
  CHECK(ids(ChooseRecommendations(candidates, {}, 1)) == "cited ");
  // At most five reasons, of a kind the weightiest.
  Candidate many{"m", "m", {}};
  for (int kind = 1; kind <= 8; ++kind) {
    for (double weight : {0.3, 0.4}) {
      many.reasons.push_back(Reason(static_cast<v1::RecommendationReasonKind>(kind), weight));
    }
  }
  const auto one = ChooseRecommendations({many}, {}, 5);
  REQUIRE(one.size() == 1);
  REQUIRE(one[0].candidate.reasons.size() == 5);
  for (const auto& reason : one[0].candidate.reasons) CHECK(reason.weight_bps() == 4000);
  many.reasons.resize(4);  // two of each of two kinds
  CHECK(ChooseRecommendations({many}, {}, 5).at(0).candidate.reasons.size() == 2);
}
