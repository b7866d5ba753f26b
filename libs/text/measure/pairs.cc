#include "libs/text/measure/pairs.h"

#include "libs/base/status_macros.h"
#include "libs/text/language.h"

namespace frontdesk::text {

Encoder& EncoderOfPairs(absl::Span<const Pair> pairs, Encoder& english, Encoder& chinese) {
  size_t in_chinese = 0;
  for (const Pair& pair : pairs) in_chinese += GuessLanguage(pair.a) == "zh" ? 1 : 0;
  return in_chinese * 2 > pairs.size() ? chinese : english;
}

absl::StatusOr<EncodedPairs> EncodePairs(absl::Span<const Pair> pairs, Encoder& encoder,
                                         const CountProgress& progress) {
  std::vector<std::string_view> texts;
  for (const Pair& pair : pairs) {
    texts.push_back(pair.a);
    texts.push_back(pair.b);
  }
  EncodedPairs out;
  FD_ASSIGN_OR_RETURN(out.of_texts,
                      EncodeAll(
                          texts, [&encoder](std::string_view) { return &encoder; }, progress));
  for (size_t i = 0; i < pairs.size(); ++i) {
    out.vectors.push_back({out.of_texts.blocks[0].fingerprint, out.of_texts.rows[2 * i].values,
                           out.of_texts.rows[2 * i + 1].values});
  }
  return out;
}

PairChoice Choose(absl::Span<const Pair> pairs, absl::Span<const PairVectors> vectors,
                  absl::Span<const size_t> rows) {
  PairChoice out;
  for (const size_t row : rows) {
    out.pairs.push_back(pairs[row]);
    if (!vectors.empty()) out.vectors.push_back(vectors[row]);
  }
  return out;
}

}  // namespace frontdesk::text
