#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/errors.h"
#include "libs/text/limits.h"
#include "libs/text/similar/pair_model.h"
#include "libs/text/similar/pair_trainer.h"

namespace frontdesk::text {
namespace {

constexpr int kFoldsMin = 2;
constexpr int kFoldsMax = 20;
constexpr int kCurveSteps = 20;

// What is tried on the first fold; the rest is trained with the best.
struct Trial {
  std::string_view name;
  PairSolveOptions options;
};

std::vector<Trial> Trials(bool dense) {
  std::vector<Trial> trials;
  trials.push_back({"summary", {.hashed = false, .dense = false}});
  for (const double l2 : {0.3, 1.0}) {
    trials.push_back({"summary+words", {.dense = false, .hashed_l2 = l2}});
  }
  if (!dense) return trials;
  for (const double l2 : {0.005, 0.01, 0.02, 0.05}) {
    trials.push_back({"summary+vectors", {.hashed = false, .dense_l2 = l2}});
  }
  for (const double l2 : {0.01, 0.02}) {
    trials.push_back({"summary+words+vectors", {.hashed_l2 = 0.3, .dense_l2 = l2}});
  }
  return trials;
}

absl::Status CheckPairs(absl::Span<const Pair> pairs, absl::Span<const PairVectors> vectors,
                        int folds) {
  if (folds < kFoldsMin || folds > kFoldsMax) {
    return InvalidField("folds", fmt::format("must be {} to {}", kFoldsMin, kFoldsMax));
  }
  if (pairs.size() > kPairsMax) return TrainingLimitError("pairs", pairs.size(), kPairsMax);
  if (pairs.size() < kPairsMin) {
    return InvalidField("pairs",
                        fmt::format("{} are too few; {} are the least", pairs.size(), kPairsMin));
  }
  const auto same = std::count_if(pairs.begin(), pairs.end(), [](const Pair& p) { return p.same; });
  if (same < folds || static_cast<int64_t>(pairs.size()) - same < folds) {
    return InvalidField("pairs", fmt::format("{} of {} are the same; both kinds need at least {}",
                                             same, pairs.size(), folds));
  }
  for (const Pair& pair : pairs) {
    FD_RETURN_IF_ERROR(CheckText(pair.a, kMaxTextBytes));
    FD_RETURN_IF_ERROR(CheckText(pair.b, kMaxTextBytes));
  }
  if (vectors.empty()) return absl::OkStatus();
  if (vectors.size() != pairs.size()) return BadVectorError("for some pairs only");
  const PairVectors& first = vectors[0];
  for (const PairVectors& v : vectors) {
    if (v.encoder != first.encoder || v.encoder.empty() || v.encoder.size() > 256 || v.a.empty() ||
        v.a.size() != first.a.size() || v.b.size() != first.a.size()) {
      return BadVectorError("of another encoder or length than the first one");
    }
    for (const auto vector : {v.a, v.b}) {
      if (!std::all_of(vector.begin(), vector.end(), [](float x) { return std::isfinite(x); })) {
        return BadVectorError("holds a number that is not finite");
      }
    }
  }
  return absl::OkStatus();
}

// Both kinds spread evenly, in an order that the data don't know.
std::vector<uint8_t> Folds(absl::Span<const Pair> pairs, int folds, uint64_t seed) {
  std::vector<uint32_t> order(pairs.size());
  std::iota(order.begin(), order.end(), 0U);
  SeededRandom random(seed);
  Shuffle(order, random);
  std::vector<uint8_t> fold(pairs.size());
  std::array<int, 2> next{};
  for (const uint32_t i : order) {
    fold[i] = static_cast<uint8_t>(next[pairs[i].same]++ % folds);
  }
  return fold;
}

std::string FingerprintOf(absl::Span<const Pair> pairs) {
  uint64_t hash = 0;
  for (const Pair& pair : pairs) {
    hash = Fingerprint64(fmt::format("{:016x}{}\x1f{}\x1f{}", hash, pair.a, pair.b, pair.same));
  }
  return fmt::format("{:016x}", hash);
}

// Platt's two numbers by Newton's method: probability = sigmoid(slope * logit + offset).
std::pair<double, double> Calibrate(const std::vector<double>& logits,
                                    const std::vector<uint8_t>& same) {
  double slope = 1;
  double offset = 0;
  for (int round = 0; round < 50; ++round) {
    double ga = 0, gb = 0, haa = 1e-6, hab = 0, hbb = 1e-6;
    for (size_t i = 0; i < logits.size(); ++i) {
      const double p = 1 / (1 + std::exp(-(slope * logits[i] + offset)));
      const double w = std::max(p * (1 - p), 1e-12);
      ga += (p - same[i]) * logits[i];
      gb += p - same[i];
      haa += w * logits[i] * logits[i];
      hab += w * logits[i];
      hbb += w;
    }
    const double determinant = haa * hbb - hab * hab;
    if (determinant <= 0) break;
    const double da = (hbb * ga - hab * gb) / determinant;
    const double db = (haa * gb - hab * ga) / determinant;
    slope -= std::clamp(da, -1.0, 1.0);
    offset -= std::clamp(db, -1.0, 1.0);
    if (std::abs(da) + std::abs(db) < 1e-9) break;
  }
  // A model that ranks upside down on held-out pairs knows nothing; it must not become one that does.
  return {std::max(slope, 0.0), offset};
}

double LogLoss(const std::vector<double>& logits, const std::vector<uint8_t>& same) {
  double sum = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    const double z = same[i] != 0 ? -logits[i] : logits[i];
    sum += z > 30 ? z : std::log1p(std::exp(z));
  }
  return sum / static_cast<double>(std::max<size_t>(logits.size(), 1));
}

void Judge(const std::vector<double>& logits, const std::vector<uint8_t>& same,
           PairReport& report) {
  report.auc = AreaUnderCurve(logits, same);
  report.log_loss = LogLoss(logits, same);
  size_t right = 0;
  for (size_t i = 0; i < logits.size(); ++i) right += (logits[i] >= 0) == (same[i] != 0) ? 1 : 0;
  report.accuracy = static_cast<double>(right) / static_cast<double>(logits.size());
  for (int step = 1; step < kCurveSteps; ++step) {
    PairCurvePoint point{.threshold = static_cast<double>(step) / kCurveSteps};
    double called = 0;
    double hits = 0;
    for (size_t i = 0; i < logits.size(); ++i) {
      if (1 / (1 + std::exp(-logits[i])) < point.threshold) continue;
      called++;
      hits += same[i];
    }
    point.precision = called == 0 ? 1 : hits / called;
    point.recall = hits / static_cast<double>(report.same);
    report.curve.push_back(point);
  }
}

// Counts solver passes for the caller's progress.
class Progress {
 public:
  Progress(const std::function<bool(double)>& tell, size_t passes) : tell_(tell), passes_(passes) {}
  bool operator()() {
    done_++;
    return !tell_ ||
           tell_(std::min(1.0, static_cast<double>(done_) / static_cast<double>(passes_)));
  }

