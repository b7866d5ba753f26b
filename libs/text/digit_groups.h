#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "libs/text/folded_view.h"

namespace frontdesk::text {

// A run of digits in a FoldedView.
struct DigitGroup {
  size_t begin = 0;
  size_t end = 0;
  bool linked = false;      // to the group before, by one to three of " -.()" in one line
  bool plain_link = false;  // linked by spaces or hyphens only
  bool in_code = false;     // part of an identifier: "FD-2026…", "a3f81…"

  size_t size() const { return end - begin; }
};

// All groups of the view in order. Linear.
std::vector<DigitGroup> FindDigitGroups(const FoldedView& view);

// Some consecutive linked groups and their digits: what a rule looks at. Bounded: at most
// kMaxDigits.
class DigitWindow {
 public:
  static constexpr size_t kMaxDigits = 19;

  // Starts with `groups[first]`. REQUIRES: it has at most kMaxDigits.
  DigitWindow(const FoldedView& view, const std::vector<DigitGroup>& groups, size_t first);

  // Takes the next group in; false (and unchanged) if it is not linked or does not fit.
  bool Extend();
  // Takes the last group out. REQUIRES: count() > 1.
  void Shrink();

  size_t first() const { return first_; }
  size_t count() const { return count_; }
  std::string_view digits() const { return {digits_.data(), size_}; }
  const DigitGroup& group(size_t i) const { return groups_[first_ + i]; }
  size_t begin() const { return groups_[first_].begin; }
  size_t end() const { return groups_[first_ + count_ - 1].end; }
  // Only spaces and hyphens between the groups.
  bool plain() const;
  // No group before or behind is linked to it.
  bool whole() const;

 private:
  void Append(const DigitGroup& group);

  const FoldedView& view_;
  const std::vector<DigitGroup>& groups_;
  size_t first_;
  size_t count_ = 1;
  size_t size_ = 0;
  std::array<char, kMaxDigits> digits_;
};

}  // namespace frontdesk::text
