#include "libs/text/encoder/lexical_encoder.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/encoder/bert_chars.h"
#include "libs/text/normalize.h"

namespace frontdesk::text {
namespace {

// Of a longer text only the beginning counts.
constexpr size_t kBytesMax = size_t{64} << 10;
constexpr size_t kGramMin = 2;
constexpr size_t kGramMax = 4;
// What a word, a pair of words and a run of characters weigh: words say most, runs forgive
// misspelling.
constexpr float kWordWeight = 1.0F;
constexpr float kPairWeight = 0.7F;
constexpr float kGramWeight = 0.5F;

void Add(std::string_view kind, std::string_view what, float weight, float* vector) {
  std::string key(kind);
  key += what;
  const uint64_t hash = Fingerprint64(key);
  const float sign = (hash >> 63) != 0 ? -1.0F : 1.0F;
  vector[hash % LexicalEncoder::kDimensions] += sign * weight;
}

// A word, or one Han character.
struct Token {
  std::string text;
  std::vector<size_t> begins;  // of its characters
};

std::vector<Token> TokensOf(std::string_view text) {
  const std::string key = MatchKey(TruncateUtf8(text, kBytesMax));
  std::vector<Token> tokens;
  bool open = false;
  const auto length = static_cast<int32_t>(key.size());
  for (int32_t at = 0; at < length;) {
    const int32_t begin = at;
    UChar32 c;
    U8_NEXT_OR_FFFD(reinterpret_cast<const uint8_t*>(key.data()), at, length, c);
    const auto point = static_cast<uint32_t>(c);
    if (IsBertSpace(point) || IsBertPunctuation(point)) {
      open = false;
      continue;
    }
    const bool han = IsBertHan(point);
    if (!open || han) tokens.emplace_back();
    open = !han;
    Token& token = tokens.back();
    token.begins.push_back(token.text.size());
    token.text.append(key, static_cast<size_t>(begin), static_cast<size_t>(at - begin));
  }
  return tokens;
}

void AddGrams(const Token& token, float* vector) {
  const size_t count = token.begins.size();
  for (size_t size = kGramMin; size <= std::min(kGramMax, count); ++size) {
    for (size_t first = 0; first + size <= count; ++first) {
      const size_t begin = token.begins[first];
      const size_t end = first + size < count ? token.begins[first + size] : token.text.size();
      Add("c", std::string_view(token.text).substr(begin, end - begin), kGramWeight, vector);
    }
  }
}

void EncodeOne(std::string_view text, float* vector) {
  const std::vector<Token> tokens = TokensOf(text);
  for (size_t i = 0; i < tokens.size(); ++i) {
    Add("w", tokens[i].text, kWordWeight, vector);
    if (i + 1 < tokens.size()) {
      Add("p", tokens[i].text + " " + tokens[i + 1].text, kPairWeight, vector);
    }
    AddGrams(tokens[i], vector);
  }
  float squares = 0;
  for (int d = 0; d < LexicalEncoder::kDimensions; ++d) {
    // A word said ten times is not ten times as important.
    vector[d] = std::copysign(std::sqrt(std::abs(vector[d])), vector[d]);
    squares += vector[d] * vector[d];
  }
  if (squares == 0) {
    vector[0] = 1;
    return;
  }
  const float scale = 1 / std::sqrt(squares);
  for (int d = 0; d < LexicalEncoder::kDimensions; ++d) vector[d] *= scale;
}

}  // namespace

LexicalEncoder::LexicalEncoder(std::string language) {
  info_.name = "lexical";
  info_.fingerprint = "lexical-384-1";
  info_.language = std::move(language);
  info_.dimensions = kDimensions;
  info_.tokens_max = 1 << 15;
  info_.lexical = true;
}

absl::StatusOr<std::vector<float>> LexicalEncoder::Encode(
    absl::Span<const std::string_view> texts) {
  FD_RETURN_IF_ERROR(CheckEncodable(texts));
  std::vector<float> vectors(texts.size() * kDimensions);
  for (size_t i = 0; i < texts.size(); ++i) EncodeOne(texts[i], &vectors[i * kDimensions]);
  return vectors;
}

}  // namespace frontdesk::text
