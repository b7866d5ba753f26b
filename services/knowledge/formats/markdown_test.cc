#include "services/knowledge/formats/markdown.h"

#include <catch2/catch.hpp>

using namespace frontdesk::knowledge;

namespace {

bool Holds(const std::string& html, std::string_view part) {
  return html.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Markdown becomes HTML below the page's title") {
  CHECK(RenderMarkdown("# Money\n\nBack in *5* days.") ==
        "<h2>Money</h2>\n<p>Back in <em>5</em> days.</p>\n");
  const std::string table = RenderMarkdown("|a|b|\n|-|-|\n|1|~~2~~|\n");
  CHECK(Holds(table, "<table>"));
  CHECK(Holds(table, "<del>2</del>"));
  CHECK(Holds(RenderMarkdown("见 https://example.com/退款"), "<a href=\"https://example.com/"));
}

TEST_CASE("nothing in a body runs or leads where it should not") {
  for (const char* body : {
           "<script>alert(1)</script>",
           "text <img src=x onerror=alert(1)> text",
           "[click](javascript:alert(1))",
           "[click](JaVaScRiPt:alert(1))",
           "[click](data:text/html;base64,PHNjcmlwdD4=)",
           "![x](vbscript:msgbox)",
           "[x](&#106;avascript:alert(1))",
           "<a href=\"javascript:alert(1)\">x</a>",
           "[x](//evil.example/)",
           "<svg/onload=alert(1)>",
           "[x]: javascript:alert(1)\n\n[x]",
       }) {
    const std::string html = RenderMarkdown(body);
    INFO(body << " -> " << html);
    CHECK_FALSE(Holds(html, "<script"));
    CHECK_FALSE(Holds(html, "<svg"));
    CHECK_FALSE(Holds(html, "<img src=x"));
    CHECK_FALSE(Holds(html, "href=\"j"));
    CHECK_FALSE(Holds(html, "href=\"J"));
    CHECK_FALSE(Holds(html, "href=\"data"));
    CHECK_FALSE(Holds(html, "href=\"//"));
    CHECK_FALSE(Holds(html, "src=\"vb"));
  }
  CHECK(Holds(RenderMarkdown("[a](https://example.com)"), "href=\"https://example.com\""));
  CHECK(Holds(RenderMarkdown("[a](mailto:help@example.com)"), "href=\"mailto:"));
}

TEST_CASE("a body nested without end is shown as it was written") {
  const std::string quotes(20'000, '>');
  const std::string html = RenderMarkdown(quotes + " deep");
  CHECK(html.starts_with("<pre>"));
  std::string lists;
  for (int i = 0; i < 300; ++i) lists += std::string(static_cast<size_t>(i) * 2, ' ') + "- a\n";
  CHECK(RenderMarkdown(lists).size() < 400'000);
  CHECK(RenderMarkdown(std::string(60'000, '[')).size() < 1'000'000);
  CHECK(RenderMarkdown(std::string(60'000, '*')).size() < 1'000'000);
}

TEST_CASE("tables that would take seconds to render are shown as text") {
  const auto times = [](std::string_view part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
  };
  const std::string wide = times("|", 15'001) + "\n" + times("|-", 15'000);
  CHECK_FALSE(Holds(RenderMarkdown(wide), "<table"));
  CHECK(Holds(RenderMarkdown(wide), "|-|-"));
  // Short rows are filled up to the width of the header.
  const std::string tall = times("|", 101) + "\n" + times("|-", 100) + "|\n" + times("a\n", 20'000);
  CHECK_FALSE(Holds(RenderMarkdown(tall), "<table"));
  // Not one of them fits the line above; the paragraph is read again for each.
  for (const char* header : {"a\n|-|-\n", "> a\n> |-|-\n", "a|a\n:-\n", "a\r\n|-|-\r\n"}) {
    INFO(header);
    const std::string refused = "a|b\n-|-\n1|2\n\n" + times(header, 4'000);
    CHECK_FALSE(Holds(RenderMarkdown(refused), "<table"));
  }
  const std::string one = times("|a", 50) + "|\n" + times("|-", 50) + "|\n";
  CHECK(Holds(RenderMarkdown(one + times(times("|1", 50) + "|\n", 500)), "<table>"));
  const std::string many = RenderMarkdown(times("## T\n|a|b|\n|-|-|\n|1|2|\n", 200));
  CHECK(Holds(many, "<table>"));
}

TEST_CASE("what is not UTF-8 and what is empty are no trouble") {
  CHECK(RenderMarkdown("").empty());
  CHECK(Holds(RenderMarkdown("a\xff\xfe"), "a"));
  CHECK(Holds(RenderMarkdown(std::string("a\0b", 3)), "a"));
}

TEST_CASE("text is escaped for elements and attributes") {
  CHECK(EscapeHtml("<a href='x' title=\"y\">&") ==
        "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;");
}
