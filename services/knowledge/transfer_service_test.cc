#include <catch2/catch.hpp>

#include "services/knowledge/formats/csv_file.h"
#include "services/knowledge/formats/html_page.h"
#include "services/knowledge/formats/json_lines.h"
#include "services/knowledge/formats/markdown_file.h"
#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using knowledge::testing::KnowledgeWorld;
using process::testing::kParent;
using Service = KnowledgeService;

namespace {

struct Transfer {
  static v1::PortableArticle Row(const std::string& id, const std::string& title,
                                 const std::string& body = "Body.", bool publish = true) {
    v1::PortableArticle row;
    row.set_article_id(id);
    row.set_locale("en");
    row.set_publish(publish);
    row.mutable_content()->set_title(title);
    row.mutable_content()->set_body(body);
    return row;
  }
  std::vector<v1::ImportResult> Import(const std::vector<v1::PortableArticle>& rows,
                                       bool dry_run = false, std::string request_id = "") {
    v1::ImportArticlesRequest request;
    request.set_parent(kParent);
    request.set_dry_run(dry_run);
    request.set_request_id(request_id.empty() ? world.NewRequestId() : request_id);
    for (const v1::PortableArticle& row : rows) *request.add_articles() = row;
    v1::ImportArticlesResponse response;
    const absl::Status status = world.ImportArticles(request, &response);
    INFO(status);
    REQUIRE(status.ok());
    REQUIRE(response.results_size() == static_cast<int>(rows.size()));
    return {response.results().begin(), response.results().end()};
  }
  std::vector<v1::PortableArticle> Export(bool newest = false, int page_size = 0) {
    v1::ExportArticlesRequest request;
    request.set_parent(kParent);
    request.set_newest(newest);
    request.set_page_size(page_size);
    std::vector<v1::PortableArticle> all;
    while (true) {
      v1::ExportArticlesResponse page;
      REQUIRE(world.ExportArticles(request, &page).ok());
      all.insert(all.end(), page.articles().begin(), page.articles().end());
      if (page.next_page_token().empty()) return all;
      request.set_page_token(page.next_page_token());
    }
  }

  KnowledgeWorld world;
};

}  // namespace

TEST_CASE_METHOD(Transfer, "an import makes, changes or leaves an article as its row says") {
  CHECK(Import({Row("a", "One")})[0].outcome() == v1::IMPORT_OUTCOME_CREATED);
  CHECK(world.Get("a").state() == v1::ARTICLE_STATE_PUBLISHED);
  CHECK(Import({Row("a", "One")})[0].outcome() == v1::IMPORT_OUTCOME_UNCHANGED);
  CHECK(Import({Row("a", "One", "Body.", false)})[0].outcome() == v1::IMPORT_OUTCOME_UNCHANGED);
  CHECK(world.Get("a").latest_version() == 1);
  // What is live stays until a row wants it published.
  CHECK(Import({Row("a", "Two", "Body.", false)})[0].outcome() == v1::IMPORT_OUTCOME_CHANGED);
  CHECK(world.Get("a").published_version() == 1);
  CHECK(Import({Row("a", "Two")})[0].outcome() == v1::IMPORT_OUTCOME_CHANGED);
  CHECK(world.Get("a").published_version() == 2);
  CHECK(world.Get("a").latest_version() == 2);
  world.Settle();
  CHECK(world.IndexState().indexed_articles() == 1);
}

