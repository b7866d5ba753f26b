#include "libs/base/utf8.h"

#include <catch2/catch.hpp>
#include <string>

#include "libs/base/random.h"

namespace frontdesk {
namespace {

using namespace std::string_view_literals;

TEST_CASE("well-formed text is valid UTF-8") {
  for (const std::string_view good :
       {""sv, "plain"sv, "nul \0 inside"sv, "\xc2\x80"sv, "\xe4\xbd\xa0\xe5\xa5\xbd"sv,
        "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xf0\x9f\x98\x80"sv, "\xf4\x8f\xbf\xbf"sv}) {
    CHECK(IsValidUtf8(good));
  }
}

TEST_CASE("overlong, surrogate, cut and foreign bytes are not UTF-8") {
  for (const std::string_view bad :
       {"\x80"sv, "\xc0\xaf"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xf0\x8f\xbf\xbf"sv,
        "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv, "\xe4\xbd"sv,
        "a\xe4"sv, "\xc3("sv, "\xe4\xbd(x"sv}) {
    CHECK_FALSE(IsValidUtf8(bad));
  }
}

TEST_CASE("cutting never splits a character") {
  const std::string text = "a\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80";  // 1 + 2 + 3 + 4 bytes
  const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (size_t max = 0; max < std::size(expected); ++max) {
    CHECK(TruncateUtf8(text, max).size() == expected[max]);
    CHECK(IsValidUtf8(TruncateUtf8(text, max)));
  }
}

TEST_CASE("cutting arbitrary bytes stays within the bound") {
  SeededRandom random(9);
  for (int i = 0; i < 500; ++i) {
    const std::string bytes = random.Bytes(random.Uniform(40));
    const size_t max = random.Uniform(40);
    CHECK(TruncateUtf8(bytes, max).size() <= max);
  }
}

}  // namespace
}  // namespace frontdesk
