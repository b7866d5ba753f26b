#include <catch2/catch.hpp>

#include "google/protobuf/util/message_differencer.h"
#include "services/knowledge/formats/csv_file.h"
#include "services/knowledge/formats/html_page.h"
#include "services/knowledge/formats/json_lines.h"
#include "services/knowledge/formats/markdown_file.h"
#include "services/knowledge/formats/zip_file.h"

using namespace frontdesk::knowledge;
using namespace frontdesk::knowledge::formats;

namespace {

// An article with everything, and with what formats trip over.
v1::PortableArticle Full() {
  v1::PortableArticle article;
  article.set_article_id("refund-time");
  article.set_locale("zh");
  article.set_translation_of("refund-time-en");
  article.set_publish(true);
  v1::ArticleContent& content = *article.mutable_content();
  content.set_title("\"退款\": wie, <b>lange</b>? # 1");
  content.set_body(
      "First *line*, with | and \\ and `code`.\n\n---\n\n* a\n* b\n\n| a | b |\n|---|---|\n| 1 | 2 "
      "|"
      "\n\n<script>alert(1)</script>\n\n```\n  kept\n```");
  content.add_questions("How long, please?");
  content.add_questions("'quoted'");
  content.add_tags("money, back");
  content.add_tags("退款");
  content.set_product("lumen");
  content.set_product_module("app");
  content.set_error_type("late");
  content.set_solution_kind("wait");
  content.set_audience(v1::AUDIENCE_AGENTS);
  content.add_product_versions()->set_min_version("1.2");
  content.mutable_product_versions(0)->set_max_version("2.0");
  content.add_product_versions()->set_max_version("0.9");
  v1::Attachment& file = *content.add_attachments();
  file.set_name("Form, signed.pdf");
  file.set_uri("https://example.com/form.pdf?a=b");
  file.set_media_type("application/pdf");
  file.set_size_bytes(1200);
  v1::ArticleLink& link = *content.add_links();
  link.set_article("returns");
  link.set_kind(v1::ARTICLE_LINK_KIND_PREREQUISITE);
  return article;
}

void CheckReadsAs(const Rows& rows, const v1::PortableArticle& article) {
  for (const Refused& refused : rows.refused) UNSCOPED_INFO(refused.line << ": " << refused.why);
  REQUIRE(rows.refused.empty());
  REQUIRE(rows.rows.size() == 1);
  INFO(rows.rows[0].article.DebugString());
  CHECK(google::protobuf::util::MessageDifferencer::Equals(rows.rows[0].article, article));
}

std::string BodyOf(const std::string& html) {
  Rows rows;
  ReadHtml("<title>T</title><body>" + html, "page.html", {.locale = "en"}, rows);
  for (const Refused& refused : rows.refused) UNSCOPED_INFO(refused.why);
  REQUIRE(rows.rows.size() == 1);
  return rows.rows[0].article.content().body();
}

std::string WhyHtmlRefused(const std::string& html) {
  Rows rows;
  ReadHtml(html, "page.html", {.locale = "en"}, rows);
  REQUIRE(rows.rows.empty());
  REQUIRE(rows.refused.size() == 1);
  return rows.refused[0].why;
}

}  // namespace

TEST_CASE("each format gives back what was written in it") {
  std::vector<v1::PortableArticle> articles{Full(), Full(), Full()};
  articles[1].mutable_content()->set_body("    indented code first\r\nsecond line\n\n");
  articles[2].mutable_content()->clear_tags();
  articles[2].mutable_content()->add_tags("a");
  articles[2].mutable_content()->add_tags("b c");
  articles[2].set_publish(false);
  for (const v1::PortableArticle& article : articles) {
    Rows markdown, csv, html, json;
    ReadMarkdown(WriteMarkdown(article), "a.md", {}, markdown);
    CheckReadsAs(markdown, article);
    ReadCsv(WriteCsvHeader() + WriteCsvRow(article), "a.csv", {}, csv);
    CheckReadsAs(csv, article);
    ReadHtml(WriteHtml(article), "a.html", {}, html);
    CheckReadsAs(html, article);
    ReadJsonLines(WriteJsonLine(article), "a.jsonl", {}, json);
    CheckReadsAs(json, article);
  }
}

