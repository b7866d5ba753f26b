#include "libs/text/classify/scoring.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace frontdesk::text {
namespace {

constexpr float kLogitMax = 12.0f;

// The lowest point of a function with one valley, by golden section.
template <typename Function>
double Lowest(double low, double high, Function function) {
  constexpr double kRatio = 0.6180339887498949;
  double a = high - kRatio * (high - low), b = low + kRatio * (high - low);
  double at_a = function(a), at_b = function(b);
  for (int step = 0; step < 24; ++step) {
    if (at_a < at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - kRatio * (high - low);
      at_a = function(a);
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + kRatio * (high - low);
      at_b = function(b);
    }
  }
  return (low + high) / 2;
}

}  // namespace

void Probabilities(absl::Span<const float> scores, const Calibration& calibration,
                   std::vector<float>& out) {
  float highest = -1e30f;
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = scores[i] * calibration.temperature + (i == 0 ? calibration.shift : 0.0f);
    highest = std::max(highest, out[i]);
  }
  float sum = 0;
  for (float& value : out) sum += value = std::exp(value - highest);
  for (float& value : out) value /= sum;
}

double CalibratedLoss(absl::Span<const float> scores, size_t columns, absl::Span<const int> classes,
                      size_t labels, const Calibration& calibration) {
  std::vector<float> probability(labels);
  double sum = 0;
  double rows = 0;
  for (size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] < 0 || static_cast<size_t>(classes[i]) >= labels) continue;
    Probabilities(scores.subspan(i * columns, columns), calibration, probability);
    sum -= std::log(
        std::max(1e-12, static_cast<double>(probability[static_cast<size_t>(classes[i])])));
    rows += 1;
  }
  return rows > 0 ? sum / rows : 0.0;
}

Calibration Calibrate(absl::Span<const float> scores, size_t columns, absl::Span<const int> classes,
                      size_t labels) {
  Calibration found;
  const auto any = [labels](int c) { return c >= 0 && static_cast<size_t>(c) < labels; };
  if (std::none_of(classes.begin(), classes.end(), any)) return found;
  for (int round = 0; round < (labels == 2 ? 3 : 1); ++round) {
    // A temperature is a factor: sought on a scale of factors.
    const double logarithm = Lowest(-3.0, 4.0, [&](double t) {
      const Calibration tried{static_cast<float>(std::exp(t)), found.shift};
      return CalibratedLoss(scores, columns, classes, labels, tried);
    });
    found.temperature = static_cast<float>(std::exp(logarithm));
    if (labels != 2) break;
    found.shift = static_cast<float>(Lowest(-6.0, 6.0, [&](double shift) {
      return CalibratedLoss(scores, columns, classes, labels,
                            {found.temperature, static_cast<float>(shift)});
    }));
  }
  return found;
}

double CalibrationError(absl::Span<const double> said, absl::Span<const uint8_t> right) {
  constexpr size_t kBins = 10;
  double sums[kBins] = {}, hits[kBins] = {};
  for (size_t i = 0; i < said.size(); ++i) {
    const auto bin = std::min(kBins - 1, static_cast<size_t>(said[i] * kBins));
    sums[bin] += said[i];
    hits[bin] += right[i] != 0 ? 1.0 : 0.0;
  }
  double error = 0;
  for (size_t bin = 0; bin < kBins; ++bin) error += std::abs(sums[bin] - hits[bin]);
  return said.empty() ? 0.0 : error / static_cast<double>(said.size());
}

void Best(absl::Span<const float> scores, size_t labels, size_t count, std::vector<uint32_t>& out) {
  out.resize(labels);
  std::iota(out.begin(), out.end(), 0u);
  const size_t kept = std::min(count, labels);
  std::partial_sort(out.begin(), out.begin() + static_cast<ptrdiff_t>(kept), out.end(),
                    [&scores](uint32_t a, uint32_t b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                    });
  out.resize(kept);
}

void ScoreSignals(absl::Span<const float> scores, size_t labels,
                  absl::Span<const float> probability, uint32_t best, Signals& signals) {
  float rest = 0;
  float next = -1e30f;
  for (uint32_t i = 0; i < labels; ++i) {
    if (i == best) continue;
    rest += probability[i];
    next = std::max(next, scores[i]);
  }
  const float logit = std::log(std::max(probability[best], 1e-9f) / std::max(rest, 1e-9f));
  signals[kTopLogit] = std::clamp(logit, -kLogitMax, kLogitMax);
  signals[kTopScore] = scores[best];
  signals[kLead] = scores[best] - next;
  signals[kOutsideScore] = scores.size() > labels ? scores[labels] : 0.0f;
}

double InScope(const Signals& signals, const Signals& weights, float constant) {
  double sum = static_cast<double>(constant);
  for (size_t i = 0; i < kSignals; ++i) sum += static_cast<double>(signals[i] * weights[i]);
  return 1.0 / (1.0 + std::exp(-sum));
}

}  // namespace frontdesk::text
