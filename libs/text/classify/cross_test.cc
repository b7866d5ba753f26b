#include "libs/text/classify/cross.h"

#include <catch2/catch.hpp>

namespace frontdesk::text {
namespace {

TEST_CASE("a row's pull is its mean over the splits that learnt it") {
  const std::vector<uint32_t> rows = {0, 1, 2};
  const std::vector<Split> splits = {{{0, 1}, {2}}, {{0, 2}, {1}}};
  const Pulls joined = Joined(splits, {{1.0f, 2.0f}, {3.0f, 4.0f}}, rows, /*columns=*/2);
  CHECK(joined == Pulls{{2.0f, 2.0f, 4.0f}});
}

}  // namespace
}  // namespace frontdesk::text
