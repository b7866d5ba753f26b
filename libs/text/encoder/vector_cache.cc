#include "libs/text/encoder/vector_cache.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "libs/base/check.h"
#include "libs/base/status_macros.h"

namespace frontdesk::text {
namespace {

// Of list node, hash slot and allocation.
constexpr size_t kEntryOverhead = 128;

}  // namespace

VectorCache::VectorCache(size_t bytes_max, EncoderObserver* observer)
    : bytes_max_(bytes_max), observer_(observer) {
  FD_CHECK(sodium_init() >= 0, "libsodium can't be initialised");
  static_assert(sizeof secret_ == crypto_shorthash_siphashx24_KEYBYTES);
  randombytes_buf(secret_.data(), secret_.size());
}

VectorCache::Key VectorCache::KeyOf(std::string_view fingerprint, std::string_view text) const {
  static_assert(sizeof(Key) == crypto_shorthash_siphashx24_BYTES);
  Key key;
  const auto hash = [&](std::string_view bytes, Key& out) {
    crypto_shorthash_siphashx24(reinterpret_cast<uint8_t*>(out.data()),
                                reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                                secret_.data());
  };
  hash(text, key);
  // The fingerprint's own hash is mixed in by another pass, so that no text can begin with one.
  std::array<uint64_t, 4> both{};
  Key of_fingerprint;
  hash(fingerprint, of_fingerprint);
  std::ranges::copy(key, both.begin());
  std::ranges::copy(of_fingerprint, both.begin() + 2);
  hash({reinterpret_cast<const char*>(both.data()), sizeof both}, key);
  return key;
}

size_t VectorCache::BytesOf(const Entry& entry) {
  return entry.dimensions * sizeof(float) + kEntryOverhead;
}

bool VectorCache::Find(const Key& key, size_t dimensions, float* vector) {
  const std::lock_guard lock(mu_);
  const auto it = by_key_.find(key);
  if (it == by_key_.end() || it->second->dimensions != dimensions) return false;
  entries_.splice(entries_.begin(), entries_, it->second);
  std::memcpy(vector, it->second->vector.get(), dimensions * sizeof(float));
  return true;
}

void VectorCache::Insert(const Key& key, absl::Span<const float> vector) {
  Entry entry{key, std::make_unique<float[]>(vector.size()), vector.size()};
  std::ranges::copy(vector, entry.vector.get());
  const size_t size = BytesOf(entry);
  if (size > bytes_max_) return;
  const std::lock_guard lock(mu_);
  if (by_key_.contains(key)) return;
  while (bytes_ + size > bytes_max_) {
    bytes_ -= BytesOf(entries_.back());
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  bytes_ += size;
  entries_.push_front(std::move(entry));
  by_key_.emplace(key, entries_.begin());
}

void VectorCache::Report(size_t hits, size_t misses) {
  if (observer_ != nullptr) observer_->OnCache(hits, misses);
}

size_t VectorCache::bytes() const {
  const std::lock_guard lock(mu_);
  return bytes_;
}

size_t VectorCache::entries() const {
  const std::lock_guard lock(mu_);
  return entries_.size();
}

bool CachedEncoder::FindCached(std::string_view text, std::vector<float>& vector) {
  vector.resize(static_cast<size_t>(info().dimensions));
  // A miss is not reported here: the call to Encode that follows will.
  if (!cache_.Find(cache_.KeyOf(info().fingerprint, text), vector.size(), vector.data())) {
    return false;
  }
  cache_.Report(1, 0);
  return true;
}

absl::StatusOr<std::vector<float>> CachedEncoder::Encode(absl::Span<const std::string_view> texts) {
  FD_RETURN_IF_ERROR(CheckEncodable(texts));
  const auto dimensions = static_cast<size_t>(info().dimensions);
  std::vector<float> vectors(texts.size() * dimensions);
  std::vector<std::string_view> missing;
  std::vector<VectorCache::Key> missing_keys;
  struct Row {
    size_t row;
    size_t missing;
  };
  std::vector<Row> rows;  // that are filled from the misses
  absl::flat_hash_map<VectorCache::Key, size_t> asked;
  for (size_t row = 0; row < texts.size(); ++row) {
    const VectorCache::Key key = cache_.KeyOf(info().fingerprint, texts[row]);
    if (cache_.Find(key, dimensions, &vectors[row * dimensions])) continue;
    const auto [it, first] = asked.emplace(key, missing.size());
    if (first) {
      missing.push_back(texts[row]);
      missing_keys.push_back(key);
    }
    rows.push_back({row, it->second});
  }
  cache_.Report(texts.size() - rows.size(), rows.size());
  if (missing.empty()) return vectors;
  FD_ASSIGN_OR_RETURN(const std::vector<float> made, encoder_->Encode(missing));
  for (const Row& row : rows) {
    std::copy_n(&made[row.missing * dimensions], dimensions, &vectors[row.row * dimensions]);
  }
  for (size_t i = 0; i < missing.size(); ++i) {
    cache_.Insert(missing_keys[i], absl::MakeConstSpan(&made[i * dimensions], dimensions));
  }
  return vectors;
}

}  // namespace frontdesk::text
