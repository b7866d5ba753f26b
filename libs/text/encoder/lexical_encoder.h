#pragma once

#include <string>
#include <vector>

#include "libs/text/encoder/encoder.h"

namespace frontdesk::text {

// Works where no model is present: hashed words, pairs of words and runs of characters, signed, in
// 384 dimensions, unit length. Texts that share spelling are near one another; it knows nothing of
// meaning. Chinese and English alike. A text without any letter, digit or symbol has the vector of
// the empty text: the first axis.
//
// Immutable, thread safe, some microseconds a text. Its vectors are part of stored models: the
// fingerprint changes whenever they do.
class LexicalEncoder final : public Encoder {
 public:
  static constexpr int kDimensions = 384;

  // `language` is only told on: "en", "zh", empty = any.
  explicit LexicalEncoder(std::string language = "");

  const EncoderInfo& info() const override { return info_; }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const std::string_view> texts) override;

 private:
  EncoderInfo info_;
};

}  // namespace frontdesk::text
