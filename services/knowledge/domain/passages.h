#pragma once

#include <string_view>
#include <vector>

namespace frontdesk::knowledge {

// Bytes [begin, end) of a body.
struct PassageSpan {
  int begin = 0;
  int end = 0;
  bool operator==(const PassageSpan&) const = default;
};

inline constexpr int kMaxPassageBytes = 1600;
inline constexpr int kMaxPassages = 128;

// Cuts a body of valid UTF-8 where blank lines stand. A heading or another short paragraph joins
// what follows; a long paragraph is cut at sentence ends, else between characters. Spans rise, do
// not overlap, hold no white space at their ends, and are at most kMaxPassageBytes long. There are
// at most kMaxPassages for bodies of the allowed size.
std::vector<PassageSpan> SplitPassages(std::string_view body);

}  // namespace frontdesk::knowledge
