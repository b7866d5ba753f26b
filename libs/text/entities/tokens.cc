#include "libs/text/entities/tokens.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <array>
#include <utility>

namespace frontdesk::text {
namespace {

// Traditional characters of numbers, times, money and places.
UChar32 Simplify(UChar32 c) {
  static constexpr std::array<std::pair<UChar32, UChar32>, 40> kPairs = {{
      {U'週', U'周'}, {U'點', U'点'}, {U'後', U'后'}, {U'個', U'个'}, {U'萬', U'万'},
      {U'億', U'亿'}, {U'兩', U'两'}, {U'鐘', U'钟'}, {U'鍾', U'钟'}, {U'時', U'时'},
      {U'號', U'号'}, {U'塊', U'块'}, {U'圓', U'圆'}, {U'過', U'过'}, {U'內', U'内'},
      {U'禮', U'礼'}, {U'從', U'从'}, {U'這', U'这'}, {U'間', U'间'}, {U'來', U'来'},
      {U'錢', U'钱'}, {U'幣', U'币'}, {U'歐', U'欧'}, {U'鎊', U'镑'}, {U'區', U'区'},
      {U'縣', U'县'}, {U'鎮', U'镇'}, {U'鄉', U'乡'}, {U'衛', U'卫'}, {U'單', U'单'},
      {U'訂', U'订'}, {U'編', U'编'}, {U'運', U'运'}, {U'貳', U'贰'}, {U'陸', U'陆'},
      {U'參', U'叁'}, {U'淩', U'凌'}, {U'樓', U'楼'}, {U'節', U'节'}, {U'樣', U'样'},
  }};
  if (c < 0x4E00 || c > 0x9FFF) return c;
  for (const auto& [from, to] : kPairs) {
    if (c == from) return to;
  }
  return c;
}

bool IsIdeograph(UChar32 c) {
  if (c >= 0x4E00 && c <= 0x9FFF) return true;
  if (c == 0x3007 || u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC)) return true;
  UErrorCode code = U_ZERO_ERROR;
  switch (uscript_getScript(c, &code)) {
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
      return true;
    default:
      return false;
  }
}

struct Folded {
  enum Kind { kNothing, kSpace, kLine, kLetter, kDigit, kHan, kMark } kind;
  UChar32 c;
};

Folded FoldAscii(UChar32 c) {
  if (c >= '0' && c <= '9') return {Folded::kDigit, c};
  if (c >= 'a' && c <= 'z') return {Folded::kLetter, c};
  if (c >= 'A' && c <= 'Z') return {Folded::kLetter, c + 32};
  if (c == '\n' || c == '\r') return {Folded::kLine, c};
  if (c == ' ' || c == '\t') return {Folded::kSpace, c};
  if (c < 0x20 || c == 0x7F) return {Folded::kNothing, c};
  return {Folded::kMark, c};
}

Folded Fold(UChar32 c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c = c - 0xFF01 + '!';
  if (c < 0x80) return FoldAscii(c);
  switch (c) {
    case 0x2018:
    case 0x2019:
      return {Folded::kMark, '\''};
    case 0x2212:
    case 0x2500:  // a box line, often typed for a dash
      return {Folded::kMark, '-'};
    case 0x301C:
    case 0x223C:
      return {Folded::kMark, '~'};
    case 0xFFE5:
      return {Folded::kMark, 0xA5};
    case 0xFFE1:
      return {Folded::kMark, 0xA3};
    case 0x2028:
    case 0x2029:
    case 0x85:
      return {Folded::kLine, '\n'};
    default:
      break;
  }
  if (c >= 0x4E00 && c <= 0x9FFF) return {Folded::kHan, Simplify(c)};
  if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return {Folded::kNothing, c};
  switch (u_charType(c)) {
    case U_DECIMAL_DIGIT_NUMBER:
      return {Folded::kDigit, '0' + u_charDigitValue(c)};
    case U_DASH_PUNCTUATION:
      return {Folded::kMark, '-'};
    case U_SPACE_SEPARATOR:
      return {Folded::kSpace, ' '};
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_COMBINING_SPACING_MARK:
      return {Folded::kNothing, c};
    default:
      break;
  }
  if (IsIdeograph(c)) return {Folded::kHan, c};
  if (u_isalpha(c)) return {Folded::kLetter, u_tolower(c)};
  return {Folded::kMark, c};
}

TokenKind KindOf(Folded::Kind kind) {
  switch (kind) {
    case Folded::kLetter:
      return TokenKind::kWord;
    case Folded::kDigit:
      return TokenKind::kDigits;
    case Folded::kHan:
      return TokenKind::kHan;
    case Folded::kLine:
      return TokenKind::kBreak;
    default:
      return TokenKind::kMark;
  }
}

bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

Tokens::Tokens(std::string_view text) {
  const auto* s = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int64_t>(text.size());
  folded_.reserve(text.size());
  tokens_.reserve(text.size() / 3 + 8);
  int64_t i = 0;
  while (i < length) {
    const auto begin = static_cast<uint32_t>(i);
    UChar32 c;
    U8_NEXT_UNSAFE(s, i, c);
    Folded folded = Fold(c);
    if (folded.kind == Folded::kNothing) continue;
    if (folded.kind == Folded::kSpace) {
      space_ = true;
      joined_ = false;
      continue;
    }
    const bool inside = joined_ && !tokens_.empty() && tokens_.back().kind == TokenKind::kWord;
    if (folded.c == '\'' && inside && i < length && IsAsciiLetter(text[static_cast<size_t>(i)])) {
      folded.kind = Folded::kLetter;
    }
    char bytes[4];
    int32_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, folded.c);
    if (folded.kind == Folded::kLine) size = 0;
    Add(KindOf(folded.kind), std::string_view(bytes, static_cast<size_t>(size)), begin,
        static_cast<uint32_t>(i));
  }
  end_.begin = end_.end = static_cast<uint32_t>(text.size());
  end_.folded_begin = static_cast<uint32_t>(folded_.size());
}

