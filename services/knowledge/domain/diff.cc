#include "services/knowledge/domain/diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/core.h>

namespace frontdesk::knowledge {
namespace {

// Changes up to which the shortest way is searched: memory and time grow with its square.
constexpr int kMaxEdits = 1000;

enum class Kind : char { kSame = ' ', kRemoved = '-', kAdded = '+' };

struct Edit {
  Kind kind;
  std::string_view line;
};

using Lines = std::vector<std::string_view>;

Lines SplitLines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Myers' shortest edit script from `a` to `b`: for each number of edits the furthest line of `a`
// reached on each diagonal. Empty when more than kMaxEdits are needed.
class ShortestEdits {
 public:
  ShortestEdits(const Lines& a, const Lines& b, size_t begin, size_t a_end, size_t b_end)
      : a_(a),
        b_(b),
        begin_(begin),
        n_(static_cast<int>(a_end - begin)),
        m_(static_cast<int>(b_end - begin)) {}

  // Appends the edits; false when there are too many.
  bool AppendTo(std::vector<Edit>& edits) {
    const int limit = std::min(n_ + m_, kMaxEdits);
    std::vector<int> furthest(2 * static_cast<size_t>(limit) + 3, 0);
    const auto at = [&](int k) -> int& { return furthest[static_cast<size_t>(k + limit + 1)]; };
    for (int d = 0; d <= limit; ++d) {
      for (int k = -d; k <= d; k += 2) {
        const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
        int x = down ? at(k + 1) : at(k - 1) + 1;
        while (x < n_ && x - k < m_ && Same(x, x - k)) ++x;
        at(k) = x;
        if (x >= n_ && x - k >= m_) {
          Keep(at, d);
          WalkBack(d, edits);
          return true;
        }
      }
      Keep(at, d);
    }
    return false;
  }

 private:
  bool Same(int x, int y) const { return OfOlder(x) == OfNewer(y); }
  template <class At>
  void Keep(const At& at, int d) {
    std::vector<int> row;
    row.reserve(2 * static_cast<size_t>(d) + 1);
    for (int k = -d; k <= d; ++k) row.push_back(at(k));
    trace_.push_back(std::move(row));
  }
  int Reached(int d, int k) const {
    return trace_[static_cast<size_t>(d)][static_cast<size_t>(k + d)];
  }
  void WalkBack(int d, std::vector<Edit>& edits) const {
    std::vector<Edit> backwards;
    int x = n_, y = m_;
    for (; d > 0; --d) {
      const int k = x - y;
      const bool down = k == -d || (k != d && Reached(d - 1, k - 1) < Reached(d - 1, k + 1));
      const int from_k = down ? k + 1 : k - 1;
      const int from_x = Reached(d - 1, from_k);
      const int from_y = from_x - from_k;
      for (; x > from_x && y > from_y; --x, --y) backwards.push_back({Kind::kSame, OfOlder(x - 1)});
      backwards.push_back(down ? Edit{Kind::kAdded, OfNewer(y - 1)}
                               : Edit{Kind::kRemoved, OfOlder(x - 1)});
      x = from_x;
      y = from_y;
    }
    for (; x > 0; --x) backwards.push_back({Kind::kSame, OfOlder(x - 1)});
    edits.insert(edits.end(), backwards.rbegin(), backwards.rend());
  }
  std::string_view OfOlder(int x) const { return a_[begin_ + static_cast<size_t>(x)]; }
  std::string_view OfNewer(int y) const { return b_[begin_ + static_cast<size_t>(y)]; }

  const Lines& a_;
  const Lines& b_;
  const size_t begin_;
  const int n_;
  const int m_;
  std::vector<std::vector<int>> trace_;
};

std::vector<Edit> EditsOf(const Lines& a, const Lines& b) {
  size_t begin = 0;
  while (begin < a.size() && begin < b.size() && a[begin] == b[begin]) ++begin;
  size_t a_end = a.size(), b_end = b.size();
  while (a_end > begin && b_end > begin && a[a_end - 1] == b[b_end - 1]) --a_end, --b_end;
  std::vector<Edit> edits;
  for (size_t i = 0; i < begin; ++i) edits.push_back({Kind::kSame, a[i]});
  if (!ShortestEdits(a, b, begin, a_end, b_end).AppendTo(edits)) {
    for (size_t i = begin; i < a_end; ++i) edits.push_back({Kind::kRemoved, a[i]});
    for (size_t i = begin; i < b_end; ++i) edits.push_back({Kind::kAdded, b[i]});
  }
  for (size_t i = a_end; i < a.size(); ++i) edits.push_back({Kind::kSame, a[i]});
  return edits;
}

// Where a hunk lies in the edits: [begin, end).
struct Hunk {
  size_t begin = 0;
  size_t end = 0;
};

std::vector<Hunk> HunksOf(const std::vector<Edit>& edits, size_t context) {
  std::vector<Hunk> hunks;
  for (size_t i = 0; i < edits.size(); ++i) {
    if (edits[i].kind == Kind::kSame) continue;
    const size_t begin = i - std::min(i, context);
    const size_t end = std::min(i + 1 + context, edits.size());
    if (!hunks.empty() && begin <= hunks.back().end) {
      hunks.back().end = end;
    } else {
      hunks.push_back({begin, end});
    }
  }
  return hunks;
}

// "3,2": where the lines of one side begin, and how many there are.
std::string Range(int before, int count) {
  return fmt::format("{},{}", count == 0 ? before : before + 1, count);
}

// Appends a line if there is room for it.
bool AppendLine(std::string_view line, size_t max_bytes, TextDiff& diff) {
  if (diff.truncated || diff.unified.size() + line.size() + 1 > max_bytes) {
    diff.truncated = true;
    return false;
  }
  diff.unified.append(line).append("\n");
  return true;
}

}  // namespace

TextDiff DiffLines(std::string_view older, std::string_view newer, int context, size_t max_bytes) {
  const std::vector<Edit> edits = EditsOf(SplitLines(older), SplitLines(newer));
  TextDiff diff;
  std::vector<int> old_before = {0}, new_before = {0};  // lines of each side before an edit
  for (const Edit& edit : edits) {
    diff.removed += edit.kind == Kind::kRemoved;
    diff.added += edit.kind == Kind::kAdded;
    old_before.push_back(old_before.back() + (edit.kind != Kind::kAdded));
    new_before.push_back(new_before.back() + (edit.kind != Kind::kRemoved));
  }
  for (const Hunk& hunk : HunksOf(edits, static_cast<size_t>(context))) {
    const int old_at = old_before[hunk.begin], new_at = new_before[hunk.begin];
    const std::string head =
        fmt::format("@@ -{} +{} @@", Range(old_at, old_before[hunk.end] - old_at),
                    Range(new_at, new_before[hunk.end] - new_at));
    if (!AppendLine(head, max_bytes, diff)) break;
    for (size_t i = hunk.begin; i < hunk.end; ++i) {
      const std::string line = static_cast<char>(edits[i].kind) + std::string(edits[i].line);
      if (!AppendLine(line, max_bytes, diff)) break;
    }
  }
  return diff;
}

}  // namespace frontdesk::knowledge
