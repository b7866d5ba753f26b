#include "services/knowledge/domain/calibration.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace frontdesk::knowledge {
namespace {

constexpr int kWhole = 10'000;
// Fewer answers say nothing about how often they are right.
constexpr int kAnswersMin = kLabelsMin / 2;

int Share(int part, int all) {
  return all == 0 ? 0 : static_cast<int>(int64_t{part} * kWhole / all);
}

std::vector<v1::ThresholdPoint> EveryPoint(const std::vector<Trial>& trials) {
  std::vector<v1::ThresholdPoint> points;
  int right = 0;
  for (size_t i = 0; i < trials.size() && trials[i].confidence_bps > 0; ++i) {
    right += trials[i].right ? 1 : 0;
    const bool last =
        i + 1 == trials.size() || trials[i + 1].confidence_bps != trials[i].confidence_bps;
    if (!last) continue;
    const int answered = static_cast<int>(i) + 1;
    v1::ThresholdPoint& point = points.emplace_back();
    point.set_threshold_bps(trials[i].confidence_bps);
    point.set_answered_count(answered);
    point.set_right_count(right);
    point.set_precision_bps(Share(right, answered));
    point.set_coverage_bps(Share(answered, static_cast<int>(trials.size())));
  }
  return points;
}

// Index of the chosen point; `points` is not empty.
size_t Choose(const std::vector<v1::ThresholdPoint>& points, int target, bool& reached) {
  const int enough = std::min(kAnswersMin, points.back().answered_count());
  size_t best = points.size() - 1;
  for (size_t i = points.size(); i-- > 0;) {
    if (points[i].answered_count() < enough) break;
    if (points[i].precision_bps() >= target) {
      reached = true;
      return i;
    }
    if (points[i].precision_bps() > points[best].precision_bps()) best = i;
  }
  return best;
}

// At most kCurvePointsMax of them, evenly, with the first, the last and the chosen one.
std::vector<v1::ThresholdPoint> Thin(std::vector<v1::ThresholdPoint> points, size_t chosen) {
  const size_t max = kCurvePointsMax - 1;
  if (points.size() <= max) return points;
  std::vector<size_t> kept;
  for (size_t i = 0; i < max; ++i) kept.push_back(i * (points.size() - 1) / (max - 1));
  kept.push_back(chosen);
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  std::vector<v1::ThresholdPoint> thin;
  for (const size_t i : kept) thin.push_back(std::move(points[i]));
  return thin;
}

}  // namespace

Verdict JudgeAnswer(const v1::LabeledQuestion& label, std::string_view article) {
  switch (label.expectation_case()) {
    case v1::LabeledQuestion::kExpectedArticle:
      return article == label.expected_article() ? Verdict::kRight : Verdict::kWrong;
    case v1::LabeledQuestion::kNoAnswer:
      return Verdict::kWrong;
    case v1::LabeledQuestion::kWrongArticle:
      return article == label.wrong_article() ? Verdict::kWrong : Verdict::kUnknown;
    case v1::LabeledQuestion::EXPECTATION_NOT_SET:
      break;
  }
  return Verdict::kUnknown;
}

void DropDoubtful(std::vector<v1::LabeledQuestion>& labels) {
  const auto doubtful = [](const v1::LabeledQuestion& label) {
    return label.source() == v1::LABEL_SOURCE_OUTCOME;
  };
  const auto others =
      static_cast<int>(labels.size()) - std::count_if(labels.begin(), labels.end(), doubtful);
  if (others >= kLabelsEnough) std::erase_if(labels, doubtful);
}

Calibration ChooseThreshold(std::vector<Trial> trials, int target_precision_bps) {
  std::sort(trials.begin(), trials.end(),
            [](const Trial& a, const Trial& b) { return a.confidence_bps > b.confidence_bps; });
  Calibration calibration;
  std::vector<v1::ThresholdPoint> points = EveryPoint(trials);
  if (points.empty()) return calibration;
  const size_t chosen = Choose(points, target_precision_bps, calibration.target_reached);
  calibration.threshold_bps = points[chosen].threshold_bps();
  calibration.curve = Thin(std::move(points), chosen);
  return calibration;
}

}  // namespace frontdesk::knowledge
