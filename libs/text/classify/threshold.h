#pragma once

#include <vector>

#include "absl/types/span.h"
#include "libs/text/classify/model.h"

namespace frontdesk::text {

// A text that the model had not learnt from, and what the model made of it.
struct HeldOut {
  double in_scope = 0;   // the probability it was given
  bool outside = false;  // it belongs to no class
  bool right = false;    // the best class is its own; false when outside
};

// Coverage, precision and recall at every threshold that matters, at most kCurvePoints, ascending
// from 0 (nothing refused). Empty without in-scope texts.
std::vector<CurvePoint> MakeCurve(absl::Span<const HeldOut> texts);

// The highest threshold that refuses at most `loss_max` of the in-scope texts that would have been
// answered right. 0 without such texts.
double ChooseThreshold(absl::Span<const HeldOut> texts, double loss_max);

inline constexpr size_t kCurvePoints = 101;

}  // namespace frontdesk::text
