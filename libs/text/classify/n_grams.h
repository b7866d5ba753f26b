#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/text/segment.h"

namespace frontdesk::text {

// Of a longer text only the beginning is classified: nobody's request starts after 16 KiB.
inline constexpr size_t kClassifyBytesMax = size_t{16} << 10;

enum class GramKind : uint8_t { kWords, kCharacters };

// A piece of a text by which texts are told apart.
struct Gram {
  uint64_t key;  // of kind and characters; equal pieces of any text have equal keys
  GramKind kind;
  uint32_t begin;  // bytes of Grams::text; the piece may begin or end with a space that isn't there
  uint32_t end;
};

// The pieces of one text, in both languages the same way:
//   words 1-2 in a row, a run of Chinese cut by dictionary (segment.h);
//   characters 2-5 in a row, across words; those that begin with a Han character 1-3.
// Case, width and white space are folded first (MatchKey), and runs of four and more digits count
// as their length: an order number says that there is one, not which.
//
// One object a thread, used again and again so that nothing is allocated. Not thread safe.
class Grams {
 public:
  // Forgets the last text. Any bytes will do; those that are not UTF-8 count as U+FFFD.
  void Find(std::string_view text);

  const std::vector<Gram>& list() const { return list_; }
  // The folded text that `begin` and `end` point into.
  const std::string& text() const { return text_; }
  // The piece as a person would read it, without the spaces at its ends.
  std::string_view Surface(const Gram& gram) const;

 private:
  void ReadCharacters();
  void FoldNumbers();
  void AddCharacters();
  void AddWords();

  struct Character {
    char32_t code;
    uint32_t begin;
    bool han;
  };

  std::string text_;
  std::vector<Character> characters_;  // with one space before and after the text
  std::vector<TextSpan> words_;
  std::vector<Gram> list_;
};

}  // namespace frontdesk::text
