#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/text/encoder/encoder.h"
#include "libs/text/encoder/observer.h"

namespace frontdesk::text {

// Vectors of texts that were seen lately, least lately used first out, bounded by bytes. Keeps no
// text: the key is a 128-bit hash of text and encoder's fingerprint under a key of the process, so
// that nobody can write two texts that meet. Thread safe, one short lock a call.
class VectorCache {
 public:
  // Zero bytes = keeps nothing. The observer may be null and must outlive the cache.
  explicit VectorCache(size_t bytes_max, EncoderObserver* observer = nullptr);
  VectorCache(const VectorCache&) = delete;
  VectorCache& operator=(const VectorCache&) = delete;

  using Key = std::array<uint64_t, 2>;
  Key KeyOf(std::string_view fingerprint, std::string_view text) const;

  // Copies `dimensions` floats to `vector`, or returns false.
  bool Find(const Key& key, size_t dimensions, float* vector);
  void Insert(const Key& key, absl::Span<const float> vector);
  // For many at once, as one event.
  void Report(size_t hits, size_t misses);

  size_t bytes() const;
  size_t entries() const;

 private:
  struct Entry {
    Key key;
    std::unique_ptr<float[]> vector;
    size_t dimensions;
  };
  static size_t BytesOf(const Entry& entry);

  const size_t bytes_max_;
  EncoderObserver* const observer_;
  std::array<uint8_t, 16> secret_;

  mutable std::mutex mu_;
  std::list<Entry> entries_;  // the latest used first; guarded by mu_
  absl::flat_hash_map<Key, std::list<Entry>::iterator> by_key_;  // guarded by mu_
  size_t bytes_ = 0;                                             // guarded by mu_
};

// An encoder behind a cache. Texts that are twice in a call are encoded once. Thread safe.
class CachedEncoder final : public Encoder {
 public:
  CachedEncoder(std::unique_ptr<Encoder> encoder, VectorCache& cache)
      : encoder_(std::move(encoder)), cache_(cache) {}

  const EncoderInfo& info() const override { return encoder_->info(); }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const std::string_view> texts) override;
  bool FindCached(std::string_view text, std::vector<float>& vector) override;
  size_t CountTokens(std::string_view text, size_t limit) const override {
    return encoder_->CountTokens(text, limit);
  }

  Encoder& inner() { return *encoder_; }

 private:
  const std::unique_ptr<Encoder> encoder_;
  VectorCache& cache_;
};

}  // namespace frontdesk::text
