#include "libs/text/tables/table.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"

namespace frontdesk::text {
namespace {

using Fields = std::vector<std::string>;

Table Parse(std::string_view bytes, const TableOptions& options) {
  auto table = ParseTable(bytes, options);
  REQUIRE(table.ok());
  return *std::move(table);
}

std::vector<size_t> LinesOf(const RefusedRows& refused) {
  std::vector<size_t> lines;
  for (const RefusedRow& row : refused.first) lines.push_back(row.line);
  return lines;
}

std::string ProblemOf(std::string_view bytes, const TableOptions& options) {
  const auto table = ParseTable(bytes, options);
  REQUIRE_FALSE(table.ok());
  const auto fields = DetailsOf(table.status()).fields;
  return fields.empty() ? std::string(MessageOf(table.status()))
                        : fields[0].first + " " + fields[0].second;
}

TEST_CASE("Wanted columns come in the wanted order, by name or number", "[table]") {
  const std::string_view csv = "id,text,label\n1,hello,greet\n2,bye,leave\n";
  const Table named = Parse(csv, {.columns = {"label", "text"}});
  REQUIRE(named.rows.size() == 2);
  CHECK(named.rows[0].fields == Fields{"greet", "hello"});
  CHECK(named.rows[1].line == 3);
  const Table numbered = Parse(csv, {.header = false, .columns = {"2"}});
  REQUIRE(numbered.rows.size() == 3);
  CHECK(numbered.rows[0].fields == Fields{"text"});
}

TEST_CASE("A column's name wins over its number", "[table]") {
  CHECK(Parse("2,1\na,b\n", {.columns = {"1"}}).rows[0].fields == Fields{"b"});
}

TEST_CASE("Quoted fields hold commas, quotes and line ends, and lines are still counted right",
          "[table]") {
  const Table table = Parse(
      "text,label\r\n\"one, two\",a\r\n\"said "
      "\"\"no\"\"\",b\r\n\"first\nsecond\r\nthird\",c\r\nlast,d",
      {.columns = {"text", "label"}});
  REQUIRE(table.rows.size() == 4);
  CHECK(table.rows[0].fields == Fields{"one, two", "a"});
  CHECK(table.rows[1].fields == Fields{"said \"no\"", "b"});
  CHECK(table.rows[2].fields == Fields{"first\nsecond\r\nthird", "c"});
  CHECK(table.rows[2].line == 4);
  CHECK(table.rows[3].fields == Fields{"last", "d"});
  CHECK(table.rows[3].line == 7);
}

TEST_CASE("A byte order mark is no part of the first column's name", "[table]") {
  CHECK(Parse("\xEF\xBB\xBFtext\nx\n", {.columns = {"text"}}).rows[0].fields == Fields{"x"});
}

TEST_CASE("Quotes mean nothing in a TSV", "[table]") {
  const Table table = Parse("\"a\tb \"c\"\n",
                            {.format = TableFormat::kTsv, .header = false, .columns = {"1", "2"}});
  CHECK(table.rows[0].fields == Fields{"\"a", "b \"c\""});
}

TEST_CASE("Bad rows are refused by line, and the good ones around them stay", "[table]") {
  const Table table =
      Parse("text,label\ngood,a\ntoo,many,fields\nalone\n\"x\"y,b\nbad\xFF,c\n\nalso good,d\n",
            {.columns = {"text", "label"}});
  CHECK(LinesOf(table.refused) == std::vector<size_t>{3, 4, 5, 6});
  CHECK(table.refused.count == 4);
  CHECK(table.refused.first[0].why == "has 3 fields, the first row 2");
  CHECK(table.refused.first[2].why == "has letters behind a closing quote");
  CHECK(table.refused.first[3].why == "is not UTF-8");
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[1].fields == Fields{"also good", "d"});
  CHECK(table.rows[1].line == 8);
}

TEST_CASE("More refused rows than are listed are still counted", "[table]") {
  std::string csv = "text,label\n";
  for (size_t i = 0; i < kRefusedRowsListed + 50; ++i) csv += "x\n";
  const Table table = Parse(csv, {.columns = {"text"}});
  CHECK(table.refused.count == kRefusedRowsListed + 50);
  CHECK(table.refused.first.size() == kRefusedRowsListed);
}

TEST_CASE("A quote that is never closed is an error with the line where it opens", "[table]") {
  CHECK(ProblemOf("text\nfine\n\"opened\nand\nnever closed\n", {.columns = {"text"}}) ==
        "line 3 opens a quote that is never closed");
}

TEST_CASE("A column that is not there is an error that names it", "[table]") {
  CHECK(ProblemOf("text,label\nx,y\n", {.columns = {"body"}}) ==
        "column body is not named in the header");
  CHECK(ProblemOf("x,y\n", {.header = false, .columns = {"text"}}) ==
        "column text needs a header, or must be a number from 1");
  CHECK(ProblemOf("x,y\n", {.header = false, .columns = {"3"}}) ==
        "column 3 is not there: the first row has 2 fields");
  CHECK(ProblemOf("x,y\n", {.header = false, .columns = {"0"}}) ==
        "column 0 is not there: the first row has 2 fields");
}

TEST_CASE("UTF-16 is refused instead of misread", "[table]") {
  CHECK(ProblemOf(std::string_view("\xFF\xFEt\0e\0", 6), {.columns = {"t"}}) ==
        "line 1 is UTF-16; the table must be UTF-8");
}

TEST_CASE("An empty table has no rows", "[table]") {
  CHECK(Parse("", {.columns = {"text"}}).rows.empty());
  CHECK(Parse("\n\n", {.columns = {"text"}}).rows.empty());
  CHECK(Parse("text\n", {.columns = {"text"}}).rows.empty());
}

TEST_CASE("A row above the limit is refused, the next one is read", "[table]") {
  const std::string csv = "text\n" + std::string(kTableRowBytesMax + 1, 'x') + "\nshort\n";
  const Table table = Parse(csv, {.columns = {"text"}});
  CHECK(LinesOf(table.refused) == std::vector<size_t>{2});
  REQUIRE(table.rows.size() == 1);
  CHECK(table.rows[0].fields == Fields{"short"});
}

TEST_CASE("JSON lines give text, numbers and booleans by key", "[table]") {
  const Table table = Parse(
      "{\"text\": \"a\\nb\", \"label\": 3}\n\n{\"label\": true, \"text\": \"中\", \"more\": []}\n",
      {.format = TableFormat::kJsonLines, .columns = {"text", "label"}});
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0].fields == Fields{"a\nb", "3"});
  CHECK(table.rows[1].fields == Fields{"中", "true"});
  CHECK(table.rows[1].line == 3);
}

