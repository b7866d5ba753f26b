#include "services/knowledge/domain/diff.h"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

#include <fmt/core.h>

using frontdesk::knowledge::DiffLines;
using frontdesk::knowledge::TextDiff;

namespace {

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What `patch` would make of `older`.
std::vector<std::string> Apply(std::string_view older, const TextDiff& diff) {
  const std::vector<std::string> lines = Split(older);
  std::vector<std::string> result;
  size_t at = 0;
  for (const std::string& line : Split(diff.unified)) {
    if (line.substr(0, 2) == "@@") {
      int begin = 0, count = 0;
      REQUIRE(std::sscanf(line.c_str(), "@@ -%d,%d", &begin, &count) == 2);
      const auto first = static_cast<size_t>(count == 0 ? begin : begin - 1);
      REQUIRE(first >= at);
      while (at < first) result.push_back(lines[at++]);
      continue;
    }
    if (line[0] == '+') {
      result.push_back(line.substr(1));
      continue;
    }
    REQUIRE(at < lines.size());
    CHECK(lines[at] == line.substr(1));
    if (line[0] == ' ') result.push_back(lines[at]);
    ++at;
  }
  while (at < lines.size()) result.push_back(lines[at++]);
  return result;
}

}  // namespace

TEST_CASE("a diff shows each change with the lines around it") {
  struct Case {
    const char* older;
    const char* newer;
    int context;
    const char* unified;
  };
  const Case kCases[] = {
      {"a\nb\n", "a\nb", 3, ""},
      {"", "", 3, ""},
      {"", "a\n", 3, "@@ -0,0 +1,1 @@\n+a\n"},
      {"a\n", "", 3, "@@ -1,1 +0,0 @@\n-a\n"},
      {"a\nb\nc\n", "a\nx\nc\n", 3, "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
      {"a\nb\nc\n", "a\nx\nc\n", 0, "@@ -2,1 +2,1 @@\n-b\n+x\n"},
      {"1\n2\n3\n4\n5\n6\n7\n", "1\nx\n3\n4\n5\n6\ny\n", 1,
       "@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n@@ -6,2 +6,2 @@\n 6\n-7\n+y\n"},
      {"a\nb\n", "a\nb\nc\n", 1, "@@ -2,1 +2,2 @@\n b\n+c\n"},
  };
  for (const Case& c : kCases) {
    INFO(c.older << " to " << c.newer);
    CHECK(DiffLines(c.older, c.newer, c.context, 1 << 20).unified == c.unified);
  }
}

TEST_CASE("the fewest lines are shown as changed") {
  const TextDiff diff = DiffLines("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n", 3, 1 << 20);
  CHECK(diff.added + diff.removed == 5);
}

TEST_CASE("a diff turns the older text into the newer one, whatever they are") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const auto text = [&] {
      std::string lines;
      for (unsigned i = random() % 25; i > 0; --i) {
        lines += fmt::format("{}\n", static_cast<char>('a' + random() % 4));
      }
      return lines;
    };
    const std::string older = text(), newer = text();
    const TextDiff diff = DiffLines(older, newer, static_cast<int>(random() % 4), 1 << 20);
    INFO(older << "to\n" << newer << "by\n" << diff.unified);
    CHECK(Apply(older, diff) == Split(newer));
    const auto grown =
        static_cast<int>(Split(newer).size()) - static_cast<int>(Split(older).size());
    CHECK(diff.added - diff.removed == grown);
  }
}

TEST_CASE("texts of nothing in common are compared in bounded time and cut at a line") {
  std::string older, newer;
  for (int i = 0; i < 6000; ++i) {
    older += fmt::format("old {}\n", i);
    newer += fmt::format("new {}\n", i);
  }
  const TextDiff all = DiffLines(older, newer, 3, 1 << 20);
  CHECK(all.added == 6000);
  CHECK(all.removed == 6000);
  CHECK(Apply(older, all) == Split(newer));
  const TextDiff cut = DiffLines(older, newer, 3, 1000);
  CHECK(cut.truncated);
  CHECK(cut.unified.size() <= 1000);
  CHECK(cut.unified.back() == '\n');
  CHECK(cut.added == 6000);
}
