#include "libs/base/hash.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <utility>

namespace frontdesk {
namespace {

TEST_CASE("murmur2 equals the one of Kafka's Java client") {
  // From org.apache.kafka.common.utils.UtilsTest.
  const std::pair<std::string_view, int32_t> golden[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  for (const auto& [key, expected] : golden) {
    CAPTURE(key);
    CHECK(static_cast<int32_t>(Murmur2(key)) == expected);
  }
}

TEST_CASE("a partition is the positive murmur2 modulo k") {
  CHECK(PartitionOf("21", 7) ==
        static_cast<int>((static_cast<uint32_t>(-973932308) & 0x7fffffff) % 7));
  CHECK(PartitionOf("anything", 1) == 0);
  std::array<int, 4> hits{};
  for (int i = 0; i < 4000; ++i) ++hits.at(PartitionOf("acme/customer-" + std::to_string(i), 4));
  for (const int hit : hits) CHECK(hit > 800);
}

TEST_CASE("fingerprints never change") {
  using namespace std::string_view_literals;
  CHECK(Fingerprint64("") == 0xefd01f60ba992926ULL);
  CHECK(Fingerprint64("a") == 0x82a2a958a9bece5bULL);
  CHECK(Fingerprint64("acme") == 0x3a25b6656ba9cfc6ULL);
  CHECK(Fingerprint64("\x00\xff"sv) == 0xacb64f88d28b68b8ULL);
}

TEST_CASE("the shard of a tenant never changes") {
  CHECK(ShardOf("acme", 1) == 0);
  CHECK(ShardOf("acme", 4) == 2);
  CHECK(ShardOf("acme", 1000) == 574);
  CHECK(ShardOf("demo", 16) == 14);
  CHECK(ShardOf("tenant-1", 1000) == 288);
}

TEST_CASE("tenants spread over shards") {
  std::array<int, 8> hits{};
  for (int i = 0; i < 8000; ++i) ++hits.at(ShardOf("tenant-" + std::to_string(i), 8));
  for (const int hit : hits) CHECK(hit > 850);
}

}  // namespace
}  // namespace frontdesk
