#include "services/health/domain/score.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "libs/base/random.h"
#include "services/health/domain/policy.h"

namespace frontdesk::health {
namespace {

v1::HealthPolicy PolicyWith(const std::array<int64_t, kDimensions>& weights) {
  v1::HealthPolicy policy = DefaultPolicy("t1");
  for (size_t i = 0; i < kDimensions; ++i) {
    policy.mutable_weights(static_cast<int>(i))->set_weight_bps(static_cast<int32_t>(weights[i]));
  }
  return policy;
}

// -1 is unknown.
DimensionValues Values(const std::array<int32_t, kDimensions>& bps) {
  DimensionValues values;
  for (size_t i = 0; i < kDimensions; ++i) {
    if (bps[i] >= 0) values[i] = {true, bps[i], 0, absl::UnixEpoch()};
  }
  return values;
}

v1::HealthScore ScoreOf(const std::array<int32_t, kDimensions>& bps) {
  return ComputeScore(Values(bps), DefaultPolicy("t1"));
}

// Weights that sum to 10 000, some of them 0.
std::array<int64_t, kDimensions> RandomWeights(SeededRandom& random) {
  std::array<int64_t, kDimensions> weights{};
  int64_t left = kAllBps;
  for (size_t i = 0; i + 1 < kDimensions; ++i) {
    if (random.Bool(0.2)) continue;
    weights[i] = static_cast<int64_t>(random.Uniform(static_cast<uint64_t>(left) + 1));
    left -= weights[i];
  }
  weights[kDimensions - 1] = left;
  return weights;
}

TEST_CASE("the score is the weighted mean of what is known") {
  struct Case {
    std::array<int32_t, kDimensions> values;
    int32_t score;
    bool scored;
    int32_t known_weight;
  };
  const Case cases[] = {
      {{10'000, 10'000, 10'000, 10'000, 10'000}, 10'000, true, 10'000},
      {{0, 0, 0, 0, 0}, 0, true, 10'000},
      {{8'000, 6'000, 9'000, 4'000, 5'000}, 6'800, true, 10'000},  // 2400+1500+1800+600+500
      {{8'000, -1, -1, -1, -1}, 8'000, true, 3'000},
      {{8'000, -1, -1, -1, 2'000}, 6'500, true, 4'000},  // (24+2)/4
      {{-1, -1, -1, -1, 0}, 0, true, 1'000},
      {{-1, -1, -1, -1, -1}, 0, false, 0},
      {{1, -1, -1, -1, -1}, 1, true, 3'000},
      {{-1, 1, -1, 0, -1}, 1, true, 4'000},  // 0.625 is rounded
      {{-1, 0, -1, 1, -1}, 0, true, 4'000},  // 0.375
  };
  for (const Case& c : cases) {
    const v1::HealthScore score = ScoreOf(c.values);
    CAPTURE(score.ShortDebugString());
    CHECK(score.score_bps() == c.score);
    CHECK(score.scored() == c.scored);
    CHECK(score.known_weight_bps() == c.known_weight);
    REQUIRE(score.contributions_size() == 5);
  }
}

TEST_CASE("half a basis point is rounded up, and the parts still sum") {
  const v1::HealthScore score =
      ComputeScore(Values({1, 0, -1, -1, -1}), PolicyWith({5'000, 5'000, 0, 0, 0}));
  CHECK(score.score_bps() == 1);
  CHECK(score.contributions(0).contribution_bps() == 1);
  CHECK(score.contributions(1).contribution_bps() == 0);
}

TEST_CASE("what is unknown is shown as unknown and adds nothing") {
  const v1::HealthScore score = ScoreOf({8'000, -1, 0, -1, -1});
  CHECK(score.contributions(0).state() == v1::CONTRIBUTION_STATE_KNOWN);
  CHECK(score.contributions(0).effective_weight_bps() == 6'000);
  CHECK(score.contributions(0).has_observe_time());
  CHECK(score.contributions(1).state() == v1::CONTRIBUTION_STATE_UNKNOWN);
  CHECK(score.contributions(1).weight_bps() == 2'500);
  CHECK(score.contributions(1).effective_weight_bps() == 0);
  CHECK_FALSE(score.contributions(1).has_observe_time());
  // A value of zero is known, and counts.
  CHECK(score.contributions(2).state() == v1::CONTRIBUTION_STATE_KNOWN);
  CHECK(score.contributions(2).effective_weight_bps() == 4'000);
}

TEST_CASE("contributions sum exactly to the score for any weights, values and unknown set") {
  SeededRandom random(20'261'122);
  for (int round = 0; round < 20'000; ++round) {
    const auto weights = RandomWeights(random);
    std::array<int32_t, kDimensions> bps{};
    for (int32_t& value : bps) {
      value = random.Bool(0.3) ? -1 : static_cast<int32_t>(random.Uniform(10'001));
    }
    const v1::HealthScore score = ComputeScore(Values(bps), PolicyWith(weights));
    int64_t sum = 0;
    int64_t effective = 0;
    int64_t known = 0;
    for (size_t i = 0; i < kDimensions; ++i) known += bps[i] < 0 ? 0 : weights[i];
    bool near = true;
    for (size_t i = 0; i < kDimensions; ++i) {
      const v1::Contribution& part = score.contributions(static_cast<int>(i));
      sum += part.contribution_bps();
      effective += part.effective_weight_bps();
      if (bps[i] < 0) {
        near = near && part.contribution_bps() == 0 && part.effective_weight_bps() == 0;
      } else if (known > 0) {
        near = near && std::abs(part.contribution_bps() * known - weights[i] * bps[i]) < known;
        near = near && std::abs(part.effective_weight_bps() * known - weights[i] * kAllBps) < known;
      }
    }
    CAPTURE(round, score.ShortDebugString());
    REQUIRE(near);
    REQUIRE(sum == score.score_bps());
    REQUIRE(score.scored() == (known > 0));
    REQUIRE(effective == (known > 0 ? kAllBps : 0));
    REQUIRE(score.score_bps() >= 0);
    REQUIRE(score.score_bps() <= kAllBps);
  }
}

TEST_CASE("a higher value never makes a lower score") {
  SeededRandom random(3);
  for (int round = 0; round < 5'000; ++round) {
    const v1::HealthPolicy policy = PolicyWith(RandomWeights(random));
    std::array<int32_t, kDimensions> bps{};
    for (int32_t& value : bps) value = static_cast<int32_t>(random.Uniform(10'000));
    const int32_t before = ComputeScore(Values(bps), policy).score_bps();
    ++bps[random.Uniform(kDimensions)];
    REQUIRE(ComputeScore(Values(bps), policy).score_bps() >= before);
  }
}

TEST_CASE("an alert begins below the threshold and ends with the hysteresis above it") {
  const v1::HealthPolicy policy = DefaultPolicy("t1");  // 6 000, 300
  struct Case {
    bool before;
    int32_t score;
    bool after;
  };
  const Case cases[] = {{false, 6'000, false}, {false, 5'999, true}, {true, 6'000, true},
                        {true, 6'299, true},   {true, 6'300, false}, {false, 6'299, false}};
  for (const Case& c : cases) {
    CAPTURE(c.before, c.score);
    CHECK(InAlert(c.before, ScoreOf({c.score, c.score, c.score, c.score, c.score}), policy) ==
          c.after);
  }
}

TEST_CASE("nothing alerts that is hardly known") {
  const v1::HealthPolicy policy = DefaultPolicy("t1");
  CHECK_FALSE(InAlert(true, ScoreOf({-1, -1, -1, -1, -1}), policy));
  CHECK_FALSE(InAlert(true, ScoreOf({-1, -1, -1, -1, 0}), policy));  // 1 000 of 2 000
  CHECK(InAlert(false, ScoreOf({-1, -1, 0, -1, -1}), policy));
  CHECK(InAlert(false, ScoreOf({-1, -1, -1, 0, 0}), policy));
}

TEST_CASE("an alert at a threshold near the top ends at the full score") {
  v1::HealthPolicy policy = DefaultPolicy("t1");
  policy.set_alert_threshold_bps(9'900);
  CHECK(InAlert(true, ScoreOf({9'999, 9'999, 9'999, 9'999, 9'999}), policy));
  CHECK_FALSE(InAlert(true, ScoreOf({10'000, 10'000, 10'000, 10'000, 10'000}), policy));
}

TEST_CASE("a score is the same whenever its values were measured") {
  v1::HealthScore a = ScoreOf({1, 2, 3, 4, 5});
  v1::HealthScore b = a;
  b.mutable_contributions(0)->mutable_observe_time()->set_seconds(99);
  CHECK(SameScore(a, b));
  b.mutable_contributions(0)->set_outcome_count(1);
  CHECK_FALSE(SameScore(a, b));
  b = a;
  b.set_alert(true);
  CHECK_FALSE(SameScore(a, b));
}

}  // namespace
}  // namespace frontdesk::health
