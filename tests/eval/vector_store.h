#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/text/encoder/encoder.h"

namespace frontdesk::eval {

// An encoder that keeps every vector it ever made in two files of a folder, so that measuring a
// second time is fast: <fingerprint>.keys has a 128-bit hash a text, <fingerprint>.vectors its
// floats, in the same order. What a stopped process left incomplete is cut off at the next start.
// Several processes may use one folder: what one of them appends, those started later find. One thread.
class StoredEncoder final : public text::Encoder {
 public:
  // `encoder` must outlive it.
  static absl::StatusOr<std::unique_ptr<StoredEncoder>> Open(const std::string& folder,
                                                             text::Encoder& encoder);
  ~StoredEncoder() override;

  const text::EncoderInfo& info() const override { return encoder_.info(); }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const std::string_view> texts) override;

  size_t stored() const { return places_.size(); }
  size_t encoded() const { return encoded_; }  // by the encoder itself, since Open

 private:
  using Key = std::array<uint64_t, 2>;

  explicit StoredEncoder(text::Encoder& encoder) : encoder_(encoder) {}
  static Key KeyOf(std::string_view text);
  absl::Status OpenFiles(const std::string& base);
  absl::Status Append(absl::Span<const Key> keys, absl::Span<const float> vectors);

  text::Encoder& encoder_;
  int keys_ = -1;
  int vectors_ = -1;
  size_t row_bytes_ = 0;
  size_t encoded_ = 0;
  absl::flat_hash_map<Key, uint64_t> places_;
};

}  // namespace frontdesk::eval
