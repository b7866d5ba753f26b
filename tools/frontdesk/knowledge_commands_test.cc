#include "tools/frontdesk/knowledge_commands.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>

#include <stdlib.h>

#include "google/protobuf/util/message_differencer.h"
#include "libs/text/tables/table.h"
#include "services/knowledge/formats/input.h"

using namespace frontdesk;
namespace formats = knowledge::formats;
namespace v1 = knowledge::v1;
using formats::Format;

namespace {

// A knowledge base as the commands see one: links and sources must be there when a row comes.
struct Base {
  Base() {
    char name[] = "/tmp/frontdesk-knowledge-XXXXXX";
    directory = mkdtemp(name);
  }
  ~Base() { std::filesystem::remove_all(directory); }

  v1::ImportResult Take(const v1::PortableArticle& row, bool dry_run) {
    v1::ImportResult result;
    result.set_article_id(row.article_id());
    const auto refuse = [&](const std::string& field) {
      result.set_outcome(v1::IMPORT_OUTCOME_REFUSED);
      result.set_field(field);
      result.set_message("names an article that there is not");
      return result;
    };
    for (const v1::ArticleLink& link : row.content().links()) {
      if (!articles.contains(link.article())) return refuse("content.links[0].article");
    }
    if (!row.translation_of().empty() && !articles.contains(row.translation_of())) {
      return refuse("translation_of");
    }
    const auto it = articles.find(row.article_id());
    const bool same =
        it != articles.end() && google::protobuf::util::MessageDifferencer::Equals(it->second, row);
    result.set_outcome(it == articles.end() ? v1::IMPORT_OUTCOME_CREATED
                       : same               ? v1::IMPORT_OUTCOME_UNCHANGED
                                            : v1::IMPORT_OUTCOME_CHANGED);
    if (!dry_run) articles[row.article_id()] = row;
    return result;
  }
  command::ImportCall ImportCall() {
    return [this](const v1::ImportArticlesRequest& request) {
      CHECK(request.articles_size() <= 100);
      CHECK(request.parent() == "tenants/acme");
      v1::ImportArticlesResponse response;
      for (const auto& row : request.articles()) {
        *response.add_results() = Take(row, request.dry_run());
      }
      return response;
    };
  }
  command::ExportCall ExportCall() {
    return [this](const v1::ExportArticlesRequest& request) {
      v1::ExportArticlesResponse response;
      auto it = articles.upper_bound(request.page_token());
      for (; it != articles.end() && response.articles_size() < 2; ++it) {
        *response.add_articles() = it->second;
      }
      if (it != articles.end()) {
        response.set_next_page_token(response.articles().rbegin()->article_id());
      }
      return response;
    };
  }
  command::ImportCounts Import(formats::Rows& rows, bool dry_run = false) {
    const auto counts = command::ImportRows("acme", dry_run, rows, ImportCall(), {});
    REQUIRE(counts.ok());
    return *counts;
  }
  std::string Path(const std::string& name) const { return directory + "/" + name; }
  void Write(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories(std::filesystem::path(Path(name)).parent_path());
    REQUIRE(text::WriteWhole(Path(name), bytes).ok());
  }

  std::map<std::string, v1::PortableArticle> articles;
  std::string directory;
};

formats::Row Row(const std::string& id, const std::string& linked = "",
                 const std::string& translation_of = "") {
  formats::Row row{.article = {}, .file = "f"};
  row.article.set_article_id(id);
  row.article.set_locale(translation_of.empty() ? "en" : "zh");
  row.article.set_translation_of(translation_of);
  row.article.mutable_content()->set_title("Title of " + id);
  row.article.mutable_content()->set_body("Body");
  row.article.set_publish(true);
  if (!linked.empty()) {
    v1::ArticleLink& link = *row.article.mutable_content()->add_links();
    link.set_article(linked);
    link.set_kind(v1::ARTICLE_LINK_KIND_RELATED);
  }
  return row;
}

}  // namespace

TEST_CASE_METHOD(Base, "rows come in an order in which what they name is there, circles too") {
  formats::Rows rows;
  rows.rows = {Row("a", "b"), Row("b", "a"), Row("c", "", "d"), Row("d", "a"), Row("e", "nowhere")};
  formats::Rows again = rows;
  const auto dry = [&] {
    formats::Rows copy = rows;
    const auto counts = Import(copy, /*dry_run=*/true);
    CHECK(copy.refused.size() == 1);
    return counts;
  }();
  CHECK(dry.created == 4);
  CHECK(articles.empty());
  const auto counts = Import(rows);
  CHECK(counts.created == 4);
  CHECK(counts.changed == 0);
  REQUIRE(rows.refused.size() == 1);
  CHECK(rows.refused[0].article == "e");
  CHECK(articles.at("a").content().links_size() == 1);
  CHECK(articles.at("b").content().links_size() == 1);
  CHECK(articles.at("a").publish());
  const auto second = Import(again);
  CHECK(second.unchanged == 4);
  CHECK(second.created + second.changed == 0);
}

TEST_CASE_METHOD(Base, "many rows go in batches, and an error of the server ends the import") {
  formats::Rows rows;
  for (int i = 0; i < 250; ++i) rows.rows.push_back(Row("a" + std::to_string(i)));
  std::vector<size_t> steps;
  auto counts = command::ImportRows("acme", false, rows, ImportCall(),
                                    [&](size_t done) { steps.push_back(done); });
  REQUIRE(counts.ok());
  CHECK(counts->created == 250);
  CHECK(steps == std::vector<size_t>{100, 200, 250});
  int calls = 0;
  counts = command::ImportRows(
      "acme", false, rows,
      [&](const v1::ImportArticlesRequest& request) -> absl::StatusOr<v1::ImportArticlesResponse> {
        if (++calls == 2) return absl::UnavailableError("gone");
        return ImportCall()(request);
      },
      {});
  CHECK(absl::IsUnavailable(counts.status()));
}

