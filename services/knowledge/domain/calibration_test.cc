#include "services/knowledge/domain/calibration.h"

#include <catch2/catch.hpp>

using namespace frontdesk::knowledge;

namespace {

// `right` answers of confidence `bps`, and `wrong` ones.
void Add(std::vector<Trial>& trials, int bps, int right, int wrong) {
  trials.insert(trials.end(), right, {bps, true});
  trials.insert(trials.end(), wrong, {bps, false});
}

}  // namespace

TEST_CASE("the lowest threshold that is right often enough is chosen") {
  struct Group {
    int bps, right, wrong;
  };
  struct Case {
    const char* what;
    std::vector<Group> groups;
    int target;
    int threshold;
    bool reached;
  };
  const Case cases[] = {
      {"all right: the lowest", {{9000, 10, 0}, {5000, 10, 0}}, 9500, 5000, true},
      {"wrong ones below are left out", {{9000, 19, 0}, {4000, 1, 9}}, 9500, 9000, true},
      {"one wrong of twenty is 95 %", {{9000, 10, 0}, {8000, 9, 1}, {100, 0, 9}}, 9500, 8000, true},
      {"a dip above does not matter",
       {{9000, 9, 1}, {8000, 30, 0}, {7000, 0, 20}},
       9500,
       8000,
       true},
      {"a lower wish covers more", {{9000, 20, 0}, {4000, 10, 10}}, 7500, 4000, true},
      {"few answers prove nothing", {{9000, 3, 0}, {4000, 10, 10}}, 9500, 4000, false},
      {"never good enough: the best", {{9000, 9, 3}, {5000, 1, 20}}, 9500, 9000, false},
      {"questions without any answer", {{9000, 12, 0}, {0, 0, 30}}, 9500, 9000, true},
      {"nothing to choose from", {{0, 0, 30}}, 9500, 0, false},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    std::vector<Trial> trials;
    for (const Group& group : one.groups) Add(trials, group.bps, group.right, group.wrong);
    const Calibration calibration = ChooseThreshold(trials, one.target);
    CHECK(calibration.threshold_bps == one.threshold);
    CHECK(calibration.target_reached == one.reached);
  }
}

TEST_CASE("the curve counts answers, right ones and all questions, and keeps the chosen point") {
  std::vector<Trial> trials;
  Add(trials, 8000, 12, 0);
  Add(trials, 6000, 4, 4);
  Add(trials, 0, 0, 20);
  const Calibration calibration = ChooseThreshold(trials, 9500);
  REQUIRE(calibration.curve.size() == 2);
  CHECK(calibration.curve[0].coverage_bps() == 3000);
  CHECK(calibration.curve[0].precision_bps() == 10'000);
  CHECK(calibration.curve[1].answered_count() == 20);
  CHECK(calibration.curve[1].right_count() == 16);
  CHECK(calibration.curve[1].precision_bps() == 8000);

  trials.clear();
  for (int i = 1; i <= 1000; ++i) Add(trials, i, i > 700 ? 1 : 0, i > 700 ? 0 : 1);
  const Calibration long_one = ChooseThreshold(trials, 10'000);
  CHECK(long_one.threshold_bps == 701);
  CHECK(long_one.curve.size() <= kCurvePointsMax);
  CHECK(long_one.curve.front().threshold_bps() == 1000);
  CHECK(long_one.curve.back().threshold_bps() == 1);
  bool kept = false;
  for (const auto& point : long_one.curve) kept |= point.threshold_bps() == 701;
  CHECK(kept);
}

TEST_CASE("what conversations came to is left out where others have said enough") {
  std::vector<v1::LabeledQuestion> labels(kLabelsEnough);
  labels.back().set_source(v1::LABEL_SOURCE_OUTCOME);
  for (int i = 0; i + 1 < kLabelsEnough; ++i) labels[i].set_source(v1::LABEL_SOURCE_RATING);
  DropDoubtful(labels);
  CHECK(labels.size() == kLabelsEnough);
  labels.emplace_back().set_source(v1::LABEL_SOURCE_PERSON);
  DropDoubtful(labels);
  CHECK(labels.size() == kLabelsEnough);
  for (const auto& label : labels) CHECK(label.source() != v1::LABEL_SOURCE_OUTCOME);
}

TEST_CASE("an answer is judged by what the label says") {
  v1::LabeledQuestion label;
  CHECK(JudgeAnswer(label, "a") == Verdict::kUnknown);
  label.set_expected_article("a");
  CHECK(JudgeAnswer(label, "a") == Verdict::kRight);
  CHECK(JudgeAnswer(label, "b") == Verdict::kWrong);
  label.set_no_answer(true);
  CHECK(JudgeAnswer(label, "a") == Verdict::kWrong);
  label.set_wrong_article("a");
  CHECK(JudgeAnswer(label, "a") == Verdict::kWrong);
  CHECK(JudgeAnswer(label, "b") == Verdict::kUnknown);
}