TEST_CASE_METHOD(Transfer, "a row that is refused names its field and leaves the others alone") {
  auto wrong_locale = Row("a", "One");
  wrong_locale.set_locale("zh");
  auto no_locale = Row("d", "One");
  no_locale.set_locale("fr");
  auto of_another = Row("a", "One");
  of_another.set_translation_of("b");
  Import({Row("a", "One"), Row("gone", "Gone")});
  REQUIRE(world.Archive("gone").ok());
  const auto results = Import({Row("b", ""), Row("c", "Three"), wrong_locale, no_locale,
                               Row("UPPER", "x"), Row("gone", "Gone"), of_another});
  const std::pair<v1::ImportOutcome, std::string> kExpected[] = {
      {v1::IMPORT_OUTCOME_REFUSED, "content.title"}, {v1::IMPORT_OUTCOME_CREATED, ""},
      {v1::IMPORT_OUTCOME_REFUSED, "locale"},        {v1::IMPORT_OUTCOME_REFUSED, "locale"},
      {v1::IMPORT_OUTCOME_REFUSED, "article_id"},    {v1::IMPORT_OUTCOME_REFUSED, "article_id"},
      {v1::IMPORT_OUTCOME_REFUSED, "translation_of"}};
  for (size_t i = 0; i < results.size(); ++i) {
    INFO(results[i].ShortDebugString());
    CHECK(results[i].outcome() == kExpected[i].first);
    CHECK(results[i].field() == kExpected[i].second);
    CHECK(results[i].message().empty() == kExpected[i].second.empty());
  }
  CHECK(results[5].reason() == "FAILED_TRANSITION");
  CHECK(Export().size() == 2);
}

TEST_CASE_METHOD(Transfer, "a dry run says what would happen and changes nothing") {
  Import({Row("a", "One")});
  const auto results =
      Import({Row("a", "One"), Row("a", "Two"), Row("b", "New"), Row("c", "")}, /*dry_run=*/true);
  CHECK(results[0].outcome() == v1::IMPORT_OUTCOME_UNCHANGED);
  CHECK(results[1].outcome() == v1::IMPORT_OUTCOME_CHANGED);
  CHECK(results[2].outcome() == v1::IMPORT_OUTCOME_CREATED);
  CHECK(results[2].article_id() == "b");
  CHECK(results[3].outcome() == v1::IMPORT_OUTCOME_REFUSED);
  CHECK(world.Get("a").latest_version() == 1);
  CHECK(Export(/*newest=*/true).size() == 1);
}

TEST_CASE_METHOD(Transfer, "a repeated request is told again what it did") {
  const std::vector<v1::PortableArticle> rows{Row("a", "One"), Row("b", "Two")};
  CHECK(Import(rows, false, "r1")[1].outcome() == v1::IMPORT_OUTCOME_CREATED);
  CHECK(Import(rows, false, "r1")[1].outcome() == v1::IMPORT_OUTCOME_CREATED);
  CHECK(Import(rows, false, "r2")[1].outcome() == v1::IMPORT_OUTCOME_UNCHANGED);
}

TEST_CASE_METHOD(Transfer, "an import of nothing or too much is refused whole") {
  v1::ImportArticlesRequest request;
  request.set_parent(kParent);
  request.set_request_id("r");
  v1::ImportArticlesResponse response;
  CHECK(absl::IsInvalidArgument(world.ImportArticles(request, &response)));
  for (int i = 0; i < 101; ++i) *request.add_articles() = Row("a", "One");
  CHECK(absl::IsInvalidArgument(world.ImportArticles(request, &response)));
}

TEST_CASE_METHOD(Transfer, "an export gives what is live or newest, by id, in pages") {
  Import({Row("c", "Three"), Row("a", "One"), Row("b", "Two", "Body.", false)});
  Import({Row("a", "One and a half", "Body.", false)});
  const auto live = Export(false, 1);
  REQUIRE(live.size() == 2);
  CHECK(live[0].article_id() == "a");
  CHECK(live[0].content().title() == "One");
  CHECK(live[0].publish());
  CHECK(live[1].article_id() == "c");
  const auto newest = Export(true, 2);
  REQUIRE(newest.size() == 3);
  CHECK(newest[0].content().title() == "One and a half");
  CHECK_FALSE(newest[0].publish());
  CHECK_FALSE(newest[1].publish());
}

