#include "services/health/domain/policy.h"

#include <catch2/catch.hpp>
#include <functional>

#include "libs/base/error.h"
#include "services/health/domain/dimension.h"

namespace frontdesk::health {
namespace {

TEST_CASE("the default weights are those of the formula") {
  const v1::HealthPolicy policy = DefaultPolicy("t1");
  CHECK(policy.name() == "tenants/t1/healthPolicy");
  CHECK(WeightOf(policy, v1::HEALTH_DIMENSION_DAILY_ACTIVE_RATE) == 3'000);
  CHECK(WeightOf(policy, v1::HEALTH_DIMENSION_CORE_FEATURE_USE) == 2'500);
  CHECK(WeightOf(policy, v1::HEALTH_DIMENSION_DATA_COMPLETENESS) == 2'000);
  CHECK(WeightOf(policy, v1::HEALTH_DIMENSION_INTEGRATIONS) == 1'500);
  CHECK(WeightOf(policy, v1::HEALTH_DIMENSION_FEEDBACK_RESPONSE) == 1'000);
  CHECK(policy.alert_threshold_bps() == 6'000);
  CHECK(CheckPolicy(policy, PolicyPaths()).ok());
}

TEST_CASE("impossible policies are refused") {
  struct Case {
    std::function<void(v1::HealthPolicy&)> spoil;
    std::string reason;
    std::string field;
  };
  const Case cases[] = {
      {[](auto& p) { p.mutable_weights(0)->set_weight_bps(2'999); }, "WEIGHTS_SUM",
       "health_policy.weights"},
      {[](auto& p) { p.mutable_weights(0)->set_weight_bps(-1); }, "INVALID_FIELD",
       "health_policy.weights"},
      {[](auto& p) { p.mutable_weights(1)->set_dimension(p.weights(0).dimension()); },
       "INVALID_FIELD", "health_policy.weights"},
      {[](auto& p) { p.mutable_weights()->RemoveLast(); }, "INVALID_FIELD",
       "health_policy.weights"},
      {[](auto& p) { p.mutable_weights(1)->clear_dimension(); }, "INVALID_FIELD",
       "health_policy.weights"},
      {[](auto& p) { p.set_alert_threshold_bps(10'001); }, "INVALID_FIELD",
       "health_policy.alert_threshold_bps"},
      {[](auto& p) { p.set_alert_threshold_bps(-1); }, "INVALID_FIELD",
       "health_policy.alert_threshold_bps"},
      {[](auto& p) { p.set_alert_hysteresis_bps(2'001); }, "INVALID_FIELD",
       "health_policy.alert_hysteresis_bps"},
      {[](auto& p) { p.set_alert_known_weight_bps(10'001); }, "INVALID_FIELD",
       "health_policy.alert_known_weight_bps"},
  };
  for (const Case& c : cases) {
    v1::HealthPolicy policy = DefaultPolicy("t1");
    c.spoil(policy);
    const absl::Status status = CheckPolicy(policy, PolicyPaths());
    CAPTURE(policy.ShortDebugString());
    CHECK(ReasonOf(status) == c.reason);
    REQUIRE(DetailsOf(status).fields.size() == 1);
    CHECK(DetailsOf(status).fields[0].first == c.field);
  }
}

TEST_CASE("an update takes the named fields, and says whether anything changed") {
  v1::HealthPolicy policy = DefaultPolicy("t1");
  CHECK_FALSE(UpdatePolicy(DefaultPolicy("t1"), PolicyPaths(), policy));

  v1::HealthPolicy wanted;
  wanted.set_alert_threshold_bps(5'000);
  wanted.set_alert_hysteresis_bps(100);
  CHECK(PopulatedPaths(wanted) ==
        std::vector<std::string>{"alert_threshold_bps", "alert_hysteresis_bps"});
  CHECK(UpdatePolicy(wanted, {"alert_threshold_bps"}, policy));
  CHECK(policy.alert_threshold_bps() == 5'000);
  CHECK(policy.alert_hysteresis_bps() == 300);

  // In any order, kept in the order of the enum.
  v1::HealthPolicy weights = DefaultPolicy("t1");
  weights.mutable_weights()->SwapElements(0, 4);
  CHECK_FALSE(UpdatePolicy(weights, {"weights"}, policy));
}

}  // namespace
}  // namespace frontdesk::health