TEST_CASE("an exported page that somebody changed gives what it shows now") {
  v1::PortableArticle article = Full();
  article.mutable_content()->set_title("Refunds");
  article.mutable_content()->set_body("## When\n\nIn *five* days.");
  std::string page = WriteHtml(article);
  const size_t five = page.find("<em>five</em>");
  REQUIRE(five != std::string::npos);
  page.replace(five, 13, "<em>six</em>");
  Rows rows;
  ReadHtml(page, "a.html", {}, rows);
  article.mutable_content()->set_body("## When\n\nIn *six* days.");
  CheckReadsAs(rows, article);
}

TEST_CASE("a web page becomes Markdown") {
  const std::pair<const char*, const char*> kPages[] = {
      {"<h1>Head</h1><h2>One</h2><p>Two <b>bold</b> <i>it</i>\n more</p>",
       "## One\n\nTwo **bold** *it* more"},
      {"<ul><li>a<li>b<ol start=3><li>c<li>d</ol></ul>", "- a\n- b\n  3. c\n  4. d"},
      {"<ol><li><p>one</p><p>two</p></li><li>three</li></ol>", "1. one\n\n   two\n\n2. three"},
      {"<table><tr><th>A<th>B|<tr><td>1<td><p>2</p></table>",
       "| A | B\\| |\n| --- | --- |\n| 1 | 2 |"},
      {"<a href='https://x.example/a b'>link</a> <a href='javascript:alert(1)'>bad</a>",
       "[link](https://x.example/a%20b) bad"},
      {"<pre>a\n  `b`\n</pre><p><code>c`d</code></p>", "```\na\n  `b`\n```\n\n``c`d``"},
      {"<script>x()</script><style>p{}</style><nav>menu</nav><p hidden>no</p><p>yes</p>", "yes"},
      {"<blockquote><p>a</p><p>b</p></blockquote>", "> a\n> \n> b"},
      {"<p>1. not a list</p><p># no heading</p><p>- no *item*</p><p>a_b _c_ &lt;i&gt;</p>",
       "1\\. not a list\n\n\\# no heading\n\n\\- no \\*item\\*\n\na_b \\_c\\_ \\<i>"},
      {"one<br>two<div>three</div>four", "one  \ntwo\n\nthree\n\nfour"},
      {"<p><strong>注意：</strong>请</p>", "**注意**：请"},
      {"<img alt='A lamp' src='https://x.example/l.png'><img alt=b src='data:x'>",
       "![A lamp](https://x.example/l.png)b"},
  };
  for (const auto& [html, markdown] : kPages) {
    INFO(html);
    CHECK(BodyOf(html) == markdown);
  }
}

TEST_CASE("title, language, tags and id of a web page are found") {
  Rows rows;
  ReadHtml(
      "<html lang=zh-CN><head><title>退款 – Shop</title><meta name=keywords content='a, "
      "b,a'></head>"
      "<body><header>x</header><main><h1>退款说明</h1><p>五天。</p></main></body>",
      "/in/Refund Time.html", {}, rows);
  REQUIRE(rows.rows.size() == 1);
  const v1::PortableArticle& article = rows.rows[0].article;
  CHECK(article.article_id() == "refund-time");
  CHECK(article.locale() == "zh");
  CHECK(article.content().title() == "退款说明");
  CHECK(article.content().body() == "五天。");
  CHECK(article.content().tags_size() == 2);
}

