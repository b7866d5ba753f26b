#include "libs/text/measure/scores.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

namespace frontdesk::text {
namespace {

double Share(size_t part, size_t all) {
  return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
}

ThresholdPoint Count(double threshold, const std::function<bool(const Judged&)>& refused,
                     absl::Span<const Judged> in_scope, absl::Span<const Judged> outside) {
  size_t rejected = 0;
  size_t right = 0;
  for (const Judged& one : in_scope) {
    if (refused(one)) {
      ++rejected;
    } else if (one.expected == one.predicted) {
      ++right;
    }
  }
  const auto outside_refused = static_cast<size_t>(std::ranges::count_if(outside, refused));
  const size_t accepted = in_scope.size() - rejected;
  return {threshold, Share(rejected, in_scope.size()), Share(right, in_scope.size()),
          accepted == 0 ? 1.0 : Share(right, accepted), Share(outside_refused, outside.size())};
}

}  // namespace

ConfusionReport ReportOf(absl::Span<const Judged> judged) {
  std::set<std::string> names;
  for (const Judged& one : judged) {
    names.insert(one.expected);
    names.insert(one.predicted);
  }
  const std::vector<std::string> labels(names.begin(), names.end());
  const auto position = [&labels](const std::string& label) {
    return static_cast<int>(std::ranges::lower_bound(labels, label) - labels.begin());
  };
  std::vector<int> expected;
  std::vector<int> got;
  for (const Judged& one : judged) {
    expected.push_back(position(one.expected));
    got.push_back(position(one.predicted));
  }
  return MakeConfusionReport(labels, expected, got);
}

std::vector<size_t> ExamplesOf(absl::Span<const Judged> judged, const Confusion& confusion,
                               size_t limit) {
  std::vector<size_t> out;
  for (const Judged& one : judged) {
    if (out.size() >= limit) break;
    if (one.expected == confusion.label && one.predicted == confusion.taken_for) {
      out.push_back(one.example);
    }
  }
  return out;
}

ThresholdPoint At(double threshold, absl::Span<const Judged> in_scope,
                  absl::Span<const Judged> outside) {
  return Count(
      threshold, [threshold](const Judged& one) { return one.in_scope < threshold; }, in_scope,
      outside);
}

ThresholdPoint AtOwn(double threshold, absl::Span<const Judged> in_scope,
                     absl::Span<const Judged> outside) {
  return Count(
      threshold, [](const Judged& one) { return one.refused; }, in_scope, outside);
}

double ThresholdRejecting(double share, absl::Span<const Judged> in_scope) {
  if (in_scope.empty()) return 0;
  std::vector<double> scores;
  for (const Judged& one : in_scope) scores.push_back(one.in_scope);
  std::ranges::sort(scores);
  const auto refused =
      static_cast<size_t>(std::floor(share * static_cast<double>(scores.size()) + 1e-9));
  // At most `refused` texts are below the score at that place; equal scores stay together.
  return refused >= scores.size() ? std::numeric_limits<double>::infinity() : scores[refused];
}

std::vector<ThresholdPoint> ThresholdCurve(absl::Span<const Judged> in_scope,
                                           absl::Span<const Judged> outside) {
  std::vector<ThresholdPoint> curve;
  for (int percent = 0; percent <= 50; percent += 5) {
    curve.push_back(At(ThresholdRejecting(percent / 100.0, in_scope), in_scope, outside));
  }
  return curve;
}

}  // namespace frontdesk::text
