// Made-up input through everything that reads articles which others wrote; see text_fuzz_test.cc for
// the variables that make a run longer.
#include <cstdlib>

#include <catch2/catch.hpp>

#include "google/protobuf/util/message_differencer.h"
#include "libs/base/utf8.h"
#include "services/knowledge/formats/html_page.h"
#include "services/knowledge/formats/input.h"
#include "services/knowledge/formats/markdown.h"
#include "services/knowledge/formats/markdown_file.h"
#include "services/knowledge/formats/zip_file.h"
#include "tests/fuzz/mutator.h"

namespace frontdesk::fuzz {
namespace {

namespace formats = knowledge::formats;
using formats::Format;

uint64_t NumberOf(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

uint64_t Seed() { return NumberOf("FRONTDESK_FUZZ_SEED", 1); }
uint64_t Inputs(uint64_t count) { return count * NumberOf("FRONTDESK_FUZZ_ROUNDS", 1); }

// A row that is taken can be written and read again as the same; a refused one says where and why.
void CheckRows(const formats::Rows& rows) {
  for (const formats::Refused& refused : rows.refused) {
    REQUIRE(!refused.why.empty());
    REQUIRE(refused.line >= 1);
  }
  for (const formats::Row& row : rows.rows) {
    REQUIRE(IsValidUtf8(row.article.content().title()));
    REQUIRE(IsValidUtf8(row.article.content().body()));
    formats::Rows again;
    formats::ReadHtml(formats::WriteHtml(row.article), "f.html", {}, again);
    formats::ReadMarkdown(formats::WriteMarkdown(row.article), "f.md", {}, again);
    for (const formats::Row& same : again.rows) {
      REQUIRE(google::protobuf::util::MessageDifferencer::Equals(same.article, row.article));
    }
    REQUIRE(again.rows.size() == 2);
  }
}

TEST_CASE("Any front matter makes an article that is written as it was, or a reason", "[fuzz]") {
  Mutator mutator(
      {"---\nid: a\nlocale: en\ntitle: \"T: x\"\ntags: a, b\nquestions:\n  - q?\n---\nBody\n",
       "---\nlocale: zh\ntitle: 标题\nproduct_versions:\n  - 1.2..2\nlinks:\n"
       "  - related b\nattachments:\n  - https://x.example/a.pdf | application/pdf | 12 | | A\n"
       "audience: agents\ntranslation_of: a\npublish: yes\nbody: exact\n---\n  正文\r\n"},
      Seed());
  for (uint64_t i = 0; i < Inputs(3'000); ++i) {
    formats::Rows rows;
    INFO("input " << i);
    formats::ReadBytesAs(Format::kMarkdown, mutator.Next(), "file.md", {.locale = "en"}, rows);
    REQUIRE(rows.rows.size() + rows.refused.size() == 1);
    CheckRows(rows);
  }
}

TEST_CASE("Any web page makes an article or a reason, and its Markdown shows no script", "[fuzz]") {
  Mutator mutator(
      {"<!doctype html><html lang=en><head><title>T</title><meta name=keywords "
       "content='a,b'></head>"
       "<body><main><h1>H</h1><p>a <b>b</b><br><a href='https://x.example'>l</a></p></main></body>",
       "<table><tr><th>A<th>B<tr><td>1|<td><ul><li>x<ol start=9><li>y</ul></table><pre>`` "
       "c\n</pre>",
       "<blockquote><p>&lt;script&gt;alert(1)&lt;/script&gt;</p></blockquote><script>x</script>",
       "<p># a</p><p>1. b</p><p>[c](javascript:d)</p><svg><p>e</svg><b><p>f</b><i>退款：</i>g"},
      Seed());
  for (uint64_t i = 0; i < Inputs(3'000); ++i) {
    formats::Rows rows;
    INFO("input " << i);
    formats::ReadBytesAs(Format::kHtml, mutator.Next(), "page.html", {.locale = "en"}, rows);
    REQUIRE(rows.rows.size() + rows.refused.size() == 1);
    CheckRows(rows);
    for (const formats::Row& row : rows.rows) {
      const std::string html = knowledge::RenderMarkdown(row.article.content().body());
      REQUIRE(html.find("<script") == std::string::npos);
      REQUIRE(html.find("href=\"javascript:") == std::string::npos);
    }
  }
}

TEST_CASE("Any ZIP file, table or lines make rows or reasons", "[fuzz]") {
  const auto zip = formats::WriteZip({{"en/a.md", "---\nid: a\n---\nx"}, {"b.html", "<p>x"}});
  REQUIRE(zip.ok());
  Mutator mutator(
      {*zip, "id,title,body,locale,tags,publish\na,T,\"B, \"\"x\"\"\nC\",en,\"a\nb\",yes\n",
       R"({"article_id":"a","locale":"en","content":{"title":"T","body":"B"}})"},
      Seed());
  for (uint64_t i = 0; i < Inputs(3'000); ++i) {
    const std::string bytes = mutator.Next();
    INFO("input " << i);
    const auto entries = formats::ReadZip(bytes, [](std::string_view) { return true; });
    if (entries.ok()) {
      for (const formats::ZipEntry& entry : *entries) {
        if (entry.problem.empty()) REQUIRE(!entry.path.starts_with("../"));
      }
    }
    for (const Format format : {Format::kCsv, Format::kJsonLines}) {
      formats::Rows rows;
      formats::ReadBytesAs(format, bytes, "file", {.locale = "en"}, rows);
      CheckRows(rows);
    }
  }
}

}  // namespace
}  // namespace frontdesk::fuzz
