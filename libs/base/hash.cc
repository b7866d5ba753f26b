#include "libs/base/hash.h"

#include "libs/base/check.h"

namespace frontdesk {
namespace {

// The finaliser of MurmurHash3: FNV alone leaves the low bits of short keys poorly mixed.
uint64_t Mix64(uint64_t h) {
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  h ^= h >> 33;
  return h;
}

}  // namespace

uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  const size_t length = bytes.size();
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };

  uint32_t h = kSeed ^ static_cast<uint32_t>(length);
  size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    uint32_t k = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    k *= kMultiplier;
    k ^= k >> 24;
    k *= kMultiplier;
    h *= kMultiplier;
    h ^= k;
  }
  const size_t tail = length - i;
  if (tail == 3) h ^= byte(i + 2) << 16;
  if (tail >= 2) h ^= byte(i + 1) << 8;
  if (tail >= 1) {
    h ^= byte(i);
    h *= kMultiplier;
  }
  h ^= h >> 13;
  h *= kMultiplier;
  h ^= h >> 15;
  return h;
}

int PartitionOf(std::string_view key, int k) {
  FD_CHECK(k >= 1, "k = {}", k);
  return static_cast<int>((Murmur2(key) & 0x7fffffffU) % static_cast<uint32_t>(k));
}

uint32_t ShardOf(std::string_view tenant, uint32_t shard_count) {
  FD_CHECK(shard_count >= 1);
  return static_cast<uint32_t>(Fingerprint64(tenant) % shard_count);
}

uint64_t Fingerprint64(std::string_view bytes) {
  uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : bytes) {
    h ^= static_cast<uint8_t>(c);
    h *= 0x100000001b3ULL;
  }
  return Mix64(h);
}

}  // namespace frontdesk
