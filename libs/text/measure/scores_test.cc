#include "libs/text/measure/scores.h"

#include <cmath>

#include <catch2/catch.hpp>

#include "libs/text/similar/pair_model.h"

namespace frontdesk::text {
namespace {

Judged Make(std::string expected, std::string predicted, double in_scope = 1,
            bool refused = false) {
  Judged judged;
  judged.expected = std::move(expected);
  judged.predicted = std::move(predicted);
  judged.in_scope = in_scope;
  judged.refused = refused;
  return judged;
}

TEST_CASE("Accuracy and macro-F1 are those computed by hand", "[scores]") {
  // a: 2 of 3 found, one b taken for it: precision 2/3, recall 2/3, F1 2/3.
  // b: 1 of 2 found, one a taken for it: precision 1/2, recall 1/2, F1 1/2.
  // c: 1 of 1, F1 1.
  const std::vector<Judged> judged = {Make("a", "a"), Make("a", "a"), Make("a", "b"),
                                      Make("b", "b"), Make("b", "a"), Make("c", "c")};
  const ConfusionReport report = ReportOf(judged);
  CHECK(report.accuracy == Approx(4.0 / 6.0));
  CHECK(report.macro_f1 == Approx((2.0 / 3.0 + 1.0 / 2.0 + 1.0) / 3.0));
  REQUIRE(report.confusions.size() == 2);
  CHECK(report.confusions[0].count == 1);
}

TEST_CASE("Confusions are told apart by direction, the most frequent first", "[scores]") {
  std::vector<Judged> judged = {Make("a", "b"), Make("b", "a"), Make("b", "a"), Make("a", "a")};
  for (size_t i = 0; i < judged.size(); ++i) judged[i].example = 10 + i;
  const ConfusionReport report = ReportOf(judged);
  REQUIRE(report.confusions.size() == 2);
  CHECK(report.confusions[0].label == "b");
  CHECK(report.confusions[0].taken_for == "a");
  CHECK(report.confusions[0].count == 2);
  CHECK(ExamplesOf(judged, report.confusions[0], 5) == std::vector<size_t>{11, 12});
  CHECK(ExamplesOf(judged, report.confusions[0], 1) == std::vector<size_t>{11});
}

TEST_CASE("A threshold refuses what is below it, and only that", "[scores]") {
  const std::vector<Judged> in_scope = {Make("a", "a", 0.9), Make("a", "b", 0.6),
                                        Make("b", "b", 0.5), Make("b", "b", 0.2)};
  const std::vector<Judged> outside = {Make("", "a", 0.1), Make("", "a", 0.4), Make("", "b", 0.5),
                                       Make("", "b", 0.7)};
  const ThresholdPoint point = At(0.5, in_scope, outside);
  CHECK(point.rejected == Approx(0.25));
  CHECK(point.right == Approx(0.5));
  CHECK(point.precision == Approx(2.0 / 3.0));
  CHECK(point.outside_recall == Approx(0.5));
}

TEST_CASE("The model's own refusals count, whatever its probabilities", "[scores]") {
  const std::vector<Judged> in_scope = {Make("a", "a", 0.9, true), Make("a", "a", 0.1, false)};
  const std::vector<Judged> outside = {Make("", "a", 0.9, true)};
  const ThresholdPoint point = AtOwn(0.3, in_scope, outside);
  CHECK(point.threshold == 0.3);
  CHECK(point.rejected == Approx(0.5));
  CHECK(point.right == Approx(0.5));
  CHECK(point.outside_recall == Approx(1.0));
}

TEST_CASE("The threshold for a share of refusals never refuses more", "[scores]") {
  std::vector<Judged> in_scope;
  for (int i = 0; i < 20; ++i) in_scope.push_back(Make("a", "a", i / 20.0));
  CHECK(ThresholdRejecting(0.0, in_scope) == 0.0);
  CHECK(ThresholdRejecting(0.10, in_scope) == Approx(0.10));
  CHECK(At(ThresholdRejecting(0.10, in_scope), in_scope, {}).rejected == Approx(0.10));
  CHECK(std::isinf(ThresholdRejecting(1.0, in_scope)));
  // Ten equal ones can't be parted: none of them is refused.
  for (int i = 0; i < 10; ++i) in_scope[static_cast<size_t>(i)].in_scope = 0.05;
  CHECK(At(ThresholdRejecting(0.10, in_scope), in_scope, {}).rejected == 0.0);
}

TEST_CASE("Nothing judged is zero, not a division by it", "[scores]") {
  CHECK(ReportOf({}).accuracy == 0.0);
  CHECK(At(0.5, {}, {}).outside_recall == 0.0);
  CHECK(ThresholdRejecting(0.1, {}) == 0.0);
  CHECK(ThresholdCurve({}, {}).size() == 11);
}

TEST_CASE("The area under the curve is the share of pairs in the right order", "[scores]") {
  // Same: 0.9, 0.4. Others: 0.5, 0.4, 0.1. In order: 3 + (0 + 1/2 + 1) of 6.
  const std::vector<double> scores = {0.9, 0.4, 0.5, 0.4, 0.1};
  const std::vector<uint8_t> same = {1, 1, 0, 0, 0};
  CHECK(AreaUnderCurve(scores, same) == Approx(4.5 / 6.0));
}

}  // namespace
}  // namespace frontdesk::text
