#include "libs/text/encoder/passages.h"

#include <algorithm>
#include <array>

namespace frontdesk::text {
namespace {

// A sentence, or a part of one that is too long.
struct Piece {
  TextSpan span;
  size_t tokens;
};

bool StartsCharacter(std::string_view text, size_t at) {
  return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

// The end of the longest prefix of at most `tokens` tokens, at a character's border; at least one
// character.
size_t LongestPrefix(std::string_view text, const Encoder& encoder, size_t tokens) {
  size_t fits = 0;
  size_t too_long = text.size() + 1;
  while (too_long - fits > 1) {
    const size_t middle = fits + (too_long - fits) / 2;
    size_t end = middle;
    while (!StartsCharacter(text, end)) ++end;
    if (end >= too_long) {
      end = middle;
      while (end > fits && !StartsCharacter(text, end)) --end;
      if (end == fits) break;
    }
    if (encoder.CountTokens(text.substr(0, end), tokens + 1) <= tokens) {
      fits = end;
    } else {
      too_long = end;
    }
  }
  if (fits > 0) return fits;
  size_t one = 1;
  while (!StartsCharacter(text, one)) ++one;
  return std::min(one, text.size());
}

// Back from `end` to behind the nearest space or comma, if that keeps half of it.
size_t SoftEnd(std::string_view text, size_t end) {
  constexpr std::array<std::string_view, 8> kBorders = {" ",  ",",  ";",  "\n",
                                                        "，", "；", "、", "："};
  if (end >= text.size()) return end;
  size_t best = 0;
  for (const std::string_view border : kBorders) {
    const size_t at = text.substr(0, end).rfind(border);
    if (at != std::string_view::npos) best = std::max(best, at + border.size());
  }
  return best >= end / 2 && best > 0 ? best : end;
}

std::vector<Piece> PiecesOf(std::string_view text, const Encoder& encoder, size_t tokens_max) {
  const size_t frame = encoder.CountTokens("", tokens_max);
  std::vector<Piece> pieces;
  for (TextSpan span : SentenceSpans(text)) {
    while (span.begin < span.end) {
      const std::string_view rest = text.substr(span.begin, span.end - span.begin);
      size_t tokens = encoder.CountTokens(rest, tokens_max + 1);
      size_t length = rest.size();
      if (tokens > tokens_max) {
        length = SoftEnd(rest, LongestPrefix(rest, encoder, tokens_max));
        tokens = encoder.CountTokens(rest.substr(0, length), tokens_max);
      }
      pieces.push_back({{span.begin, span.begin + length}, tokens - std::min(tokens, frame)});
      span.begin += length;
    }
  }
  return pieces;
}

// A part of a sentence may end in the space behind which it was cut.
TextSpan WithoutSpace(std::string_view text, TextSpan span) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  while (span.end > span.begin && kSpaces.find(text[span.end - 1]) != std::string_view::npos) {
    --span.end;
  }
  while (span.begin < span.end && kSpaces.find(text[span.begin]) != std::string_view::npos) {
    ++span.begin;
  }
  return span;
}

}  // namespace

std::vector<TextSpan> CutPassages(std::string_view text, const Encoder& encoder,
                                  PassageOptions options) {
  const auto taken = static_cast<size_t>(std::max(1, encoder.info().tokens_max));
  const size_t frame = encoder.CountTokens("", taken);
  size_t tokens_max = options.tokens_max == 0 ? taken : std::min(options.tokens_max, taken);
  tokens_max = std::max(tokens_max, frame + 1);
  const size_t room = tokens_max - frame;
  const std::vector<Piece> pieces = PiecesOf(text, encoder, tokens_max);
  std::vector<TextSpan> passages;
  for (size_t first = 0; first < pieces.size();) {
    size_t end = first;
    for (size_t sum = 0; end < pieces.size() && (end == first || sum + pieces[end].tokens <= room);
         ++end) {
      sum += pieces[end].tokens;
    }
    const TextSpan whole = WithoutSpace(text, {pieces[first].span.begin, pieces[end - 1].span.end});
    if (whole.begin < whole.end) passages.push_back(whole);
    if (end == pieces.size()) break;
    // Back over whole sentences, as far as the overlap and the next sentence leave room.
    size_t next = end;
    size_t shared = 0;
    while (next - 1 > first && shared + pieces[next - 1].tokens <= options.overlap_tokens &&
           shared + pieces[next - 1].tokens + pieces[end].tokens <= room) {
      shared += pieces[--next].tokens;
    }
    first = next;
  }
  return passages;
}

}  // namespace frontdesk::text
