#pragma once

#include <string>
#include <string_view>

namespace frontdesk::knowledge {

// What changed from one text to another.
struct TextDiff {
  std::string unified;  // hunks of "@@ -a,b +c,d @@"; empty when the texts are the same
  int added = 0;        // lines only in the newer text
  int removed = 0;      // lines only in the older one
  bool truncated = false;
};

// Compares line by line. The counts are exact and as small as can be for texts that differ in up to
// 1 000 lines; beyond that the middle is shown as replaced as a whole. `context` unchanged lines
// stand around each change; `unified` has at most `max_bytes` and ends with a line. A text that
// doesn't end with a line end is taken as if it did.
TextDiff DiffLines(std::string_view older, std::string_view newer, int context, size_t max_bytes);

}  // namespace frontdesk::knowledge