 private:
  const std::function<bool(double)>& tell_;
  size_t passes_;
  size_t done_ = 0;
};

struct HeldOutLogits {
  std::vector<double> logits;
  std::vector<uint8_t> same;
};

HeldOutLogits ScoreFold(const PairRows& rows, int fold, const std::vector<float>& weights) {
  HeldOutLogits out;
  std::vector<float> scratch;
  for (size_t i = 0; i < rows.features.size(); ++i) {
    if (rows.fold[i] != fold) continue;
    out.logits.push_back(PairLogit(weights, rows, i, scratch));
    out.same.push_back(rows.same[i]);
  }
  return out;
}

// Fills everything; `part_weights` too, because it is learnt from the same texts.
PairRows MakeRows(absl::Span<const Pair> pairs, absl::Span<const PairVectors> vectors,
                  const PairTrainOptions& options, PartWeights& part_weights) {
  PairRows rows;
  rows.vectors = vectors;
  rows.dimensions = vectors.empty() ? 0 : vectors[0].a.size();
  rows.fold = Folds(pairs, options.folds, options.seed);
  std::unordered_map<std::string_view, PairText> texts;
  for (const Pair& pair : pairs) {
    rows.same.push_back(pair.same ? 1 : 0);
    texts.try_emplace(pair.a, pair.a);
    texts.try_emplace(pair.b, pair.b);
  }
  std::vector<const PairText*> all;
  for (const auto& [text, parts] : texts) all.push_back(&parts);
  part_weights = PartWeights::Of(absl::MakeConstSpan(all));
  const absl::Span<const float> none;
  for (size_t i = 0; i < pairs.size(); ++i) {
    rows.features.push_back(FeaturesOf(texts.at(pairs[i].a), texts.at(pairs[i].b), part_weights,
                                       vectors.empty() ? none : vectors[i].a,
                                       vectors.empty() ? none : vectors[i].b));
  }
  return rows;
}

// The trial that says most about the first fold without having seen it; null when cancelled.
const Trial* BestTrial(const PairRows& rows, const std::vector<Trial>& trials, uint64_t seed,
                       const std::function<bool()>& go_on) {
  const Trial* best = nullptr;
  double best_loss = 0;
  for (const Trial& trial : trials) {
    PairSolveOptions solve = trial.options;
    solve.seed = seed;
    const std::vector<float> weights = SolvePairs(rows, 0, solve, go_on);
    if (weights.empty()) return nullptr;
    HeldOutLogits held_out = ScoreFold(rows, 0, weights);
    const auto [slope, offset] = Calibrate(held_out.logits, held_out.same);
    for (double& logit : held_out.logits) logit = slope * logit + offset;
    const double loss = LogLoss(held_out.logits, held_out.same);
    if (best != nullptr && loss >= best_loss) continue;
    best = &trial;
    best_loss = loss;
  }
  return best;
}

// A model for each fold, of all the other ones; their mean. Empty when cancelled. What each said
// about its own fold is added to `held_out`.
std::vector<float> TrainFolds(const PairRows& rows, const PairTrainOptions& options,
                              PairSolveOptions solve, const std::function<bool()>& go_on,
                              HeldOutLogits& held_out) {
  std::vector<double> sum(kDenseBegin + 2 * rows.dimensions);
  for (int fold = 0; fold < options.folds; ++fold) {
    solve.seed = options.seed + static_cast<uint64_t>(fold);
    const std::vector<float> weights = SolvePairs(rows, fold, solve, go_on);
    if (weights.empty()) return {};
    const HeldOutLogits scored = ScoreFold(rows, fold, weights);
    held_out.logits.insert(held_out.logits.end(), scored.logits.begin(), scored.logits.end());
    held_out.same.insert(held_out.same.end(), scored.same.begin(), scored.same.end());
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(weights[i]);
  }
  std::vector<float> mean;
  mean.reserve(sum.size());
  for (const double total : sum) mean.push_back(static_cast<float>(total / options.folds));
  return mean;
}

}  // namespace

