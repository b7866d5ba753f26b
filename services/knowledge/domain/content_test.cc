#include "services/knowledge/domain/content.h"

#include <catch2/catch.hpp>

#include <functional>

#include "libs/base/error.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

v1::ArticleContent Content(const std::string& title, const std::string& body) {
  v1::ArticleContent content;
  content.set_title(title);
  content.set_body(body);
  return content;
}

v1::ArticleContent Full() {
  v1::ArticleContent content = Content("t", "b");
  content.add_questions("q?");
  content.add_tags("x");
  content.set_product("phone");
  content.set_product_module("camera");
  content.set_error_type("e42");
  content.set_solution_kind("restart");
  content.add_product_versions()->set_min_version("2.0");
  content.set_audience(v1::AUDIENCE_AGENTS);
  v1::Attachment& file = *content.add_attachments();
  file.set_name("manual.pdf");
  file.set_uri("https://files.example/manual.pdf");
  file.set_media_type("application/pdf");
  file.set_size_bytes(12);
  file.set_sha256(std::string(64, 'a'));
  v1::ArticleLink& link = *content.add_links();
  link.set_article("tenants/t1/articles/other");
  link.set_kind(v1::ARTICLE_LINK_KIND_RELATED);
  return content;
}

}  // namespace

TEST_CASE("what is wrong with content is named by its field") {
  using C = v1::ArticleContent;
  struct Case {
    const char* field;  // empty: nothing is wrong
    std::function<void(C&)> change;
  };
  const Case kCases[] = {
      {"", [](C&) {}},
      {"", [](C& c) { c.set_body("line\tone\r\nline two\n"); }},
      {"", [](C& c) { c.set_body(std::string(kMaxBodyBytes, 'x')); }},
      {"c.body", [](C& c) { c.set_body(std::string(kMaxBodyBytes + 1, 'x')); }},
      {"c.body", [](C& c) { c.set_body("bell \x07"); }},
      {"c.body", [](C& c) { c.set_body(std::string("nul \0 inside", 12)); }},
      {"c.body", [](C& c) { c.set_body("next line \xC2\x85"); }},
      {"c.body", [](C& c) { c.set_body("cut \xE4\xB8"); }},
      {"c.body", [](C& c) { c.set_body("  \n"); }},
      {"c.title", [](C& c) { c.set_title("two\nlines"); }},
      {"c.title", [](C& c) { c.set_title("\xff"); }},
      {"c.questions[0]", [](C& c) { c.set_questions(0, "\x1b[2J"); }},
      {"c.tags[1]", [](C& c) { c.add_tags("x"); }},
      {"c.product", [](C& c) { c.set_product("Not An Id"); }},
      {"c.solution_kind", [](C& c) { c.set_solution_kind("a/b"); }},
      {"c.product_versions[0].min_version",
       [](C& c) { c.mutable_product_versions(0)->set_min_version("2.x"); }},
      {"c.audience", [](C& c) { c.set_audience(static_cast<v1::Audience>(9)); }},
      {"c.attachments[0].name", [](C& c) { c.mutable_attachments(0)->clear_name(); }},
      {"c.attachments[0].uri",
       [](C& c) { c.mutable_attachments(0)->set_uri("javascript:alert(1)"); }},
      {"c.attachments[0].uri", [](C& c) { c.mutable_attachments(0)->set_uri("https://a b"); }},
      {"c.attachments[0].uri", [](C& c) { c.mutable_attachments(0)->set_uri("https://"); }},
      {"c.attachments[0].media_type",
       [](C& c) { c.mutable_attachments(0)->set_media_type("pdf"); }},
      {"c.attachments[0].size_bytes", [](C& c) { c.mutable_attachments(0)->set_size_bytes(-1); }},
      {"c.attachments[0].sha256", [](C& c) { c.mutable_attachments(0)->set_sha256("ABC"); }},
      {"c.attachments[1].name", [](C& c) { *c.add_attachments() = c.attachments(0); }},
      {"c.links[0].kind", [](C& c) { c.mutable_links(0)->clear_kind(); }},
      {"c.links[0].article", [](C& c) { c.mutable_links(0)->set_article("other"); }},
      {"c.links[1].article", [](C& c) { *c.add_links() = c.links(0); }},
  };
  for (size_t i = 0; i < std::size(kCases); ++i) {
    C content = Full();
    kCases[i].change(content);
    const absl::Status status = ValidateContent(content, "c");
    INFO(i << ": " << status.ToString());
    CHECK((status.ok() ? "" : DetailsOf(status).fields.at(0).first) == kCases[i].field);
  }
}

TEST_CASE("an update changes what its paths name") {
  v1::ArticleContent current = Content("old title", "old body");
  current.add_tags("x");
  current.set_product("phone");
  const v1::ArticleContent wanted = Content("new title", "");
  struct Case {
    std::vector<std::string> paths;
    const char* title;
    const char* body;
    int tags;
    const char* product;
  };
  const Case kCases[] = {
      {{}, "new title", "old body", 1, "phone"},
      {{"content.title"}, "new title", "old body", 1, "phone"},
      {{"content.tags"}, "old title", "old body", 0, "phone"},
      {{"content.product"}, "old title", "old body", 1, ""},
      {{"content.body", "content.tags"}, "old title", "", 0, "phone"},
      {{"*"}, "new title", "", 0, ""},
      {{"content"}, "new title", "", 0, ""},
  };
  for (const Case& c : kCases) {
    const auto merged = MergeContent(current, wanted, c.paths);
    REQUIRE(merged.ok());
    CHECK(merged->title() == c.title);
    CHECK(merged->body() == c.body);
    CHECK(merged->tags_size() == c.tags);
    CHECK(merged->product() == c.product);
  }
  for (const char* bad : {"state", "content.", "content.colour", "title", ""}) {
    INFO(bad);
    CHECK(absl::IsInvalidArgument(MergeContent(current, wanted, {bad}).status()));
  }
}

TEST_CASE("the fields that differ are named in their order, each alone") {
  CHECK(ChangedFields(Full(), Full()).empty());
  v1::ArticleContent other = Full();
  other.set_audience(v1::AUDIENCE_PUBLIC);
  other.clear_questions();
  CHECK(ChangedFields(Full(), other) == std::vector<std::string>{"questions", "audience"});
  CHECK(ChangedFields(Full(), v1::ArticleContent()).size() == 12);
}

TEST_CASE("a rendered version shows each attribute on a line of its own, then the body") {
  CHECK(RenderContent(Full()) ==
        "title: t\nquestion: q?\ntag: x\nproduct: phone\nproduct_module: camera\n"
        "error_type: e42\nsolution_kind: restart\nproduct_versions: 2.0 to *\naudience: AGENTS\n"
        "attachment: manual.pdf <https://files.example/manual.pdf> application/pdf 12 " +
            std::string(64, 'a') + "\nlink: RELATED tenants/t1/articles/other\n\nb\n");
  CHECK(RenderContent(Content("t", "b\n")) == "title: t\naudience: PUBLIC\n\nb\n");
}

TEST_CASE("a record keeps neither body nor attachments") {
  const v1::ArticleContent outline = Outline(Full());
  CHECK(outline.body().empty());
  CHECK(outline.attachments().empty());
  CHECK(outline.title() == "t");
  CHECK(outline.links_size() == 1);
  CHECK(AudienceOf(v1::ArticleContent()) == v1::AUDIENCE_PUBLIC);
}
