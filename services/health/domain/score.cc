#include "services/health/domain/score.h"

#include <algorithm>
#include <numeric>

#include "services/health/domain/policy.h"
#include "services/health/domain/proto_time.h"

namespace frontdesk::health {

std::vector<int64_t> Apportion(int64_t total, std::span<const int64_t> numerators,
                               int64_t denominator) {
  std::vector<int64_t> parts;
  for (const int64_t numerator : numerators) parts.push_back(numerator / denominator);
  int64_t rest = total - std::accumulate(parts.begin(), parts.end(), int64_t{0});
  std::vector<size_t> order(parts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return numerators[a] % denominator > numerators[b] % denominator;
  });
  for (size_t i = 0; i < order.size() && rest > 0; ++i, --rest) ++parts[order[i]];
  return parts;
}

v1::HealthScore ComputeScore(const DimensionValues& values, const v1::HealthPolicy& policy) {
  std::array<int64_t, kDimensions> weights{};
  std::array<int64_t, kDimensions> weighted_values{};
  std::array<int64_t, kDimensions> weights_of_all{};  // times 10 000, for the effective weights
  for (size_t i = 0; i < kDimensions; ++i) {
    if (!values[i].known) continue;
    weights[i] = WeightOf(policy, kDimensionSpecs[i].dimension);
    weighted_values[i] = weights[i] * values[i].value_bps;
    weights_of_all[i] = weights[i] * kAllBps;
  }
  const int64_t known = std::accumulate(weights.begin(), weights.end(), int64_t{0});

  v1::HealthScore score;
  score.set_known_weight_bps(static_cast<int32_t>(known));
  score.set_scored(known > 0);
  std::vector<int64_t> contributions(kDimensions, 0);
  std::vector<int64_t> effective(kDimensions, 0);
  if (known > 0) {
    const int64_t sum = std::accumulate(weighted_values.begin(), weighted_values.end(), int64_t{0});
    const int64_t score_bps = (2 * sum + known) / (2 * known);
    score.set_score_bps(static_cast<int32_t>(score_bps));
    contributions = Apportion(score_bps, weighted_values, known);
    effective = Apportion(kAllBps, weights_of_all, known);
  }
  for (size_t i = 0; i < kDimensions; ++i) {
    v1::Contribution& part = *score.add_contributions();
    part.set_dimension(kDimensionSpecs[i].dimension);
    part.set_state(values[i].known ? v1::CONTRIBUTION_STATE_KNOWN : v1::CONTRIBUTION_STATE_UNKNOWN);
    part.set_weight_bps(static_cast<int32_t>(WeightOf(policy, kDimensionSpecs[i].dimension)));
    part.set_effective_weight_bps(static_cast<int32_t>(effective[i]));
    part.set_contribution_bps(static_cast<int32_t>(contributions[i]));
    if (!values[i].known) continue;
    part.set_value_bps(values[i].value_bps);
    part.set_outcome_count(values[i].outcome_count);
    ToProto(values[i].observe_time, part.mutable_observe_time());
  }
  return score;
}

bool InAlert(bool before, const v1::HealthScore& score, const v1::HealthPolicy& policy) {
  if (!score.scored() || score.known_weight_bps() < policy.alert_known_weight_bps()) return false;
  if (score.score_bps() < policy.alert_threshold_bps()) return true;
  const int64_t relief = std::min<int64_t>(
      kAllBps, int64_t{policy.alert_threshold_bps()} + policy.alert_hysteresis_bps());
  return before && score.score_bps() < relief;
}

bool SameScore(const v1::HealthScore& a, const v1::HealthScore& b) {
  return a.score_bps() == b.score_bps() && a.scored() == b.scored() && a.alert() == b.alert() &&
         std::equal(a.contributions().begin(), a.contributions().end(), b.contributions().begin(),
                    b.contributions().end(), [](const auto& x, const auto& y) {
                      return x.dimension() == y.dimension() && x.state() == y.state() &&
                             x.value_bps() == y.value_bps() && x.weight_bps() == y.weight_bps() &&
                             x.effective_weight_bps() == y.effective_weight_bps() &&
                             x.contribution_bps() == y.contribution_bps() &&
                             x.outcome_count() == y.outcome_count();
                    });
}

}  // namespace frontdesk::health
