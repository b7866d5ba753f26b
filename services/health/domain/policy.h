#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/health/store/v1/health_store.pb.h"
#include "frontdesk/health/v1/health.pb.h"

// How a tenant weighs the parts of the score.
namespace frontdesk::health {

inline constexpr int32_t kMaxHysteresisBps = 2'000;

v1::HealthPolicy DefaultPolicy(std::string_view tenant);

// 0 for a dimension that the policy does not know: one that a newer release has added.
int64_t WeightOf(const v1::HealthPolicy& policy, v1::HealthDimension dimension);

// What may be changed: "weights", "alert_threshold_bps", "alert_hysteresis_bps",
// "alert_known_weight_bps". Without a mask, those that are populated.
std::vector<std::string> PopulatedPaths(const v1::HealthPolicy& policy);
std::vector<std::string> PolicyPaths();
bool IsPolicyPath(std::string_view path);

// INVALID_ARGUMENT naming the field unless the wanted values of `paths` are possible: each
// dimension once, weights that sum to 10 000 (reason WEIGHTS_SUM).
absl::Status CheckPolicy(const v1::HealthPolicy& wanted, const std::vector<std::string>& paths);

// Takes the values of `paths`, weights in the order of the enum. False when nothing changed.
bool UpdatePolicy(const v1::HealthPolicy& wanted, const std::vector<std::string>& paths,
                  v1::HealthPolicy& policy);

}  // namespace frontdesk::health