double AreaUnderCurve(absl::Span<const double> scores, absl::Span<const uint8_t> same) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&scores](size_t a, size_t b) { return scores[a] < scores[b]; });
  double ranks = 0;
  double positives = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    const double rank = (static_cast<double>(begin) + static_cast<double>(end) + 1) / 2;
    for (; begin < end; ++begin) {
      if (same[order[begin]] == 0) continue;
      ranks += rank;
      positives++;
    }
  }
  const double negatives = static_cast<double>(scores.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

absl::StatusOr<TrainedPairModel> PairModel::Train(absl::Span<const Pair> pairs,
                                                  absl::Span<const PairVectors> vectors,
                                                  const PairTrainOptions& options) {
  FD_RETURN_IF_ERROR(CheckPairs(pairs, vectors, options.folds));
  PairModel model;
  const PairRows rows = MakeRows(pairs, vectors, options, model.part_weights_);
  const std::vector<Trial> trials = Trials(rows.dimensions > 0);
  const size_t passes = (trials.size() + static_cast<size_t>(options.folds)) *
                        static_cast<size_t>(PairSolveOptions().epochs);
  Progress progress(options.progress, passes);
  const auto go_on = [&progress] { return progress(); };
  const Trial* best = BestTrial(rows, trials, options.seed, go_on);
  if (best == nullptr) return TrainingCancelledError();
  HeldOutLogits held_out;
  model.weights_ = TrainFolds(rows, options, best->options, go_on, held_out);
  if (model.weights_.empty()) return TrainingCancelledError();
  std::tie(model.slope_, model.offset_) = Calibrate(held_out.logits, held_out.same);
  for (double& logit : held_out.logits) logit = model.slope_ * logit + model.offset_;

  TrainedPairModel trained;
  PairReport& report = trained.report;
  report.pairs = pairs.size();
  report.same = static_cast<size_t>(std::count(rows.same.begin(), rows.same.end(), 1));
  report.parts = best->name;
  report.fingerprint = FingerprintOf(pairs);
  if (rows.dimensions > 0) {
    std::vector<double> cosines;
    for (const PairFeatures& features : rows.features) cosines.push_back(features.summary[0]);
    report.cosine_auc = AreaUnderCurve(cosines, rows.same);
    // The summaries hold the cosine, so vectors are wanted even if `best` does without the rest.
    model.dimensions_ = rows.dimensions;
    model.encoder_ = vectors[0].encoder;
  }
  Judge(held_out.logits, held_out.same, report);
  model.data_fingerprint_ = report.fingerprint;
  trained.bytes = model.Write(best->options.hashed);
  return trained;
}

}  // namespace frontdesk::text
