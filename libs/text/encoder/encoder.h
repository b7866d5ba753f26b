#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace frontdesk::text {

// What is known of an encoder; vectors of different fingerprints must never be compared.
struct EncoderInfo {
  std::string name;         // "bge-small-en-v1.5"
  std::string fingerprint;  // of weights and vocabulary, hexadecimal
  std::string language;     // "en", "zh"; empty = any
  int dimensions = 0;
  int tokens_max = 0;    // longer texts are cut; see passages.h
  bool lexical = false;  // no model: hashed n-grams, knows spelling and no meaning
};

// Turns texts into vectors of unit length whose dot product says how alike they are in meaning.
//
// Encode blocks for milliseconds a text: never call it on a committer, gRPC or polling thread (see
// batcher.h). Thread safe. Deterministic for one text alone; in a batch the last bits may differ.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual const EncoderInfo& info() const = 0;
  // One row of `info().dimensions` floats a text, row after row. Any text has a vector, the empty
  // one too. INVALID_ARGUMENT above kEncodeTextsMax texts or kMaxTextBytes a text; INTERNAL when
  // the model fails.
  virtual absl::StatusOr<std::vector<float>> Encode(absl::Span<const std::string_view> texts) = 0;
  // How many of `tokens_max` the text takes, those that frame it included; counts no further than
  // `limit`. Cheap beside Encode.
  virtual size_t CountTokens(std::string_view text, size_t limit) const;
  // The vector of a text that was encoded lately, without encoding; false when it is not kept. Never
  // blocks for long.
  virtual bool FindCached(std::string_view text, std::vector<float>& vector) {
    (void)text, (void)vector;
    return false;
  }
};

inline constexpr size_t kEncodeTextsMax = 4096;  // a call

// What every encoder refuses: INVALID_ARGUMENT above kEncodeTextsMax texts, or for one of more than
// kMaxTextBytes.
absl::Status CheckEncodable(absl::Span<const std::string_view> texts);

}  // namespace frontdesk::text
