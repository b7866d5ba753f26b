#include "libs/store/keys.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

using namespace frontdesk::store;

TEST_CASE("the order of keys is the order of their fields") {
  CHECK(EncodeKey(0x20, "a") < EncodeKey(0x20, "ab"));
  CHECK(EncodeKey(0x20, "a", "z") < EncodeKey(0x20, "ab", "a"));
  CHECK(EncodeKey(0x20, std::string("a\0", 2)) > EncodeKey(0x20, "a"));
  CHECK(EncodeKey(0x20, uint64_t{255}) < EncodeKey(0x20, uint64_t{256}));
  CHECK(EncodeKey(0x20, absl::FromUnixMicros(-1)) < EncodeKey(0x20, absl::FromUnixMicros(1)));
  CHECK(EncodeKey(0x20) < EncodeKey(0x21, "a"));
}

TEST_CASE("what was written is read back, whatever the bytes") {
  const bool held = rc::check([](const std::string& a, const std::string& b, uint64_t n) {
    const std::string key = EncodeKey(0x20, a, n, b);
    KeyReader reader(key);
    std::string first, second;
    uint64_t number = 0;
    RC_ASSERT(reader.Read(&first) && reader.Read(&number) && reader.Read(&second));
    RC_ASSERT(reader.AtEnd());
    RC_ASSERT(first == a && second == b && number == n);
  });
  CHECK(held);
}

TEST_CASE("pairs of strings sort as pairs") {
  const bool held = rc::check(
      [](const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
        const auto left = std::make_pair(a, b);
        const auto right = std::make_pair(c, d);
        RC_ASSERT((left < right) == (EncodeKey(1, a, b) < EncodeKey(1, c, d)));
      });
  CHECK(held);
}

TEST_CASE("a truncated key is refused, not guessed") {
  const std::string key = EncodeKey(0x20, "tenant", uint32_t{7});
  KeyReader reader(std::string_view(key).substr(0, key.size() - 1));
  std::string tenant;
  uint32_t number = 0;
  CHECK(reader.Read(&tenant));
  CHECK_FALSE(reader.Read(&number));
}

TEST_CASE("the end of a prefix follows every key that has it") {
  CHECK(PrefixEnd("a") == "b");
  CHECK(PrefixEnd(std::string("a\xff")) == "b");
  CHECK(PrefixEnd("\xff") == "");
}
