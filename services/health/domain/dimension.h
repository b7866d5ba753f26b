#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "frontdesk/health/v1/health.pb.h"

namespace frontdesk::health {

inline constexpr int64_t kAllBps = 10'000;
inline constexpr size_t kDimensions = 5;

// A part of the score: its name in the tenants file, and its weight unless the tenant says else.
struct DimensionSpec {
  v1::HealthDimension dimension;
  std::string_view name;
  int32_t default_weight_bps;
};

// In the order of the enum, which is the order of contributions.
inline constexpr std::array<DimensionSpec, kDimensions> kDimensionSpecs = {{
    {v1::HEALTH_DIMENSION_DAILY_ACTIVE_RATE, "daily_active_rate", 3'000},
    {v1::HEALTH_DIMENSION_CORE_FEATURE_USE, "core_feature_use", 2'500},
    {v1::HEALTH_DIMENSION_DATA_COMPLETENESS, "data_completeness", 2'000},
    {v1::HEALTH_DIMENSION_INTEGRATIONS, "integrations", 1'500},
    {v1::HEALTH_DIMENSION_FEEDBACK_RESPONSE, "feedback_response", 1'000},
}};

// Its place in kDimensionSpecs; nullopt when it is no dimension that we know.
inline std::optional<size_t> IndexOf(v1::HealthDimension dimension) {
  for (size_t i = 0; i < kDimensions; ++i) {
    if (kDimensionSpecs[i].dimension == dimension) return i;
  }
  return std::nullopt;
}

// By the name of the tenants file; UNSPECIFIED when there is none.
inline v1::HealthDimension DimensionNamed(std::string_view name) {
  for (const DimensionSpec& spec : kDimensionSpecs) {
    if (spec.name == name) return spec.dimension;
  }
  return v1::HEALTH_DIMENSION_UNSPECIFIED;
}

}  // namespace frontdesk::health
