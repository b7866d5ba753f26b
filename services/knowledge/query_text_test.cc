#include "services/knowledge/query_text.h"

#include <catch2/catch.hpp>

#include "libs/text/normalize.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/index_parts.h"
#include "services/knowledge/synonyms.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

std::vector<std::string> Marked(const std::string& text, const std::string& query) {
  std::vector<std::string> parts;
  for (const auto& span : Highlights(text, AnalyzeText(query).words)) {
    parts.push_back(text.substr(span.start_byte(), span.end_byte() - span.start_byte()));
  }
  return parts;
}

v1::Synonyms MakeSynonyms(std::vector<std::vector<std::string>> sets) {
  v1::Synonyms synonyms;
  for (const auto& set : sets) {
    auto& added = *synonyms.add_sets();
    for (const auto& word : set) added.add_words(word);
  }
  return synonyms;
}

}  // namespace

TEST_CASE("the short way to a match key leads where ICU's leads") {
  for (const char* text :
       {"", " ", "  A  b\tC\n", "Refund \x7f x", "退款，多久？到账！", "ＡＢＣ　１２３", "Straße",
        "ﬁne", "İstanbul", "㈱ 株式", "é", "e\xcc\x81", "半角ｶﾅ",
        "a\xe2\x80\x8b"
        "b",
        "…、。", "鿿䷀"}) {
    INFO(text);
    CHECK(Fold(text) == text::MatchKey(text));
  }
}

TEST_CASE("a query is refused for what no text to look for has") {
  CHECK(CheckQueryText("refund\n退款\t?", 1, 50, "query").ok());
  CHECK(CheckQueryText("", 0, 50, "query").ok());
  CHECK_FALSE(CheckQueryText("", 1, 50, "query").ok());
  CHECK_FALSE(CheckQueryText(" \n ", 1, 50, "query").ok());
  CHECK_FALSE(CheckQueryText(std::string("a\0b", 3), 1, 50, "query").ok());
  CHECK_FALSE(CheckQueryText("a\x1b[31m", 1, 50, "query").ok());
  CHECK_FALSE(CheckQueryText("a\xc2\x85", 1, 50, "query").ok());
  CHECK_FALSE(CheckQueryText("a\xff", 1, 50, "query").ok());
  CHECK_FALSE(CheckQueryText(std::string(100 << 10, 'x'), 1, 500, "query").ok());
}

TEST_CASE("what a query's words hit is marked where it stands, in both languages") {
  CHECK(Marked("Refunding: how REFUNDS work", "refund") ==
        std::vector<std::string>{"Refunding", "REFUNDS"});
  CHECK(Marked("如何申请退款？退款多久到账", "退款") == std::vector<std::string>{"退款", "退款"});
  CHECK(Marked("Ｒｅｆｕｎｄ", "refund") == std::vector<std::string>{"Ｒｅｆｕｎｄ"});
  CHECK(Marked("nothing here", "refund").empty());
}

TEST_CASE("a snippet begins with the sentence that shows most, and is cut between characters") {
  const std::string filler = "Something else is said here. ";
  std::string passage = "# Head\n";
  for (int i = 0; i < 30; ++i) passage += filler;
  passage += "A refund takes three days. ";
  for (int i = 0; i < 30; ++i) passage += filler;
  const auto words = AnalyzeText("refund").words;
  const std::string snippet = Snippet(passage, words, 200);
  CHECK(snippet.size() <= 200);
  CHECK(snippet.find("A refund takes") != std::string::npos);
  CHECK(Snippet("# Head\nShort.", words, 200) == "Head\nShort.");
  CHECK(Snippet("退款退款退款", words, 8) == "退款");
}

TEST_CASE("synonyms are added where all words of one are there, whatever the language") {
  const SynonymTable table(MakeSynonyms({{"credit card", "plastic"}, {"退钱", "退款"}}));
  std::vector<Word> words = AnalyzeText("my credit card is gone").words;
  table.Extend(words);
  size_t extended = 0;
  for (const Word& word : words) extended += word.same.empty() ? 0 : 1;
  CHECK(extended == 2);
  TextView text = AnalyzeText("Lost plastic");
  CHECK(HitsIn(text, Question(words)) == Hits{1, 1, 0});  // credit, card, gone
  words = AnalyzeText("credit only").words;
  table.Extend(words);
  for (const Word& word : words) CHECK(word.same.empty());
}

TEST_CASE("synonyms that say nothing, stand twice or are too many are refused") {
  CHECK(ValidateSynonyms(MakeSynonyms({{"a lorry", "truck"}})).ok());
  CHECK_FALSE(ValidateSynonyms(MakeSynonyms({{"truck"}})).ok());
  CHECK_FALSE(ValidateSynonyms(MakeSynonyms({{"truck", "the"}})).ok());
  CHECK_FALSE(ValidateSynonyms(MakeSynonyms({{"truck", "TRUCK"}})).ok());
  CHECK_FALSE(ValidateSynonyms(MakeSynonyms({{"truck", "lorry"}, {"lorry", "van"}})).ok());
  CHECK_FALSE(ValidateSynonyms(MakeSynonyms({{"truck", std::string(65, 'x')}})).ok());
}

TEST_CASE("a misspelt word is corrected to the nearest known one, the commonest of equals") {
  const auto nearest = [](const char* word, std::vector<std::pair<const char*, int>> known) {
    NearestPick pick(word);
    for (const auto& [one, count] : known) pick.Offer(one, count);
    return pick.best();
  };
  CHECK(nearest("refnd", {{"refund", 1}, {"rend", 1}}) == "refund");
  CHECK(nearest("pasword", {{"password", 1}, {"passwords", 9}}) == "password");
  CHECK(nearest("delivrey", {{"delivery", 1}}) == "delivery");
  CHECK(nearest("wat", {{"war", 2}, {"way", 5}}) == "way");
  CHECK(nearest("xyz", {{"refund", 1}}).empty());
  CHECK(nearest("ab", {{"abc", 1}}).empty());
  CHECK(nearest("支付保", {{"支付宝", 1}}) == "支付宝");
  CHECK(nearest("退票", {{"退款", 1}}).empty());
}

TEST_CASE(
    "what is looked for in a text is found whatever its first letter, family and synonyms too") {
  std::vector<Word> words = AnalyzeText("Rückgabe refunds éclair").words;
  words[0].same.push_back(AnalyzeText("shipment").words);
  const TextView held =
      AnalyzeHeld("The shipments of REFUNDED éclairs, and a zebra.", HeadsOf(words));
  CHECK(held.stems.contains("shipment"));
  CHECK(held.stems.contains("refund"));
  CHECK_FALSE(held.stems.contains("zebra"));
  CHECK(HitsIn(held, Question(AnalyzeText("refunding").words)) == Hits{1});
  CHECK(Highlights("A zebra, REFUNDED", words).size() == 1);
  CHECK(Highlights("Shipments, éclair", words).size() == 2);
}
