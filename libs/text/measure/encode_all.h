#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/model.h"
#include "libs/text/classify/vectors.h"
#include "libs/text/encoder/encoder.h"

namespace frontdesk::text {

// Which encoder a text goes to; null = it gets no vector.
using EncoderFor = std::function<Encoder*(std::string_view text)>;

// Each text to the encoder of its language. Where all but a few texts are in one language
// (kStrayShare, kStrayTexts), that one's encoder takes those few as well: nothing can be learnt from
// so few vectors, and a model would be asked for an encoder it hardly knows.
EncoderFor ChooseEncoders(absl::Span<const std::string_view> texts, Encoder& english,
                          Encoder& chinese);
inline constexpr double kStrayShare = 0.02;
inline constexpr size_t kStrayTexts = 20;

// The same for a trained model: of its encoders the one of the text's language, or the first there
// is. None where the model wants no vectors, or knows neither.
EncoderFor EncodersOfModel(const Model& model, Encoder& english, Encoder& chinese);

// Told how many of how many texts are done; false stops.
using CountProgress = std::function<bool(size_t done, size_t all)>;

// The vectors of many texts, in their order, one block an encoder that was met. Blocks; texts are
// handed over in large groups, short ones with short ones, so that batches are even. CANCELLED when
// `progress` said so; errors as Encoder::Encode.
absl::StatusOr<TextVectors> EncodeAll(absl::Span<const std::string_view> texts,
                                      const EncoderFor& encoder_for, const CountProgress& progress);

// The vector of one row, as a classifier is asked with it: none where there are none.
QueryVector QueryOf(const TextVectors& vectors, size_t row);

}  // namespace frontdesk::text
