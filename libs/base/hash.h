#pragma once

#include <cstdint>
#include <string_view>

namespace frontdesk {

// Hashes that are part of a stored or published form. Their values never change: golden tests.

// murmur2 as Kafka's Java client computes it (seed 0x9747b28c).
uint32_t Murmur2(std::string_view bytes);

// Where a key lives among the k partitions of its shard, as Kafka's default partitioner would
// choose: (murmur2 & 0x7fffffff) % k. `k` is at least 1.
int PartitionOf(std::string_view key, int k);

// The shard of a tenant in an installation of `shard_count` shards (at least 1).
uint32_t ShardOf(std::string_view tenant, uint32_t shard_count);

// FNV-1a with a finaliser: stable, fast, not for adversaries who choose the bytes.
uint64_t Fingerprint64(std::string_view bytes);

}  // namespace frontdesk
