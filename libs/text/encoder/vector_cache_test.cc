#include "libs/text/encoder/vector_cache.h"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "libs/text/encoder/testing/counting_encoder.h"

namespace frontdesk::text {
namespace {

struct Fixture {
  explicit Fixture(size_t bytes) : cache(bytes, &observer) {
    auto made = std::make_unique<CountingEncoder>();
    inner = made.get();
    encoder = std::make_unique<CachedEncoder>(std::move(made), cache);
  }
  std::vector<float> Encode(std::vector<std::string_view> texts) {
    const auto vectors = encoder->Encode(texts);
    REQUIRE(vectors.ok());
    return *vectors;
  }

  CountingObserver observer;
  VectorCache cache;
  CountingEncoder* inner;
  std::unique_ptr<CachedEncoder> encoder;
};

constexpr size_t kEntryBytes = 2 * sizeof(float) + 128;

TEST_CASE("a text that was encoded is not encoded again, nor twice in one call") {
  Fixture f(1 << 20);
  CHECK(f.Encode({"a", "bb", "a"}) == std::vector<float>{1, 1, 2, 1, 1, 1});
  CHECK(f.inner->texts() == std::vector<std::string>{"a", "bb"});
  CHECK(f.Encode({"ccc", "bb", "a"}) == std::vector<float>{3, 1, 2, 1, 1, 1});
  CHECK(f.inner->texts() == std::vector<std::string>{"a", "bb", "ccc"});
  CHECK(f.observer.sums().hits == 2);
  CHECK(f.observer.sums().misses == 4);
  std::vector<float> vector;
  CHECK(f.encoder->FindCached("bb", vector));
  CHECK(vector == std::vector<float>{2, 1});
  CHECK_FALSE(f.encoder->FindCached("dddd", vector));
}

TEST_CASE("the cache stays within its bytes and drops what was used longest ago") {
  Fixture f(3 * kEntryBytes);
  f.Encode({"a"});
  f.Encode({"bb"});
  f.Encode({"ccc"});
  CHECK(f.cache.bytes() == 3 * kEntryBytes);
  f.Encode({"a"});  // now "bb" is the oldest
  f.Encode({"dddd"});
  CHECK(f.cache.entries() == 3);
  CHECK(f.cache.bytes() == 3 * kEntryBytes);
  std::vector<float> vector;
  CHECK(f.encoder->FindCached("a", vector));
  CHECK_FALSE(f.encoder->FindCached("bb", vector));
  for (int i = 0; i < 1000; ++i) f.Encode({fmt::format("text {}", i)});
  CHECK(f.cache.entries() == 3);
}

TEST_CASE("a cache of no bytes keeps nothing and changes nothing") {
  Fixture f(0);
  CHECK(f.Encode({"a"}) == f.Encode({"a"}));
  CHECK(f.inner->calls().size() == 2);
  CHECK(f.cache.entries() == 0);
}

TEST_CASE("vectors of different encoders never meet in a cache") {
  VectorCache cache(1 << 20);
  CHECK(cache.KeyOf("one", "text") != cache.KeyOf("two", "text"));
  CHECK(cache.KeyOf("on", "etext") != cache.KeyOf("one", "text"));
  CHECK(cache.KeyOf("one", "text") == cache.KeyOf("one", "text"));
  const std::vector<float> vector = {1, 2};
  cache.Insert(cache.KeyOf("one", "text"), vector);
  float found[2];
  CHECK_FALSE(cache.Find(cache.KeyOf("two", "text"), 2, found));
  CHECK_FALSE(cache.Find(cache.KeyOf("one", "text"), 1, found));
  CHECK(cache.Find(cache.KeyOf("one", "text"), 2, found));
}

TEST_CASE("a failed call leaves nothing in the cache") {
  Fixture f(1 << 20);
  CHECK_FALSE(f.encoder->Encode({"a", "fail"}).ok());
  CHECK(f.cache.entries() == 0);
  CHECK(f.Encode({"a"}) == std::vector<float>{1, 1});
}

}  // namespace
}  // namespace frontdesk::text
