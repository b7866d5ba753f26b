#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace frontdesk::text {

// A fold from 0 to `folds` - 1 for every example: each label is spread as evenly as its count
// allows, in an order drawn from `seed`. Every example is tested exactly once. Pure; the same
// arguments give the same folds on every machine.
std::vector<int> StratifiedFolds(absl::Span<const std::string> labels, int folds, uint64_t seed);

}  // namespace frontdesk::text
