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
      {"---\nid: A B\nlocale: en\ntitle: t\n---\nx", "p.md:2: id must be"},
      {"---\nid: a\nlocale: fr\ntitle: t\n---\nx", "p.md:3: locale"},
      {"---\nid: a\nlocale: en\n---\nx", "p.md:1: content.title"},
      {"---\nid: a\nlocale: en\ntitle: t\n---\n", "p.md:5: content.body"},
      {"---\nid: a\nlocale: en\ntitle:\n---\nx", "p.md:4: content.title"},
      {"---\nid: a\nlocale: en\ntitle: t\n# c\nquestions:\n  - q\n  - ''\n---\nx",
       "p.md:8: content.questions[1]"},
      {"---\nid: a\nlocale: en\ntitle: t\ntags: b, b\n---\nx", "p.md:5: content.tags[1]"},
      {"---\nid: a\nlocale: en\ntitle: t\nproduct: A B\n---\nx", "p.md:5: content.product"},
      {"---\nid: a\nlocale: en\ntitle: t\ntranslation_of: A B\n---\nx", "p.md:5: translation_of"},
  };
  for (const auto& [text, message] : kMistakes) {
    auto file = ParseArticleFile(text, "p.md");
    INFO(text << " -> " << file.status());
    REQUIRE(absl::IsInvalidArgument(file.status()));
    CHECK(frontdesk::MessageOf(file.status()).find(message) != std::string_view::npos);
  }
}

TEST_CASE("the line of a field is told however deep an error names it") {
  const auto file = ParseArticleFile(
      "---\nid: a\nlocale: en\ntitle: t\nlinks:\n  - related b\n  - prerequisite c\n---\n\n\nThe "
      "body.\n",
      "p.md");
  INFO(file.status());
  REQUIRE(file.ok());
  CHECK(LineOf(file->lines, "article_id") == 2);
  CHECK(LineOf(file->lines, "locale") == 3);
  CHECK(LineOf(file->lines, "content.links") == 5);
  CHECK(LineOf(file->lines, "content.links[1].article") == 7);
  CHECK(LineOf(file->lines, "content.links[9].kind") == 5);
  CHECK(LineOf(file->lines, "content.body") == 11);
  CHECK(LineOf(file->lines, "content.product") == 1);
  CHECK(LineOf(file->lines, "") == 1);
}