TEST_CASE("JSON lines that are no rows are refused with the reason", "[table]") {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  const Table table =
      Parse("{\"text\": \n[1]\n{\"other\": 1}\n{\"text\": null}\n{\"text\": " + deep + "}\n",
            {.format = TableFormat::kJsonLines, .columns = {"text"}});
  CHECK(table.rows.empty());
  REQUIRE(table.refused.count == 5);
  CHECK(table.refused.first[0].why == "is no JSON object");
  CHECK(table.refused.first[1].why == "is no JSON object");
  CHECK(table.refused.first[2].why == "has no \"text\"");
  CHECK(table.refused.first[3].why == "\"text\" is neither text, number nor boolean");
  CHECK(table.refused.first[4].why == "is nested too deeply");
}

TEST_CASE("A format is told by the file's ending", "[table]") {
  CHECK(TableFormatOfPath("a/b.CSV") == TableFormat::kCsv);
  CHECK(TableFormatOfPath("x.tsv") == TableFormat::kTsv);
  CHECK(TableFormatOfPath("x.ndjson") == TableFormat::kJsonLines);
  CHECK_FALSE(TableFormatOfPath("x.xlsx").has_value());
}

class Folder {
 public:
  Folder() {
    std::string form = (std::filesystem::temp_directory_path() / "fd-tables-XXXXXX").string();
    path_ = ::mkdtemp(form.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  size_t Files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::string path_;
};

TEST_CASE("WriteWhole replaces a file and leaves no other behind", "[table]") {
  const Folder folder;
  REQUIRE(WriteWhole(folder.File("m"), "one").ok());
  REQUIRE(WriteWhole(folder.File("m"), std::string("two\0", 4)).ok());
  CHECK(ReadBytes(folder.File("m"), 100).value() == std::string("two\0", 4));
  CHECK(folder.Files() == 1);
}

TEST_CASE("WriteWhole says which path it can't write, and leaves nothing", "[table]") {
  const Folder folder;
  CHECK(WriteWhole(folder.File("none/m"), "x").code() == absl::StatusCode::kNotFound);
  std::filesystem::create_directory(folder.File("taken"));
  CHECK(WriteWhole(folder.File("taken"), "x").code() == absl::StatusCode::kUnavailable);
  CHECK(folder.Files() == 1);
}

TEST_CASE("ReadBytes refuses what is too long, missing, or a folder", "[table]") {
  const Folder folder;
  REQUIRE(WriteWhole(folder.File("m"), "12345").ok());
  CHECK(ReadBytes(folder.File("m"), 5).value() == "12345");
  CHECK(ReadBytes(folder.File("m"), 4).status().code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReadBytes(folder.File("n"), 4).status().code() == absl::StatusCode::kNotFound);
  CHECK(ReadBytes(folder.File(""), 4).status().code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace frontdesk::text
