#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace frontdesk::text {

enum class TokenKind : uint8_t {
  kWord,    // a run of letters of an alphabet, in lower case; apostrophes between letters are part
  kDigits,  // a run of decimal digits of any script, as ASCII
  kHan,     // one ideograph (or kana, hangul), traditional forms of time and money as simplified
  kMark,    // one other visible character; dashes are "-", full-width forms ASCII
  kBreak,   // the end of a line; also what stands beyond the end
};

struct Token {
  TokenKind kind = TokenKind::kBreak;
  bool space_before = false;
  uint32_t begin = 0;  // bytes of the original
  uint32_t end = 0;
  uint32_t folded_begin = 0;
  uint32_t folded_size = 0;
};

// A text as the rules of entities read it: tokens, with the way back to the original. Invisible
// characters and combining marks are not there; spaces are flags. Value type, immutable, linear.
class Tokens {
 public:
  // REQUIRES: `text` is well-formed UTF-8 of less than 2^32 bytes.
  explicit Tokens(std::string_view text);

  size_t size() const { return tokens_.size(); }
  // The token at `i`, a kBreak beyond the end.
  const Token& operator[](size_t i) const { return i < tokens_.size() ? tokens_[i] : end_; }
  // Its folded text, "" for breaks.
  std::string_view Text(size_t i) const {
    const Token& token = (*this)[i];
    return std::string_view(folded_).substr(token.folded_begin, token.folded_size);
  }
  bool Is(size_t i, std::string_view text) const { return Text(i) == text; }
  bool IsKind(size_t i, TokenKind kind) const { return (*this)[i].kind == kind; }
  // No space, and no line's end, between `i - 1` and `i`.
  bool Glued(size_t i) const;

  // The number of tokens from `i` on that spell `phrase` (folded form; its spaces are optional
  // between tokens, and whole words only match whole words), 0 if they don't.
  size_t Match(size_t i, std::string_view phrase) const;
  // The longest of `phrases` at `i`: tokens taken, and which one.
  struct Found {
    size_t count = 0;
    size_t which = 0;
  };
  Found MatchAny(size_t i, std::initializer_list<std::string_view> phrases) const;

  // A digit run or word can start (end) here: it is not the rest (beginning) of a word like "a3f8".
  bool StartsClean(size_t i) const;
  bool EndsClean(size_t next) const;

 private:
  void Add(TokenKind kind, std::string_view folded, uint32_t begin, uint32_t end);

  std::string folded_;
  std::vector<Token> tokens_;
  Token end_;
  bool space_ = false;   // while building: seen since the last token
  bool joined_ = false;  // while building: the last run goes on
};

}  // namespace frontdesk::text
