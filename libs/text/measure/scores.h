#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "libs/text/classify/report.h"

namespace frontdesk::text {

// One text that a classifier was asked about.
struct Judged {
  std::string expected;   // its own label
  std::string predicted;  // the likeliest label, whether or not the text was refused
  double probability = 0;
  double in_scope = 1;   // how probable it is that the text belongs to any label
  bool refused = false;  // at the model's own threshold
  size_t example = 0;    // its position in what was given
};

// Accuracy, macro-F1 and confusions of texts in scope; refusals are not looked at, as if there were
// none.
ConfusionReport ReportOf(absl::Span<const Judged> judged);
// Positions (Judged::example) of at most `limit` texts of `expected` that were taken for
// `predicted`.
std::vector<size_t> ExamplesOf(absl::Span<const Judged> judged, const Confusion& confusion,
                               size_t limit);

// What a threshold on Judged::in_scope does: below it a text is refused.
struct ThresholdPoint {
  double threshold = 0;
  double rejected = 0;        // share of texts in scope that are refused
  double right = 0;           // share of texts in scope that are accepted and right
  double precision = 0;       // of those accepted in scope: share that is right; 1 for none
  double outside_recall = 0;  // share of texts out of scope that are refused
};

ThresholdPoint At(double threshold, absl::Span<const Judged> in_scope,
                  absl::Span<const Judged> outside);
// What the model's own decisions (Judged::refused) did.
ThresholdPoint AtOwn(double threshold, absl::Span<const Judged> in_scope,
                     absl::Span<const Judged> outside);
// The greatest threshold that refuses at most `share` of the texts in scope.
double ThresholdRejecting(double share, absl::Span<const Judged> in_scope);
// One point each for 0 to 50 % of the texts in scope refused, in steps of 5 %.
std::vector<ThresholdPoint> ThresholdCurve(absl::Span<const Judged> in_scope,
                                           absl::Span<const Judged> outside);

}  // namespace frontdesk::text
