#pragma once

#include <vector>

#include "absl/types/span.h"
#include "libs/text/classify/model.h"

namespace frontdesk::text {

// How scores become probabilities, found on texts that the weights had not seen.
struct Calibration {
  float temperature = 1.0f;
  float shift = 0.0f;  // of two classes only
};

// Softmax of the calibrated scores of the first `out.size()` columns.
void Probabilities(absl::Span<const float> scores, const Calibration& calibration,
                   std::vector<float>& out);

// The calibration under which the right classes are likeliest. `scores` holds `columns` numbers a
// row; `classes` says the right one of each row, rows below 0 or at `labels` and above are left
// out. The identity when there are no rows.
Calibration Calibrate(absl::Span<const float> scores, size_t columns, absl::Span<const int> classes,
                      size_t labels);

// The mean negative logarithm of the right class's probability, of the same rows. 0 is perfect.
double CalibratedLoss(absl::Span<const float> scores, size_t columns, absl::Span<const int> classes,
                      size_t labels, const Calibration& calibration);

// How much of what is said with probability p comes true, on average over ten classes of p: the
// expected difference. 0 is perfect.
double CalibrationError(absl::Span<const double> said, absl::Span<const uint8_t> right);

// The positions of the highest `count` of the first `labels` scores, best first.
void Best(absl::Span<const float> scores, size_t labels, size_t count, std::vector<uint32_t>& out);

// Puts into `signals` what scores alone say: kTopLogit, kTopScore, kLead, kOutsideScore.
void ScoreSignals(absl::Span<const float> scores, size_t labels,
                  absl::Span<const float> probability, uint32_t best, Signals& signals);

// The probability that the signals give of belonging to any class.
double InScope(const Signals& signals, const Signals& weights, float constant);

}  // namespace frontdesk::text
