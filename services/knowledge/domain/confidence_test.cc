#include "services/knowledge/domain/confidence.h"

#include <catch2/catch.hpp>

using namespace frontdesk::knowledge;

namespace {

TextView English(std::vector<std::string> stems) {
  TextView view;
  for (std::string& stem : stems) {
    view.stems.insert(stem);
    view.words.push_back({std::move(stem), false, 1});
  }
  return view;
}

}  // namespace

TEST_CASE("coverage is the weighted share of the words that a text holds") {
  const std::vector<Word> words = {{"refund", false, 3}, {"hotel", false, 1}};
  CHECK(Coverage(words, English({"refund", "bank"})) == Approx(0.75));
  CHECK(Coverage(words, English({})) == 0);
  CHECK(Coverage({}, English({"refund"})) == 0);
}

TEST_CASE("a longer Chinese word counts by the pairs of characters it shares") {
  TextView text;
  text.folded = "请下载电子发票";
  CHECK(Coverage({{"电子", true, 1}}, text) == 1);
  CHECK(Coverage({{"电子票", true, 1}}, text) == Approx(0.5));
  CHECK(Coverage({{"退款", true, 1}}, text) == 0);
}

TEST_CASE("a variant that asks the same is surer than a title, and a title than scattered words") {
  const std::vector<Word> question = {{"card", false, 1}, {"declin", false, 1}};
  CandidateView variant, title, scattered;
  variant.questions = {English({"card", "declin"})};
  title.title = English({"card", "declin"});
  scattered.title = English({"card"});
  scattered.passage = English({"declin"});
  CHECK(Confidence(question, variant) == Approx(1));
  CHECK(Confidence(question, variant) > Confidence(question, title));
  CHECK(Confidence(question, title) > Confidence(question, scattered));
}

TEST_CASE("a near rival takes some confidence off, a far one none") {
  CHECK(ConfidenceBps(0.9, 0.1) == 9000);
  CHECK(ConfidenceBps(0.9, 0.9) < 9000);
  CHECK(ConfidenceBps(0.9, 0.9) > 8000);
  CHECK(ConfidenceBps(0, 0) == 0);
  CHECK(ConfidenceBps(2, 0) == 10'000);
}

TEST_CASE("a word nobody has written weighs more than a common one") {
  CHECK(Rarity(80, 0) > Rarity(80, 1));
  CHECK(Rarity(80, 1) > Rarity(80, 40));
  CHECK(Rarity(0, 0) > 0);
}
