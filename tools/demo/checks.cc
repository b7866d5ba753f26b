#include "tools/demo/checks.h"

#include <cstdio>

namespace frontdesk::demo {

void Checks::Note(std::string_view what, bool holds, std::string_view expected,
                  std::string_view got) {
  ++made_;
  if (holds) return;
  ++failed_;
  fmt::print("  WRONG: {}\n    expected: {}\n    got:      {}\n", what, expected, got);
  std::fflush(stdout);
}

void Checks::True(std::string_view what, bool holds, std::string_view got) {
  Note(what, holds, "it holds", got);
}

void Checks::Contains(std::string_view what, std::string_view text, std::string_view part) {
  Note(what, text.find(part) != std::string_view::npos, fmt::format("something with \"{}\"", part),
       text);
}

}  // namespace frontdesk::demo
