#include "libs/config/yaml.h"

#include <catch2/catch.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/random.h"

namespace frontdesk::config {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

std::string ErrorOf(const absl::Status& status) {
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  return std::string(MessageOf(status));
}

TEST_CASE("maps, lists and scalars become values in the order of the file") {
  const auto root = ParseYaml("b: 1\na: [x, 'y z']\nempty:\nm: {k: 2s}\n");
  REQUIRE(root.ok());
  REQUIRE(root->IsMap());
  CHECK(root->entries()[0].first == "b");
  CHECK(*root->Int64Or("b", 0) == 1);
  CHECK(*root->StringsOr("a", {}) == std::vector<std::string>{"x", "y z"});
  CHECK(root->Find("empty")->IsNull());
  CHECK(*root->Find("m")->DurationOr("k", absl::ZeroDuration()) == absl::Seconds(2));
  CHECK(root->Find("nothing") == nullptr);
}

TEST_CASE("a missing key gives the default, a wrong one an error where it stands") {
  const auto root = ParseYaml("n: many\nflag: 3\nlist: x\ntext: [1]\n", "t.yaml");
  REQUIRE(root.ok());
  CHECK(*root->Int64Or("absent", 7) == 7);
  CHECK(*root->BoolOr("absent", true));
  CHECK(*root->StringOr("absent", "d") == "d");
  CHECK(root->ListOr("absent")->empty());
  CHECK(ErrorOf(root->Int64Or("n", 0).status()) == "t.yaml:1:1: expected a whole number");
  CHECK(ErrorOf(root->BoolOr("flag", false).status()) == "t.yaml:2:1: expected true or false");
  CHECK(ErrorOf(root->ListOr("list").status()) ==
        "t.yaml:3:1: expected a list, found a single value");
  CHECK(ErrorOf(root->StringOr("text", "").status()) ==
        "t.yaml:4:1: expected a single value, found a list");
  CHECK_THAT(ErrorOf(root->RequireString("name").status()), Contains("'name' is missing"));
}

TEST_CASE("an unknown key names the nearest known one") {
  const auto root = ParseYaml("tenants:\n  - id: demo\n    tokns: []\n", "t.yaml");
  REQUIRE(root.ok());
  const Node& tenant = root->Find("tenants")->items()[0];
  CHECK(ErrorOf(tenant.CheckKeys({"id", "tokens"})) ==
        "t.yaml:3:5: unknown key 'tokns', did you mean 'tokens'?");
  CHECK(tenant.CheckKeys({"id", "tokns"}).ok());
  CHECK_THAT(ErrorOf(root->Find("tenants")->CheckKeys({"id"})), Contains("expected a map"));
}

TEST_CASE("what is not YAML is an error with its position") {
  CHECK_THAT(ErrorOf(ParseYaml("a: [1, 2\nb: 3\n", "f").status()), StartsWith("f:"));
  CHECK_THAT(ErrorOf(ParseYaml("a: 1\n\tb: 2\n", "f").status()), StartsWith("f:2:"));
  CHECK_THAT(ErrorOf(ParseYaml("a: *nowhere\n", "f").status()), StartsWith("f:1:"));
  CHECK_THAT(ErrorOf(ParseYaml("a: \xff\n", "f").status()), Contains("not UTF-8"));
}

TEST_CASE("what would be read in two ways is refused") {
  CHECK(ErrorOf(ParseYaml("a: 1\nb: 2\na: 3\n", "f").status()) ==
        "f:3:1: key 'a' stands here twice");
  CHECK_THAT(ErrorOf(ParseYaml("a: 1\n---\nb: 2\n", "f").status()), Contains("second document"));
  CHECK_THAT(ErrorOf(ParseYaml("[1, 2]: x\n", "f").status()), Contains("must be a single value"));
}

TEST_CASE("an empty document is nothing, with a position") {
  for (const char* text : {"", "# only words\n", "---\n"}) {
    const auto root = ParseYaml(text, "f");
    REQUIRE(root.ok());
    CHECK(root->IsNull());
    CHECK_THAT(ErrorOf(root->ErrorHere("x")), Contains(":1: x"));
  }
}

TEST_CASE("an alias is its value, and a bomb of aliases is refused") {
  const auto root = ParseYaml("a: &x {k: v}\nb: *x\n");
  REQUIRE(root.ok());
  CHECK(*root->Find("b")->StringOr("k", "") == "v");

  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) bomb += ", " + last;
    bomb += "]\n";
  }
  CHECK_THAT(ErrorOf(ParseYaml(bomb).status()), Contains("more than 100000 values"));
}

TEST_CASE("size and depth are bounded") {
  CHECK_THAT(ErrorOf(ParseYaml(std::string(kMaxYamlBytes + 1, ' ')).status()), Contains("larger"));
  CHECK_THAT(ErrorOf(ParseYaml(std::string(100, '[') + std::string(100, ']')).status()),
             Contains("too deeply"));
  CHECK_FALSE(ParseYaml(std::string(100'000, '[')).ok());
}

TEST_CASE("a text that starts with a comma is refused and does not hang the reader") {
  CHECK_FALSE(ParseYaml(",a").ok());
  CHECK_FALSE(ParseYaml("a: 1\n---\n,a").ok());
}

TEST_CASE("arbitrary bytes never crash the reader") {
  SeededRandom random(11);
  constexpr std::string_view kPieces[] = {"a", ":",   " ",  "\n", "-", "[", "]", "{",
                                          "}", "&x",  "*x", "!",  "|", ">", "'", "\"",
                                          "#", "---", "?",  "\t", "%", ","};
  int read = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (uint64_t n = random.Uniform(30); n > 0; --n)
      text += kPieces[random.Uniform(std::size(kPieces))];
    read += ParseYaml(text).ok();
  }
  CHECK(read > 0);
}

TEST_CASE("a missing file is not found") {
  CHECK(absl::IsNotFound(ReadYamlFile("/nonexistent/x.yaml").status()));
}

}  // namespace
}  // namespace frontdesk::config
