#include "services/knowledge/domain/passages.h"

#include <catch2/catch.hpp>

#include <string>

#include "libs/base/utf8.h"

using namespace frontdesk::knowledge;

namespace {

std::vector<std::string> Texts(const std::string& body) {
  std::vector<std::string> texts;
  for (const PassageSpan& span : SplitPassages(body)) {
    texts.push_back(body.substr(span.begin, span.end - span.begin));
  }
  return texts;
}

}  // namespace

TEST_CASE("a blank line ends a passage, and a heading stays with its text") {
  const std::string first(200, 'a');
  const std::string second(200, 'b');
  CHECK(Texts(first + "\n\n## Heading\n\n" + second + "\n \n") ==
        std::vector<std::string>{first, "## Heading\n\n" + second});
}

TEST_CASE("short paragraphs join, so that a passage can answer by itself") {
  CHECK(Texts("One.\n\nTwo.\r\n\r\nThree.") ==
        std::vector<std::string>{"One.\n\nTwo.\r\n\r\nThree."});
}

TEST_CASE("an empty or blank body has no passage") {
  CHECK(SplitPassages("").empty());
  CHECK(SplitPassages(" \n\n\t\n").empty());
}

TEST_CASE("passages of any body are bounded, rising and cut between characters") {
  std::string chinese, unbroken, lines;
  for (int i = 0; i < 6000; ++i) chinese += i % 40 == 39 ? "。" : "退";
  unbroken.assign(64 << 10, 'x');
  for (int i = 0; i < 10'000; ++i) lines += "ab\n\n";
  for (const std::string& body : {chinese, unbroken, lines}) {
    const auto spans = SplitPassages(body);
    CHECK(spans.size() >= 2);
    CHECK(spans.size() <= static_cast<size_t>(kMaxPassages));
    int before = 0;
    for (const PassageSpan& span : spans) {
      CHECK(span.begin >= before);
      CHECK(span.end > span.begin);
      CHECK(span.end - span.begin <= kMaxPassageBytes);
      CHECK(
          frontdesk::IsValidUtf8(std::string_view(body).substr(span.begin, span.end - span.begin)));
      before = span.end;
    }
  }
}
