#pragma once

#include "absl/status/status.h"
#include "libs/text/classify/cross.h"
#include "libs/text/classify/model.h"
#include "libs/text/classify/training_rows.h"

namespace frontdesk::text {

// What the out-of-scope decision is learnt from.
struct OutsideTask {
  const TrainingRows& set;
  absl::Span<const Split> splits;                  // how training rows were held back …
  absl::Span<const float> scores;                  // … and what they scored then
  const std::vector<std::vector<float>>& weights;  // of the finished model, for validation rows
  double loss_max;
  CrossOptions how;  // to score classes that are held back
};

// Fills the decision's part of the model (signals' weights, threshold, curve, centres and samples).
// REQUIRES: the calibration and the blocks are in the model. CANCELLED as in training.
absl::Status DecideOutside(const OutsideTask& task, Model& model);

}  // namespace frontdesk::text
