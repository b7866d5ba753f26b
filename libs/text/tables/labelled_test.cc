#include "libs/text/tables/labelled.h"

#include <catch2/catch.hpp>

namespace frontdesk::text {
namespace {

TEST_CASE("Examples carry their lines; rows without a label are refused", "[labelled]") {
  const auto table =
      ParseLabelled("text,label\nhello, greet \nbye,\n,empty text\n", LabelledColumns{});
  REQUIRE(table.ok());
  REQUIRE(table->data.examples.size() == 2);
  CHECK(table->data.examples[0].text == "hello");
  CHECK(table->data.examples[0].label == "greet");
  CHECK(table->data.examples[1].text.empty());
  CHECK(table->lines == std::vector<size_t>{2, 4});
  REQUIRE(table->refused.count == 1);
  CHECK(table->refused.first[0].line == 3);
  CHECK(table->refused.first[0].why == "has no label");
}

TEST_CASE("Overlong texts and labels are refused, not cut", "[labelled]") {
  const std::string csv = "text,label\n" + std::string(kExampleBytesMax + 1, 'x') + ",a\nok," +
                          std::string(kLabelBytesMax + 1, 'l') + "\nok,a\n";
  const auto table = ParseLabelled(csv, LabelledColumns{});
  REQUIRE(table.ok());
  CHECK(table->data.examples.size() == 1);
  CHECK(table->refused.count == 2);
}

TEST_CASE("Pairs say whether they are the same in several words, and in no others", "[labelled]") {
  const auto table =
      ParsePairs("a\tb\t1\nc\td\tNo\ne\tf\t2\n",
                 {.format = TableFormat::kTsv, .header = false, .a = "1", .b = "2", .same = "3"});
  REQUIRE(table.ok());
  REQUIRE(table->pairs.size() == 2);
  CHECK(table->pairs[0].same);
  CHECK_FALSE(table->pairs[1].same);
  CHECK(table->pairs[1].b == "d");
  REQUIRE(table->refused.count == 1);
  CHECK(table->refused.first[0].line == 3);
}

TEST_CASE("Pairs need no label where none is asked for", "[labelled]") {
  const auto table = ParsePairs(
      "a,b\nx,y\n", {.format = TableFormat::kCsv, .header = true, .a = "a", .b = "b", .same = ""});
  REQUIRE(table.ok());
  CHECK(table->pairs.size() == 1);
}

}  // namespace
}  // namespace frontdesk::text
