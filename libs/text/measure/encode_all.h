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

// Each text to the encoder of its language. Where all but a few texts are in one language, that
// one's encoder takes those few as well: nothing can be learnt from so few vectors, and a model would
// be asked for an encoder it hardly knows. Few are up to kStrayShare, or fewer than kStrayTexts and
// up to kStrayShareMax: in a small set of both languages neither is a stray.
EncoderFor ChooseEncoders(absl::Span<const std::string_view> texts, Encoder& english,
                          Encoder& chinese);
inline constexpr double kStrayShare = 0.02;
inline constexpr size_t kStrayTexts = 20;
inline constexpr double kStrayShareMax = 0.2;

// The same for a trained model: of its encoders the one of the text's language, or the first there
// is. None where the model wants no vectors, or knows neither.
EncoderFor EncodersOfModel(const Model& model, Encoder& english, Encoder& chinese);

// Told how many of how many texts are done; false stops.
using CountProgress = std::function<bool(size_t done, size_t all)>;

// Enough to fill every core's sub-batches; small enough that progress and Ctrl-C come soon.
inline constexpr size_t kEncodeGroup = 256;

// The vectors of many texts, in their order, one block a fingerprint that was met. Blocks; texts are
// handed over in groups, short ones with short ones, so that batches are even: large ones are fastest,
// small ones let others have their turn. CANCELLED when `progress` said so; errors as
// Encoder::Encode.
absl::StatusOr<TextVectors> EncodeAll(absl::Span<const std::string_view> texts,
                                      const EncoderFor& encoder_for, const CountProgress& progress,
                                      size_t group = kEncodeGroup);

// The vector of one row, as a classifier is asked with it: none where there are none.
QueryVector QueryOf(const TextVectors& vectors, size_t row);

}  // namespace frontdesk::text
