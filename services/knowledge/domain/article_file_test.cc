#include "services/knowledge/domain/article_file.h"

#include <catch2/catch.hpp>

#include "libs/base/absl_interop.h"

using namespace frontdesk::knowledge;

TEST_CASE("an article file holds front matter and body") {
  auto file = ParseArticleFile(
      "---\r\nid: parking\r\nlocale: zh\r\ntitle: \"停车: 说明\"\r\ntags: a, b c\r\n# a comment\r\n"
      "questions:\r\n  - 可以停车吗？\r\n  - 'Where to park: "
      "here?'\r\n---\r\n\r\nFirst.\r\n\r\nSecond.\r\n",
      "p.md");
  INFO(file.status());
  REQUIRE(file.ok());
  CHECK(file->id == "parking");
  CHECK(file->locale == "zh");
  CHECK(file->content.title() == "停车: 说明");
  REQUIRE(file->content.tags_size() == 2);
  CHECK(file->content.tags(1) == "b c");
  REQUIRE(file->content.questions_size() == 2);
  CHECK(file->content.questions(1) == "Where to park: here?");
  CHECK(file->content.body() == "First.\n\nSecond.");
  CHECK(file->hash != 0);
}

TEST_CASE("a mistake in an article file is told with its line") {
  const std::pair<const char*, const char*> kMistakes[] = {
      {"no front matter", "p.md:1: must begin"},
      {"---\nid: a\n", "has no closing"},
      {"---\nid: a\nlocal: en\n---\nx", "p.md:3: unknown key \"local\""},
      {"---\nid: a\nid: b\n---\nx", "p.md:3: \"id\" is given twice"},
      {"---\nid: a\n- x\n---\nx", "p.md:3: a list item"},
      {"---\njust text\n---\nx", "p.md:2: expected"},
      {"---\nid: A B\nlocale: en\ntitle: t\n---\nx", "id must be"},
      {"---\nid: a\nlocale: fr\ntitle: t\n---\nx", "locale"},
      {"---\nid: a\nlocale: en\ntitle: t\n---\n", "body"},
  };
  for (const auto& [text, message] : kMistakes) {
    auto file = ParseArticleFile(text, "p.md");
    INFO(text << " -> " << file.status());
    REQUIRE(absl::IsInvalidArgument(file.status()));
    CHECK(frontdesk::MessageOf(file.status()).find(message) != std::string_view::npos);
  }
}
