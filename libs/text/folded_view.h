#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace frontdesk::text {

// A text as the masking rules read it: one byte per visible character, with the way back to the
// original. Value type; not thread safe for writing.
//   ASCII stays; digits of any script, full-width forms and keycaps become ASCII; dashes become
//   '-', middle dots '.', spaces ' ', currency signs '$', Roman ten 'X'; letters of alphabets
//   kAlphabet; all other characters kOther. Invisible characters, combining marks and control
//   characters but newline and tab have no byte at all.
class FoldedView {
 public:
  static constexpr char kOther = '\x01';
  static constexpr char kAlphabet = '\x02';
  static constexpr char kYuan = '\x03';  // the Chinese words for the currency's unit

  // REQUIRES: `text` is well-formed UTF-8 of at most kMaxTextBytes.
  explicit FoldedView(std::string_view text);

  std::string_view bytes() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  // The byte at `i`, kOther outside of the view.
  char At(size_t i) const { return i < bytes_.size() ? bytes_[i] : kOther; }

  // First and one-past-last byte of the original of the character at `i`.
  size_t OriginalBegin(size_t i) const { return begin_[i]; }
  size_t OriginalEnd(size_t i) const { return end_[i]; }

  // Makes [begin, end) unreadable for all rules, as its placeholder would be. REQUIRES: two bytes
  // or more.
  void Wall(size_t begin, size_t end);

 private:
  std::string bytes_;
  std::vector<uint32_t> begin_;
  std::vector<uint32_t> end_;
};

}  // namespace frontdesk::text
