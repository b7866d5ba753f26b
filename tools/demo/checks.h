#pragma once

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace frontdesk::demo {

// What the demo expects, and what it got. Every wrong outcome is printed at once and remembered.
class Checks {
 public:
  template <class Expected, class Got>
  void Equal(std::string_view what, const Expected& expected, const Got& got) {
    Note(what, expected == got, fmt::format("{}", expected), fmt::format("{}", got));
  }
  void True(std::string_view what, bool holds, std::string_view got = "it is not so");
  void Contains(std::string_view what, std::string_view text, std::string_view part);

  int made() const { return made_; }
  int failed() const { return failed_; }

 private:
  void Note(std::string_view what, bool holds, std::string_view expected, std::string_view got);

  int made_ = 0;
  int failed_ = 0;
};

}  // namespace frontdesk::demo
