#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "frontdesk/health/v1/health.pb.h"
#include "services/health/domain/dimension.h"

// The five-part formula. Integers only, so that the same values give the same score everywhere.
namespace frontdesk::health {

// What is known of one dimension at a time.
struct DimensionValue {
  bool known = false;
  int32_t value_bps = 0;  // 0 to 10 000
  int32_t outcome_count = 0;
  absl::Time observe_time;
};
using DimensionValues = std::array<DimensionValue, kDimensions>;  // as kDimensionSpecs

// Whole parts for `numerators[i] / denominator`, which sum to `total`, each less than 1 from its
// exact share: the floors, and the rest one by one to the largest remainders, ties to the lower
// index. REQUIRES: denominator > 0, no numerator negative, and `total` the sum of all numerators
// divided by the denominator and rounded, up or down.
std::vector<int64_t> Apportion(int64_t total, std::span<const int64_t> numerators,
                               int64_t denominator);

// The weighted mean of the known dimensions, half a basis point rounded up. Unknown ones count
// neither for nor against: their weight is shared among the known in proportion. Not scored when no
// dimension with a weight is known. Contributions sum exactly to the score. Fills what can be
// computed from the values and weights; name, account, alert, cause and time are the caller's.
v1::HealthScore ComputeScore(const DimensionValues& values, const v1::HealthPolicy& policy);

// Whether an account that was or was not in alert is in alert with `score`: it comes into alert
// below the threshold and leaves it at the threshold plus the hysteresis, so that a score that
// wavers around the threshold alerts once. Never without enough knowledge.
bool InAlert(bool before, const v1::HealthScore& score, const v1::HealthPolicy& policy);

// True when both say the same: score, alert and each part, whenever it was measured.
bool SameScore(const v1::HealthScore& a, const v1::HealthScore& b);

}  // namespace frontdesk::health
