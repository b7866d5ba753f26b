#include "libs/base/find_text.h"

#include <string>

#include <catch2/catch.hpp>

#include "libs/base/random.h"

namespace frontdesk {
namespace {

TEST_CASE("a part is found where string_view finds it, empty and too long ones included") {
  SeededRandom random(7);
  const auto text = [&](size_t max) {
    std::string out;
    for (size_t left = random.Uniform(max + 1); left > 0; --left) {
      out += random.Uniform(2) == 0 ? "\xe4\xbd\xa0" : "\xe4\xbd\xa1";
    }
    return out;
  };
  for (int i = 0; i < 3000; ++i) {
    const std::string whole = text(12), part = text(4);
    const size_t from = random.Uniform(whole.size() + 3);
    CHECK(FindText(whole, part, from) == std::string_view(whole).find(part, from));
  }
}

}  // namespace
}  // namespace frontdesk
