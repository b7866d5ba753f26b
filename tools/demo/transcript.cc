#include "tools/demo/transcript.h"

#include <cstdio>

#include <fmt/core.h>

namespace frontdesk::demo {
namespace {

void PrintIndented(std::string_view head, std::string_view text) {
  fmt::print("{}", head);
  while (true) {
    const size_t end = text.find('\n');
    fmt::print("{}\n", text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    while (text.starts_with('\n')) text.remove_prefix(1);
    fmt::print("             ");
  }
  std::fflush(stdout);
}

}  // namespace

void PrintTitle(std::string_view title) { PrintIndented("\n== ", title); }

void PrintNote(std::string_view text) { PrintIndented("           . ", text); }

void PrintSaid(std::string_view who, std::string_view text) {
  PrintIndented(fmt::format("  {:>8} : ", who), text);
}

void PrintMessage(const WebMessage& message) {
  PrintSaid(message.author, message.text);
  for (const WebCitation& citation : message.citations) {
    PrintNote(
        fmt::format("from the article \"{}\" ({})", citation.title,
                    citation.article_version.substr(citation.article_version.find('/', 8) + 1)));
  }
}

void PrintRow(std::string_view name, std::string_view value) {
  PrintIndented(fmt::format("  {:<22} ", name), value);
}

}  // namespace frontdesk::demo
