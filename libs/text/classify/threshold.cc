#include "libs/text/classify/threshold.h"

#include <algorithm>
#include <cmath>

namespace frontdesk::text {
namespace {

CurvePoint Measure(absl::Span<const HeldOut> texts, double threshold) {
  double inside = 0, outside = 0, accepted = 0, right = 0, refused = 0;
  for (const HeldOut& text : texts) {
    const bool accept = text.in_scope >= threshold;
    (text.outside ? outside : inside) += 1;
    if (text.outside) {
      refused += accept ? 0 : 1;
    } else if (accept) {
      accepted += 1;
      right += text.right ? 1 : 0;
    }
  }
  CurvePoint point;
  point.threshold = threshold;
  point.coverage = accepted / inside;
  point.precision = accepted > 0 ? right / accepted : 1.0;
  point.still_right = right / inside;
  point.outside_recall = outside > 0 ? refused / outside : 0.0;
  return point;
}

}  // namespace

std::vector<CurvePoint> MakeCurve(absl::Span<const HeldOut> texts) {
  std::vector<double> inside;
  for (const HeldOut& text : texts) {
    if (!text.outside) inside.push_back(text.in_scope);
  }
  if (inside.empty()) return {};
  std::sort(inside.begin(), inside.end());
  std::vector<CurvePoint> curve = {Measure(texts, 0.0)};
  for (size_t i = 1; i < kCurvePoints; ++i) {
    const double threshold = inside[i * (inside.size() - 1) / (kCurvePoints - 1)];
    if (threshold > curve.back().threshold) curve.push_back(Measure(texts, threshold));
  }
  return curve;
}

double ChooseThreshold(absl::Span<const HeldOut> texts, double loss_max) {
  std::vector<double> right;
  double inside = 0;
  for (const HeldOut& text : texts) {
    if (text.outside) continue;
    inside += 1;
    if (text.right) right.push_back(text.in_scope);
  }
  if (right.empty()) return 0.0;
  std::sort(right.begin(), right.end());
  const auto lost = static_cast<size_t>(std::floor(loss_max * inside));
  // Everything below this one is lost, and it is kept itself.
  return right[std::min(lost, right.size() - 1)];
}

}  // namespace frontdesk::text