TEST_CASE_METHOD(Transfer, "what was exported in any format changes nothing when it is imported") {
  auto rich = Row("rich", "With \"everything\", <b>and</b> more",
                  "## One\n\n* a\n* b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n<script>x</script>\n");
  rich.mutable_content()->add_tags("a, b");
  rich.mutable_content()->add_questions("What?");
  rich.mutable_content()->set_product("lumen");
  rich.mutable_content()->set_audience(v1::AUDIENCE_CUSTOMERS);
  rich.mutable_content()->add_product_versions()->set_min_version("1.2");
  v1::ArticleLink& link = *rich.mutable_content()->add_links();
  link.set_article("plain");
  link.set_kind(v1::ARTICLE_LINK_KIND_RELATED);
  REQUIRE(world.AddNode("lumen", v1::KNOWLEDGE_NODE_KIND_PRODUCT).ok());
  for (const v1::ImportResult& result : Import({Row("plain", "Plain"), rich})) {
    INFO(result.ShortDebugString());
    REQUIRE(result.outcome() == v1::IMPORT_OUTCOME_CREATED);
  }
  const auto exported = Export();
  REQUIRE(exported.size() == 2);
  CHECK(exported[1].content().links(0).article() == "plain");
  formats::Rows markdown, csv, html, json;
  std::string table = formats::WriteCsvHeader();
  std::string lines;
  for (const v1::PortableArticle& article : exported) {
    formats::ReadMarkdown(formats::WriteMarkdown(article), "f.md", {}, markdown);
    formats::ReadHtml(formats::WriteHtml(article), "f.html", {}, html);
    table += formats::WriteCsvRow(article);
    lines += formats::WriteJsonLine(article);
  }
  formats::ReadCsv(table, "f.csv", {}, csv);
  formats::ReadJsonLines(lines, "f.jsonl", {}, json);
  for (const formats::Rows* rows : {&markdown, &csv, &html, &json}) {
    REQUIRE(rows->rows.size() == 2);
    for (const formats::Row& row : rows->rows) {
      const auto result = Import({row.article})[0];
      INFO(result.ShortDebugString());
      CHECK(result.outcome() == v1::IMPORT_OUTCOME_UNCHANGED);
    }
  }
}

TEST_CASE_METHOD(Transfer, "importing one's own export leaves alone what is under review") {
  Import({Row("a", "One")});
  Import({Row("a", "Two", "Body.", /*publish=*/false)});
  const auto live = Export();
  REQUIRE(world.Verb(&Service::SubmitArticleVersion, world.Name("a") + "/versions/2").ok());
  CHECK(Import(live)[0].outcome() == v1::IMPORT_OUTCOME_UNCHANGED);
  CHECK(world.Get("a").latest_version() == 2);
  CHECK(world.Get("a").published_version() == 1);
  const auto refused = Import({Row("a", "Three")})[0];
  CHECK(refused.outcome() == v1::IMPORT_OUTCOME_REFUSED);
  CHECK(refused.reason() == "VERSION_STATE");
  CHECK(world.Get("a").latest_version() == 2);
  // A draft that nobody has handed in is somebody's, but no more than a file's.
  Import({Row("b", "One")});
  Import({Row("b", "Two", "Body.", /*publish=*/false)});
  CHECK(Import({Row("b", "Three")})[0].outcome() == v1::IMPORT_OUTCOME_CHANGED);
  CHECK(world.Get("b").published_version() == 3);
}

TEST_CASE_METHOD(Transfer, "importing one's own export leaves a rolled back article rolled back") {
  Import({Row("a", "One")});
  Import({Row("a", "Two")});
  v1::RollBackArticleRequest request;
  request.set_name(world.Name("a"));
  request.set_version(1);
  request.set_request_id("roll");
  v1::RollBackArticleResponse response;
  REQUIRE(world.Do(&Service::RollBackArticle, request, &response).ok());
  const auto live = Export();
  REQUIRE(live.size() == 1);
  CHECK(live[0].content().title() == "One");
  CHECK(Import(live)[0].outcome() == v1::IMPORT_OUTCOME_UNCHANGED);
  CHECK(world.Get("a").published_version() == 1);
  CHECK(world.Get("a").latest_version() == 2);
}
