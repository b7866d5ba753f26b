#include "libs/text/digit_groups.h"

#include <algorithm>
#include <string>

#include "libs/base/check.h"

namespace frontdesk::text {
namespace {

constexpr size_t kMaxSeparators = 3;
constexpr size_t kMaxCodePrefix = 8;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLetter(char c) { return IsUpper(c) || (c >= 'a' && c <= 'z') || c == FoldedView::kAlphabet; }
bool IsSeparator(char c) { return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')'; }

// Upper-case words that announce a number instead of starting a code.
bool IsLabel(std::string_view word) {
  static constexpr std::string_view kLabels[] = {
      "TEL",  "PHONE",  "MOBILE", "MOB", "CELL", "CALL", "FAX",  "PH",       "NO",
      "NR",   "WECHAT", "WX",     "VX",  "QQ",   "SMS",  "CARD", "VISA",     "ID",
      "SFZ",  "T",      "M",      "P",   "H",    "V",    "BANK", "AMEX",     "CONTACT",
      "TEXT", "MC",     "SIM",    "PIN", "HP",   "SJ",   "DH",   "WHATSAPP", "DIAL"};
  return std::find(std::begin(kLabels), std::end(kLabels), word) != std::end(kLabels);
}

// Follows a word of letters, digits, '-' and '_', and says whether what comes next in it belongs to
// a code.
class CodeTracker {
 public:
  void Reset() { in_code_ = after_digits_ = false; }
  void Join() { after_digits_ = false; }
  void Digits() { after_digits_ = true; }
  bool in_code() const { return in_code_; }

  // True if the digits right before `letters` are part of a code, too.
  bool Letters(std::string_view letters, bool digits_follow) {
    if (after_digits_ && digits_follow) {
      in_code_ = true;
      after_digits_ = false;
      return true;
    }
    const bool upper = std::all_of(letters.begin(), letters.end(), IsUpper);
    if (upper && letters.size() <= kMaxCodePrefix && !IsLabel(letters)) in_code_ = true;
    after_digits_ = false;
    return false;
  }

 private:
  bool in_code_ = false;
  bool after_digits_ = false;
};

void Link(const FoldedView& view, const std::vector<DigitGroup>& groups, DigitGroup& group) {
  if (groups.empty()) return;
  const size_t from = groups.back().end;
  if (group.begin - from > kMaxSeparators) return;
  const std::string_view between = view.bytes().substr(from, group.begin - from);
  group.linked = std::all_of(between.begin(), between.end(), IsSeparator);
  group.plain_link = group.linked && between.find_first_of(".()") == std::string_view::npos;
}

size_t RunEnd(std::string_view bytes, size_t i, bool (*in_run)(char)) {
  while (i < bytes.size() && in_run(bytes[i])) ++i;
  return i;
}

}  // namespace

std::vector<DigitGroup> FindDigitGroups(const FoldedView& view) {
  const std::string_view bytes = view.bytes();
  std::vector<DigitGroup> groups;
  CodeTracker code;
  size_t i = 0;
  while (i < bytes.size()) {
    if (IsDigit(bytes[i])) {
      DigitGroup group{.begin = i, .end = RunEnd(bytes, i, IsDigit), .in_code = code.in_code()};
      Link(view, groups, group);
      i = group.end;
      groups.push_back(group);
      code.Digits();
    } else if (IsLetter(bytes[i])) {
      const size_t end = RunEnd(bytes, i, IsLetter);
      const bool digits_follow = end < bytes.size() && IsDigit(bytes[end]);
      if (code.Letters(bytes.substr(i, end - i), digits_follow)) groups.back().in_code = true;
      i = end;
    } else {
      if (bytes[i] == '-' || bytes[i] == '_') {
        code.Join();
      } else {
        code.Reset();
      }
      ++i;
    }
  }
  return groups;
}

DigitWindow::DigitWindow(const FoldedView& view, const std::vector<DigitGroup>& groups,
                         size_t first)
    : view_(view), groups_(groups), first_(first) {
  FD_CHECK(groups[first].size() <= kMaxDigits);
  Append(groups[first]);
}

bool DigitWindow::Extend() {
  const size_t next = first_ + count_;
  if (next >= groups_.size() || !groups_[next].linked) return false;
  if (size_ + groups_[next].size() > kMaxDigits) return false;
  Append(groups_[next]);
  ++count_;
  return true;
}

void DigitWindow::Shrink() {
  FD_CHECK(count_ > 1);
  size_ -= groups_[first_ + count_ - 1].size();
  --count_;
}

bool DigitWindow::plain() const {
  for (size_t i = 1; i < count_; ++i) {
    if (!group(i).plain_link) return false;
  }
  return true;
}

bool DigitWindow::whole() const {
  const size_t next = first_ + count_;
  return !groups_[first_].linked && (next >= groups_.size() || !groups_[next].linked);
}

void DigitWindow::Append(const DigitGroup& group) {
  std::copy_n(view_.bytes().data() + group.begin, group.size(), digits_.data() + size_);
  size_ += group.size();
}

}  // namespace frontdesk::text