TEST_CASE_METHOD(Base, "what was exported in any format is unchanged when it is imported") {
  formats::Rows rows;
  rows.rows = {Row("a", "b"), Row("b"), Row("c", "", "a")};
  Import(rows);
  const std::pair<Format, std::string> kOuts[] = {
      {Format::kMarkdown, "markdown"}, {Format::kMarkdown, "m.zip"},
      {Format::kHtml, "html"},         {Format::kHtml, "h.zip"},
      {Format::kCsv, "t.csv"},         {Format::kJsonLines, "t.jsonl"}};
  for (const auto& [format, out] : kOuts) {
    INFO(out);
    const command::ExportOptions options{.format = format, .tenant = "acme", .out = Path(out)};
    const auto count = command::ExportTo(options, ExportCall(), {});
    INFO(count.status());
    REQUIRE(count.ok());
    CHECK(*count == 3);
    auto read = formats::ReadInput({.paths = {Path(out)}});
    INFO(read.status());
    REQUIRE(read.ok());
    CHECK(Import(*read).unchanged == 3);
    CHECK(read->refused.empty());
  }
  const command::ExportOptions again{
      .format = Format::kMarkdown, .tenant = "acme", .out = Path("markdown")};
  CHECK(absl::IsInvalidArgument(command::ExportTo(again, ExportCall(), {}).status()));
}

TEST_CASE_METHOD(Base, "an exported name can't lead out of the folder") {
  articles["x"] = Row("../../x").article;
  const command::ExportOptions options{
      .format = Format::kMarkdown, .tenant = "acme", .out = Path("out")};
  CHECK(absl::IsInvalidArgument(command::ExportTo(options, ExportCall(), {}).status()));
}

TEST_CASE_METHOD(Base,
                 "files are read by their endings, what is wrong is told with file and line") {
  const std::string good = "---\nlocale: en\ntitle: T\n---\nBody\n";
  Write("in/one.md", good);
  Write("in/deep/two.md", good);
  Write("in/bad.md", "---\nlocale: en\nwrong: x\n---\nBody\n");
  Write("in/tags.md", "---\nlocale: en\ntitle: T\ntags:\n  - a\n  - a\n---\nBody\n");
  Write("in/empty.md", "");
  Write("in/long.md", std::string(300 << 10, 'a'));
  Write("in/binary.html", std::string("<p>\x00\x01</p>", 9));
  Write("in/page.html", "<html lang=en><h1>T</h1><p>Body<script>alert(1)</script></p>");
  Write("in/other/one.md", good);
  Write("in/.hidden.md", "nothing");
  Write("in/notes.txt", "nothing");
  auto rows = formats::ReadInput({.paths = {Path("in")}});
  REQUIRE(rows.ok());
  REQUIRE(rows->rows.size() == 3);
  std::map<std::string, std::string> why;
  for (const auto& row : rows->refused) {
    why[row.file.substr(directory.size() + 4)] = std::to_string(row.line) + ": " + row.why;
  }
  CHECK(why.size() == 6);
  CHECK(why["tags.md"].starts_with("6: content.tags[1]"));
  CHECK(why["bad.md"].starts_with("3: unknown key \"wrong\""));
  CHECK(why["empty.md"] == "1: is empty");
  CHECK(why["long.md"] == "1: is longer than 262144 bytes");
  CHECK(why["binary.html"] == "1: holds a control character");
  CHECK(why["other/one.md"].starts_with("1: has the id of "));
  const std::string report = command::RefusedReport(rows->refused);
  CHECK(std::count(report.begin(), report.end(), '\n') == 6);
  CHECK(report.find("\"why\":\"is empty\"") != std::string::npos);

  rows = formats::ReadInput({.paths = {Path("in")}, .format = Format::kHtml});
  REQUIRE(rows.ok());
  CHECK(rows->rows.size() == 1);
  CHECK(absl::IsInvalidArgument(formats::ReadInput({.paths = {Path("in/notes.txt")}}).status()));
  CHECK(absl::IsNotFound(formats::ReadInput({.paths = {Path("nowhere")}}).status()));
}

TEST_CASE_METHOD(Base, "what the server refuses is told with the line of the field") {
  Write("in/one.md",
        "---\nlocale: en\ntitle: T\nlinks:\n  # a comment\n  - related nobody\n---\nBody\n");
  auto rows = formats::ReadInput({.paths = {Path("in")}});
  REQUIRE(rows.ok());
  REQUIRE(rows->rows.size() == 1);
  Import(*rows);
  REQUIRE(rows->refused.size() == 1);
  CHECK(rows->refused[0].field.starts_with("content.links"));
  CHECK(rows->refused[0].line == 6);
}

TEST_CASE("a check of the index names what differs") {
  v1::IndexCheck check;
  check.set_published_articles(3);
  check.set_indexed_articles(2);
  check.set_missing_count(1);
  check.add_missing("tenants/acme/articles/a/versions/2");
  CHECK(command::IndexReport(check) ==
        "published 3, indexed 2, missing 1, superfluous 0, without vectors 0; something was being "
        "published meanwhile\nmissing tenants/acme/articles/a/versions/2\n");
}