void Tokens::Add(TokenKind kind, std::string_view folded, uint32_t begin, uint32_t end) {
  const bool run = kind == TokenKind::kWord || kind == TokenKind::kDigits;
  if (run && joined_ && !tokens_.empty() && tokens_.back().kind == kind) {
    Token& last = tokens_.back();
    folded_ += folded;
    last.folded_size += static_cast<uint32_t>(folded.size());
    last.end = end;
    return;
  }
  tokens_.push_back({.kind = kind,
                     .space_before = space_,
                     .begin = begin,
                     .end = end,
                     .folded_begin = static_cast<uint32_t>(folded_.size()),
                     .folded_size = static_cast<uint32_t>(folded.size())});
  folded_ += folded;
  space_ = false;
  joined_ = true;
}

bool Tokens::Glued(size_t i) const {
  return i > 0 && i < tokens_.size() && !tokens_[i].space_before &&
         tokens_[i].kind != TokenKind::kBreak && tokens_[i - 1].kind != TokenKind::kBreak;
}

size_t Tokens::Match(size_t i, std::string_view phrase) const {
  size_t count = 0;
  while (!phrase.empty()) {
    if (phrase.front() == ' ') {
      phrase.remove_prefix(1);
      continue;
    }
    const std::string_view text = Text(i + count);
    if (text.empty() || !phrase.starts_with(text)) return 0;
    phrase.remove_prefix(text.size());
    ++count;
  }
  return count;
}

Tokens::Found Tokens::MatchAny(size_t i, std::initializer_list<std::string_view> phrases) const {
  Found best;
  size_t which = 0;
  for (std::string_view phrase : phrases) {
    const size_t count = Match(i, phrase);
    if (count > best.count) best = {.count = count, .which = which};
    ++which;
  }
  return best;
}

bool Tokens::StartsClean(size_t i) const {
  if (!Glued(i)) return true;
  const TokenKind before = tokens_[i - 1].kind;
  if (before == TokenKind::kWord || before == TokenKind::kDigits) return false;
  return !Is(i - 1, "_");
}

bool Tokens::EndsClean(size_t next) const {
  if (!Glued(next)) return true;
  const TokenKind after = tokens_[next].kind;
  if (after == TokenKind::kWord || after == TokenKind::kDigits) {
    return tokens_[next - 1].kind == TokenKind::kHan || tokens_[next - 1].kind == TokenKind::kMark;
  }
  return !Is(next, "_");
}

}  // namespace frontdesk::text
