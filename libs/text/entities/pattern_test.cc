#include "libs/text/entities/pattern.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/error.h"

namespace frontdesk::text {
namespace {

std::vector<Entity> Found(const Pattern& pattern, std::string_view text) {
  std::vector<Entity> found;
  pattern.Find(text, EntityType::kPattern, found);
  return found;
}

TEST_CASE("the value is the group named value, the first group, or the match") {
  const auto named = Pattern::Compile({.name = "a", .expression = "(sku)[: ]*(?P<value>[0-9]+)"});
  const auto first = Pattern::Compile({.name = "a", .expression = "sku[: ]*([0-9]+)"});
  const auto whole = Pattern::Compile({.name = "a", .expression = "sku[: ]*[0-9]+"});
  for (const auto* pattern : {&named, &first, &whole}) REQUIRE(pattern->ok());
  CHECK(Found(*named, "一个SKU: 42吧")[0].value == "42");
  CHECK(Found(*first, "一个SKU: 42吧")[0].value == "42");
  CHECK(Found(*whole, "一个SKU: 42吧")[0].value == "SKU: 42");
  CHECK(Found(*whole, "一个SKU: 42吧")[0].begin == 6);
  CHECK(Found(*whole, "sku 1 sku 2").size() == 2);
}

TEST_CASE("characters are characters, not bytes") {
  const auto pattern = Pattern::Compile({.name = "a", .expression = "型号.{2}"});
  REQUIRE(pattern.ok());
  const std::string text = "型号甲乙丙";
  const auto found = Found(*pattern, text);
  REQUIRE(found.size() == 1);
  CHECK(text.substr(found[0].begin, found[0].end - found[0].begin) == "型号甲乙");
}

TEST_CASE("expressions that explode elsewhere are harmless") {
  const std::string long_text = std::string(50'000, 'a') + "!";
  for (const char* expression : {"(a+)+$", "(a*)*b", "(a|aa)+$", "(a|a?)+b", "(.*a){12}$",
                                 "(x+x+)+y", "^(([a-z])+.)+[A-Z]"}) {
    INFO(expression);
    const auto pattern =
        Pattern::Compile({.name = "a", .expression = expression, .ignore_case = false});
    if (!pattern.ok()) {
      CHECK(ReasonOf(pattern.status()) == reason::kInvalidField);
      continue;
    }
    CHECK(Found(*pattern, long_text).size() <= kPatternMatchesMax);
  }
}

TEST_CASE("what can't be used is refused, and says why") {
  for (const char* expression :
       {"", "(", "a**", "(?=a)b", "(a)\\1", "a*", "(?:)", "((a{100}){100}){100}",
        "(\\pL{500}){2}\\pL{500}", "[[:nothing:]]"}) {
    INFO(expression);
    const auto pattern = Pattern::Compile({.name = "a", .expression = expression});
    REQUIRE_FALSE(pattern.ok());
    CHECK(ReasonOf(pattern.status()) == reason::kInvalidField);
  }
  CHECK_FALSE(Pattern::Compile({.name = "A b", .expression = "x"}).ok());
  CHECK_FALSE(Pattern::Compile({.name = "", .expression = "x"}).ok());
  CHECK_FALSE(Pattern::Compile({.name = "a", .expression = std::string(1'001, 'x')}).ok());
}

TEST_CASE("matches of a text are bounded, empty ones are none") {
  const auto pattern = Pattern::Compile({.name = "a", .expression = "a"});
  CHECK(Found(*pattern, std::string(10'000, 'a')).size() == kPatternMatchesMax);
  const auto edge = Pattern::Compile({.name = "a", .expression = "\\b"});
  if (edge.ok()) {
    CHECK(Found(*edge, "ab cd 中文").empty());
  }
}

}  // namespace
}  // namespace frontdesk::text
