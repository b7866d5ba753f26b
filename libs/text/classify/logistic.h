#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace frontdesk::text {

// The probability of yes is 1 / (1 + exp(-(weights * row + constant))).
struct Logistic {
  std::vector<float> weights;
  float constant = 0.0f;

  double Probability(absl::Span<const float> row) const;
};

// Fits one to `width` numbers a row by LIBLINEAR's solver 0 (trust region, no chance in it), after
// bringing the columns to mean 0 and deviation 1. Both sides weigh alike however many they are.
// `c` says how far to trust the rows. INVALID_ARGUMENT when one side is missing. Thread safe;
// meant for some ten columns and at most 100 000 rows.
absl::StatusOr<Logistic> FitLogistic(absl::Span<const float> rows, size_t width,
                                     absl::Span<const uint8_t> yes, double c);

}  // namespace frontdesk::text
