#include "services/health/domain/policy.h"

#include <array>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/health/domain/dimension.h"

namespace frontdesk::health {
namespace {

constexpr int32_t kDefaultThresholdBps = 6'000;
constexpr int32_t kDefaultHysteresisBps = 300;
constexpr int32_t kDefaultKnownWeightBps = 2'000;

constexpr std::array<std::string_view, 4> kPaths = {
    "weights", "alert_threshold_bps", "alert_hysteresis_bps", "alert_known_weight_bps"};

absl::Status CheckRange(int64_t value, int64_t max, std::string_view field) {
  if (value >= 0 && value <= max) return absl::OkStatus();
  return InvalidField(field, fmt::format("must be 0 to {}", max));
}

absl::Status CheckWeights(const v1::HealthPolicy& wanted) {
  std::array<bool, kDimensions> seen{};
  int64_t sum = 0;
  for (const v1::DimensionWeight& weight : wanted.weights()) {
    const auto index = IndexOf(weight.dimension());
    if (!index.has_value()) {
      return InvalidField("health_policy.weights", "names a dimension that does not exist");
    }
    if (seen[*index]) {
      return InvalidField("health_policy.weights",
                          fmt::format("names {} twice", kDimensionSpecs[*index].name));
    }
    seen[*index] = true;
    FD_RETURN_IF_ERROR(CheckRange(weight.weight_bps(), kAllBps, "health_policy.weights"));
    sum += weight.weight_bps();
  }
  for (size_t i = 0; i < kDimensions; ++i) {
    if (seen[i]) continue;
    return InvalidField("health_policy.weights",
                        fmt::format("{} is missing; 0 is a weight", kDimensionSpecs[i].name));
  }
  if (sum == kAllBps) return absl::OkStatus();
  const std::string what = fmt::format("the weights sum to {} instead of {}", sum, kAllBps);
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, "WEIGHTS_SUM", what);
  status = WithMetadata(std::move(status), "sum", std::to_string(sum));
  return WithField(std::move(status), "health_policy.weights", what);
}

}  // namespace

v1::HealthPolicy DefaultPolicy(std::string_view tenant) {
  v1::HealthPolicy policy;
  policy.set_name(fmt::format("tenants/{}/healthPolicy", tenant));
  for (const DimensionSpec& spec : kDimensionSpecs) {
    v1::DimensionWeight& weight = *policy.add_weights();
    weight.set_dimension(spec.dimension);
    weight.set_weight_bps(spec.default_weight_bps);
  }
  policy.set_alert_threshold_bps(kDefaultThresholdBps);
  policy.set_alert_hysteresis_bps(kDefaultHysteresisBps);
  policy.set_alert_known_weight_bps(kDefaultKnownWeightBps);
  policy.set_etag("0");
  return policy;
}

int64_t WeightOf(const v1::HealthPolicy& policy, v1::HealthDimension dimension) {
  for (const v1::DimensionWeight& weight : policy.weights()) {
    if (weight.dimension() == dimension) return weight.weight_bps();
  }
  return 0;
}

std::vector<std::string> PopulatedPaths(const v1::HealthPolicy& policy) {
  std::vector<std::string> paths;
  if (!policy.weights().empty()) paths.emplace_back(kPaths[0]);
  if (policy.alert_threshold_bps() != 0) paths.emplace_back(kPaths[1]);
  if (policy.alert_hysteresis_bps() != 0) paths.emplace_back(kPaths[2]);
  if (policy.alert_known_weight_bps() != 0) paths.emplace_back(kPaths[3]);
  return paths;
}

std::vector<std::string> PolicyPaths() { return {kPaths.begin(), kPaths.end()}; }

bool IsPolicyPath(std::string_view path) {
  for (const std::string_view known : kPaths) {
    if (known == path) return true;
  }
  return false;
}

absl::Status CheckPolicy(const v1::HealthPolicy& wanted, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (path == kPaths[0]) {
      FD_RETURN_IF_ERROR(CheckWeights(wanted));
    } else if (path == kPaths[1]) {
      FD_RETURN_IF_ERROR(
          CheckRange(wanted.alert_threshold_bps(), kAllBps, "health_policy.alert_threshold_bps"));
    } else if (path == kPaths[2]) {
      FD_RETURN_IF_ERROR(CheckRange(wanted.alert_hysteresis_bps(), kMaxHysteresisBps,
                                    "health_policy.alert_hysteresis_bps"));
    } else {
      FD_RETURN_IF_ERROR(CheckRange(wanted.alert_known_weight_bps(), kAllBps,
                                    "health_policy.alert_known_weight_bps"));
    }
  }
  return absl::OkStatus();
}

bool UpdatePolicy(const v1::HealthPolicy& wanted, const std::vector<std::string>& paths,
                  v1::HealthPolicy& policy) {
  const std::string before = policy.SerializeAsString();
  for (const std::string& path : paths) {
    if (path == kPaths[0]) {
      policy.clear_weights();
      for (const DimensionSpec& spec : kDimensionSpecs) {
        v1::DimensionWeight& weight = *policy.add_weights();
        weight.set_dimension(spec.dimension);
        weight.set_weight_bps(static_cast<int32_t>(WeightOf(wanted, spec.dimension)));
      }
    } else if (path == kPaths[1]) {
      policy.set_alert_threshold_bps(wanted.alert_threshold_bps());
    } else if (path == kPaths[2]) {
      policy.set_alert_hysteresis_bps(wanted.alert_hysteresis_bps());
    } else {
      policy.set_alert_known_weight_bps(wanted.alert_known_weight_bps());
    }
  }
  return policy.SerializeAsString() != before;
}

}  // namespace frontdesk::health
