#include "libs/text/classify/n_grams.h"

#include <unicode/utf8.h>

#include <algorithm>

#include "libs/base/utf8.h"
#include "libs/text/normalize.h"
#include "libs/text/segment.h"

namespace frontdesk::text {
namespace {

constexpr size_t kDigitsKept = 3;  // longer runs are numbers of something
constexpr uint64_t kWordSeed = 0x51ed270b9f3d1c4bu;
constexpr uint64_t kCharacterSeed = 0x9e3779b97f4a7c15u;

bool IsHan(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x323AF) || (c >= 0xF900 && c <= 0xFAFF) || c == 0x3007;
}

bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }

uint64_t Extend(uint64_t hash, char32_t c) { return (hash ^ c) * 0x100000001b3u; }

// The finaliser of splitmix64: neighbouring hashes end far apart.
uint64_t Finish(uint64_t hash) {
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

}  // namespace

void Grams::Find(std::string_view text) {
  list_.clear();
  text_ = MatchKey(TruncateUtf8(text, kClassifyBytesMax));
  ReadCharacters();
  FoldNumbers();
  AddWords();
  AddCharacters();
}

std::string_view Grams::Surface(const Gram& gram) const {
  std::string_view piece = std::string_view(text_).substr(gram.begin, gram.end - gram.begin);
  while (piece.starts_with(' ')) piece.remove_prefix(1);
  while (piece.ends_with(' ')) piece.remove_suffix(1);
  return piece;
}

void Grams::ReadCharacters() {
  characters_.clear();
  characters_.push_back({U' ', 0, false});
  const auto* bytes = reinterpret_cast<const uint8_t*>(text_.data());
  const auto length = static_cast<int32_t>(text_.size());
  for (int32_t i = 0; i < length;) {
    const auto begin = static_cast<uint32_t>(i);
    UChar32 c;
    U8_NEXT_OR_FFFD(bytes, i, length, c);
    const auto code = static_cast<char32_t>(c);
    characters_.push_back({code, begin, IsHan(code)});
  }
  characters_.push_back({U' ', static_cast<uint32_t>(length), false});
}

void Grams::FoldNumbers() {
  for (size_t i = 0; i < characters_.size(); ++i) {
    size_t end = i;
    while (end < characters_.size() && IsDigit(characters_[end].code)) ++end;
    if (end - i > kDigitsKept) {
      for (size_t k = i; k < end; ++k) characters_[k].code = U'0';
    }
    i = std::max(i, end);
  }
}

void Grams::AddCharacters() {
  const size_t count = characters_.size();
  if (count == 2) return;  // an empty text
  const auto length = static_cast<uint32_t>(text_.size());
  for (size_t i = 0; i < count; ++i) {
    const bool han = characters_[i].han;
    const size_t shortest = han ? 1 : 2;
    const size_t longest = std::min(count - i, han ? size_t{3} : size_t{5});
    uint64_t hash = kCharacterSeed;
    for (size_t n = 1; n <= longest; ++n) {
      hash = Extend(hash, characters_[i + n - 1].code);
      if (n < shortest) continue;
      const uint32_t end = i + n < count ? characters_[i + n].begin : length;
      list_.push_back({Finish(hash), GramKind::kCharacters, characters_[i].begin, end});
    }
  }
}

void Grams::AddWords() {
  uint64_t before = 0;  // the hash of the word before, not finished
  uint32_t before_begin = 0;
  size_t index = 1;  // in characters_
  WordSpans(text_, words_);
  for (const TextSpan& word : words_) {
    while (characters_[index].begin < word.begin) ++index;
    uint64_t hash = kWordSeed;
    for (; index + 1 < characters_.size() && characters_[index].begin < word.end; ++index) {
      hash = Extend(hash, characters_[index].code);
    }
    const auto end = static_cast<uint32_t>(word.end);
    const auto first = static_cast<uint32_t>(word.begin);
    list_.push_back({Finish(hash), GramKind::kWords, first, end});
    if (before != 0) {
      list_.push_back(
          {Finish(Extend(before, U' ') ^ Finish(hash)), GramKind::kWords, before_begin, end});
    }
    before = hash;
    before_begin = first;
  }
}

}  // namespace frontdesk::text