TEST_CASE("a page that can't be an article is refused with the reason") {
  CHECK(WhyHtmlRefused("") == "is empty");
  CHECK(WhyHtmlRefused("<p>\xFF</p>") == "is not UTF-8");
  CHECK(WhyHtmlRefused("<p>\x01</p>") == "holds a control character");
  CHECK(WhyHtmlRefused(std::string(5 << 20, 'a')) == "is longer than 4194304 bytes");
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<div>";
  CHECK(WhyHtmlRefused(deep + "x") == "is nested deeper than 200 elements");
  for (int i = 0; i < 10; ++i) deep += deep.substr(0, 80'000);
  CHECK(WhyHtmlRefused(deep + "x") == "is nested deeper than 200 elements");
  CHECK(WhyHtmlRefused("<title>T</title><script>x</script>") == "must not be empty");
}

TEST_CASE("rows that are wrong are refused by line, the others are taken") {
  Rows csv;
  ReadCsv(
      "\xEF\xBB\xBFtitle,id,body,publish\r\nT,a,B,yes\r\nT,B!,B,\r\nT,c\r\nT,d,,no\r\nT,e,B,x\r\n",
      "f.csv", {.locale = "en"}, csv);
  REQUIRE(csv.rows.size() == 1);
  CHECK(csv.rows[0].article.publish());
  CHECK(csv.rows[0].line == 2);
  REQUIRE(csv.refused.size() == 4);
  CHECK(csv.refused[0].line == 4);  // what is no row at all is found first
  CHECK(csv.refused[1].field == "article_id");
  CHECK(csv.refused[1].line == 3);
  CHECK(csv.refused[2].field == "content.body");
  CHECK(csv.refused[3].why == "publish is yes or no");

  Rows json;
  ReadJsonLines(
      "{\"article_id\":\"a\",\"locale\":\"en\",\"content\":{\"title\":\"T\",\"body\":\"B\"}}"
      "\n\nnonsense\n"
      "{\"article_id\":\"b\",\"wrong\":1}\n" +
          std::string(1000, '[') + "\n{\"article_id\":\"c\",\"content\":" + std::string(1000, '{') +
          "\n",
      "f.jsonl", {}, json);
  CHECK(json.rows.size() == 1);
  REQUIRE(json.refused.size() == 4);
  CHECK(json.refused[0].line == 3);
  CHECK(json.refused[3].why == "is nested too deeply");
}

TEST_CASE("a table that can't be read is refused with the reason") {
  const std::pair<const char*, const char*> kTables[] = {
      {"", "is empty"},
      {"id,title\na,b\n", "body"},
      {"id,title,body,colour\n", "column 4"},
      {"id,title,body,id\n", "twice"},
      {"id,title,body\na,\"b,c\n", "quote"},
  };
  for (const auto& [table, why] : kTables) {
    Rows rows;
    ReadCsv(table, "f.csv", {.locale = "en"}, rows);
    INFO(table);
    CHECK(rows.rows.empty());
    REQUIRE(rows.refused.size() == 1);
    INFO(rows.refused[0].why);
    CHECK(rows.refused[0].why.find(why) != std::string::npos);
  }
}

TEST_CASE("a ZIP file gives back its files, the same bytes each time") {
  const std::vector<std::pair<std::string, std::string>> files{{"en/a.md", "one"},
                                                               {"zh/b.md", "二"}};
  const auto zip = WriteZip(files);
  REQUIRE(zip.ok());
  CHECK(*zip == *WriteZip(files));
  const auto read = ReadZip(*zip, [](std::string_view path) { return path.ends_with(".md"); });
  INFO(read.status());
  REQUIRE(read.ok());
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].path == "en/a.md");
  CHECK((*read)[0].bytes == "one");
  CHECK((*read)[1].bytes == "二");
  CHECK(ReadZip(*zip, [](std::string_view) { return false; })->empty());
}

TEST_CASE("a ZIP bomb, a path out of the folder and a broken file are refused") {
  const auto all = [](std::string_view) { return true; };
  const auto bomb = WriteZip({{"a.md", std::string(3 << 20, 'a')}});
  REQUIRE(bomb.ok());
  CHECK(bomb->size() < 10'000);
  const auto exploded = ReadZip(*bomb, all);
  CHECK(absl::IsResourceExhausted(exploded.status()));
  CHECK(exploded.status().message().find("ZIP_BOMB") != absl::string_view::npos);

  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 30; ++i) many.emplace_back("f" + std::to_string(i), "x");
  CHECK(absl::IsResourceExhausted(ReadZip(*WriteZip(many), all, {.entries = 20}).status()));
  CHECK(absl::IsResourceExhausted(ReadZip(*WriteZip(many), all, {.bytes = 20}).status()));

  const auto out = ReadZip(*WriteZip({{"../../etc/a.md", "x"}, {"long.md", "xxxxxxxx"}}), all,
                           {.entry_bytes = 5});
  REQUIRE(out.ok());
  REQUIRE(out->size() == 2);
  CHECK((*out)[0].problem == "has a path that leads out of the folder");
  CHECK((*out)[0].bytes.empty());
  CHECK((*out)[1].problem == "is longer than 5 bytes");

  CHECK(absl::IsInvalidArgument(ReadZip("PK but not really", all).status()));
  const std::string half = bomb->substr(0, bomb->size() / 2);
  const auto damaged = ReadZip(half, all);
  if (damaged.ok()) {
    for (const ZipEntry& entry : *damaged) CHECK_FALSE(entry.problem.empty());
  }
}
