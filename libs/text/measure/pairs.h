#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/text/measure/encode_all.h"
#include "libs/text/similar/pair_model.h"

namespace frontdesk::text {

// Pairs' vectors and what holds their numbers; may be moved, not copied.
struct EncodedPairs {
  TextVectors of_texts;              // a and b of each pair, in turn
  std::vector<PairVectors> vectors;  // one a pair, into `of_texts`

  EncodedPairs() = default;
  EncodedPairs(EncodedPairs&&) = default;
  EncodedPairs& operator=(EncodedPairs&&) = default;
  EncodedPairs(const EncodedPairs&) = delete;
};

// The encoder of the language that most of the texts are in: a pair model knows one.
Encoder& EncoderOfPairs(absl::Span<const Pair> pairs, Encoder& english, Encoder& chinese);

// Errors as EncodeAll's. The result refers to nothing but itself.
absl::StatusOr<EncodedPairs> EncodePairs(absl::Span<const Pair> pairs, Encoder& encoder,
                                         const CountProgress& progress);

// The chosen pairs with their vectors, into those of `from`.
struct PairChoice {
  std::vector<Pair> pairs;
  std::vector<PairVectors> vectors;
};
PairChoice Choose(absl::Span<const Pair> pairs, absl::Span<const PairVectors> vectors,
                  absl::Span<const size_t> rows);

}  // namespace frontdesk::text
