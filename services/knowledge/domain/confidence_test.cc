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

double Covered(const std::vector<Word>& words, const TextView& text) {
  const Question question(words);
  return Coverage(question, HitsIn(text, question));
}

double LikenessTo(SentenceKind kind, const Question& question, const TextView& sentence) {
  return Likeness(kind, question, Coverage(question, HitsIn(sentence, question)), sentence.words);
}

}  // namespace

TEST_CASE("coverage is the weighted share of the words that a text holds") {
  const std::vector<Word> words = {{"refund", false, 3}, {"hotel", false, 1}};
  CHECK(Covered(words, English({"refund", "bank"})) == Approx(0.75));
  CHECK(Covered(words, English({})) == 0);
  CHECK(Covered({}, English({"refund"})) == 0);
}

TEST_CASE("a word of the same family counts somewhat less than the word, a short one not at all") {
  const std::vector<Word> ship = {{"ship", false, 1}};
  CHECK(Covered(ship, English({"ship"})) == 1);
  CHECK(Covered(ship, English({"a", "shipment", "zebra"})) == Approx(0.8));
  CHECK(Covered({{"shipment", false, 1}}, English({"ship", "shirt"})) == Approx(0.8));
  CHECK(Covered({{"shi", false, 1}}, English({"ship"})) == 0);
  CHECK(Covered({{"shipment", false, 1}}, English({"shi", "shipyard"})) == 0);
}

TEST_CASE("a longer Chinese word counts by the pairs of characters it shares") {
  TextView text;
  text.folded = "请下载电子发票";
  CHECK(Covered({{"电子", true, 1}}, text) == 1);
  CHECK(Covered({{"电子票", true, 1}}, text) == Approx(0.5));
  CHECK(Covered({{"退款", true, 1}}, text) == 0);
}

TEST_CASE("a variant that asks the same is surer than a title, and a title than scattered words") {
  const Question question({{"card", false, 1}, {"declin", false, 1}});
  const TextView both = English({"card", "declin"});
  const double variant = LikenessTo(SentenceKind::kQuestion, question, both);
  const double title = LikenessTo(SentenceKind::kTitle, question, both);
  SentenceFit card;
  card.hits = HitsIn(English({"card"}), question);
  const double scattered = Confidence(question, card, HitsIn(English({"declin"}), question));
  CHECK(variant == Approx(1));
  CHECK(variant > title);
  CHECK(title > scattered);
  CHECK(scattered > Confidence(question, {}, HitsIn(English({"declin"}), question)));
}

TEST_CASE("a sentence that says more than the question is less like it") {
  const Question question({{"card", false, 1}});
  const double same = LikenessTo(SentenceKind::kQuestion, question, English({"card"}));
  const double more = LikenessTo(SentenceKind::kQuestion, question, English({"card", "limit"}));
  CHECK(same > more);
  CHECK(same <= LikenessAtMost(SentenceKind::kQuestion, 1));
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
