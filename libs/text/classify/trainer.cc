#include "libs/text/classify/trainer.h"

#include <algorithm>
#include <cmath>

#include "libs/base/status_macros.h"
#include "libs/text/classify/cross.h"
#include "libs/text/classify/errors.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/classify/outside.h"
#include "libs/text/classify/scoring.h"
#include "libs/text/classify/training_rows.h"

namespace frontdesk::text {
namespace {

constexpr size_t kChoiceRows = 2500;  // enough to rank a few combinations
// With few examples a class, meaning looks better against spelling than it is with all of them.
constexpr size_t kChoiceRowsEach = 40;
constexpr size_t kCheckRowsMax = 20000;  // above it one part is held back instead of all in turn
constexpr size_t kCheckSample = 5000;
constexpr int kChoiceEpochs = 8;
constexpr int kNextEpochs = 4;  // of what begins where a near problem ended
constexpr int kCheckEpochs = 10;
constexpr int kFinalEpochs = 8;
// A difference in loss counts, but little: accuracy is what people feel.
constexpr double kLossWeight = 0.2;

constexpr float kDenseScales[] = {0.5f, 1.0f, 2.0f};
constexpr double kCosts[] = {0.25, 3.0};

int FoldsFor(size_t rows) { return rows <= 500 ? 10 : rows <= 3000 ? 5 : 3; }

class Training {
 public:
  Training(const Dataset& data, const TextVectors& vectors, const TrainOptions& options,
           const Progress& progress)
      : data_(data), vectors_(vectors), options_(options), progress_(progress) {}

  absl::StatusOr<TrainedModel> Run() {
    FD_RETURN_IF_ERROR(Prepare());
    FD_RETURN_IF_ERROR(Choose());
    FD_RETURN_IF_ERROR(Check());
    FD_RETURN_IF_ERROR(Fit());
    FD_RETURN_IF_ERROR(Decide());
    TrainedModel out;
    out.bytes = WriteModel(model_);
    report_.outside_source = model_.outside_source;
    report_.threshold = model_.threshold;
    report_.curve = model_.curve;
    out.report = std::move(report_);
    return out;
  }

 private:
  // Says how far it is; CANCELLED when that is far enough.
  absl::Status Tell(std::string_view stage, double done) {
    if (progress_ && !progress_({stage, done})) return TrainingCancelledError();
    return absl::OkStatus();
  }

  std::function<bool()> KeepGoing(std::string_view stage, double done) {
    return [this, stage, done] { return !progress_ || progress_({stage, done}); };
  }

  absl::Status Prepare() {
    FD_RETURN_IF_ERROR(Tell("reading", 0.0));
    FD_RETURN_IF_ERROR(set_.Read(data_, vectors_, options_.validation, options_.validation_vectors,
                                 KeepGoing("reading", 0.05)));
    report_.data_fingerprint = FingerprintOf(data_);
    report_.findings = Diagnose(data_);
    model_.labels = set_.labels();
    model_.out_of_scope_label = data_.out_of_scope_label;
    model_.data_fingerprint = report_.data_fingerprint;
    model_.examples = data_.examples.size();
    model_.columns = static_cast<uint32_t>(set_.columns());
    return Tell("choosing", 0.15);
  }

  CrossOptions How(int epochs, std::string_view stage, double done) {
    CrossOptions how;
    how.solve.scale = model_.scale;
    how.solve.c = model_.c;
    how.solve.epochs_max = epochs;
    how.columns = set_.columns();
    how.threads = options_.threads;
    how.keep_going = KeepGoing(stage, done);
    return how;
  }

  // How a combination does on `splits`.
  absl::StatusOr<Trial> Try(absl::Span<const Split> splits, PartScale scale, double c) {
    const bool first = report_.trials.empty();
    CrossOptions how = How(first ? kChoiceEpochs : kNextEpochs, "choosing",
                           0.2 + 0.04 * static_cast<double>(report_.trials.size()));
    how.solve.scale = scale;
    how.solve.c = c;
    std::vector<float> scores;
    if (!CrossScores(set_.rows(), set_.classes(), splits, how, pulls_, scores)) {
      return TrainingCancelledError();
    }
    const Judged judged = Judge(splits, scores);
    return Trial{scale, c, judged.accuracy, judged.loss};
  }

  static double Merit(const Trial& trial) { return trial.accuracy - kLossWeight * trial.loss; }

  absl::Status Choose() {
    const std::vector<uint32_t> sample = Sample(
        set_.training_classes(), std::max(kChoiceRows, kChoiceRowsEach * set_.labels().size()),
        /*each=*/2);
    const std::vector<Split> splits =
        MakeFolds(sample, set_.classes(), FoldsFor(sample.size()) / 2 + 1);
    std::vector<PartScale> scales = {{1.0f, 0.0f}};
    const bool dense = !vectors_.blocks.empty();
    if (dense && options_.parts == TrainOptions::Parts::kDense) scales = {{0.0f, 1.0f}};
    if (dense && options_.parts == TrainOptions::Parts::kBoth) {
      for (float scale : kDenseScales) scales.push_back({1.0f, scale});
    }
    FD_ASSIGN_OR_RETURN(Trial best, Try(splits, scales[0], 1.0));
    report_.trials.push_back(best);
    for (size_t i = 1; i < scales.size(); ++i) {
      FD_ASSIGN_OR_RETURN(const Trial trial, Try(splits, scales[i], 1.0));
      report_.trials.push_back(trial);
      if (Merit(trial) > Merit(best)) best = trial;
    }
    const PartScale chosen = best.scale;
    for (double c : kCosts) {
      FD_ASSIGN_OR_RETURN(const Trial trial, Try(splits, chosen, c));
      report_.trials.push_back(trial);
      if (Merit(trial) > Merit(best)) best = trial;
    }
    model_.scale = best.scale;
    model_.c = best.c;
    return Tell("checking", 0.5);
  }

  struct Judged {
    double accuracy = 0;
    double loss = 0;
  };

  // Accuracy as it is and loss after calibration, of the in-scope rows that `splits` score.
  Judged Judge(absl::Span<const Split> splits, absl::Span<const float> scores) {
    const auto columns = static_cast<size_t>(set_.columns());
    std::vector<float> used;
    std::vector<int> classes;
    double right = 0;
    std::vector<uint32_t> best;
    for (const Split& split : splits) {
      for (uint32_t row : split.score) {
        if (!set_.InScope(row)) continue;
        const absl::Span<const float> own = scores.subspan(row * columns, columns);
        used.insert(used.end(), own.begin(), own.end());
        classes.push_back(set_.classes()[row]);
        Best(own, set_.labels().size(), 1, best);
        right += static_cast<int>(best[0]) == classes.back() ? 1 : 0;
      }
    }
    if (classes.empty()) return {};
    const Calibration calibration = Calibrate(used, columns, classes, set_.labels().size());
    const double rows = static_cast<double>(classes.size());
    return {right / rows,
            CalibratedLoss(used, columns, classes, set_.labels().size(), calibration)};
  }

  absl::Status Check() {
    const std::vector<uint32_t> all = set_.training();
    if (all.size() <= kCheckRowsMax) {
      splits_ = MakeFolds(all, set_.classes(), FoldsFor(all.size()));
    } else {
      Split split;
      split.score = Sample(set_.training_classes(), kCheckSample, /*each=*/1);
      std::set_difference(all.begin(), all.end(), split.score.begin(), split.score.end(),
                          std::back_inserter(split.learn));
      splits_ = {std::move(split)};
    }
    const CrossOptions how = How(kCheckEpochs, "checking", 0.6);
    pulls_.clear();
    if (!CrossScores(set_.rows(), set_.classes(), splits_, how, pulls_, scores_)) {
      return TrainingCancelledError();
    }
    CalibrateHeldOut();
    return Tell("fitting", 0.7);
  }

  // Finds the calibration and fills the report of held-out texts.
  void CalibrateHeldOut() {
    const size_t columns = model_.columns;
    const size_t labels = model_.labels.size();
    std::vector<float> used;
    std::vector<int> expected;
    std::vector<uint32_t> examples;
    for (const Split& split : splits_) {
      for (uint32_t row : split.score) {
        if (!set_.InScope(row)) continue;
        examples.push_back(row);
        used.insert(used.end(), scores_.begin() + static_cast<ptrdiff_t>(row * columns),
                    scores_.begin() + static_cast<ptrdiff_t>((row + 1) * columns));
        expected.push_back(set_.classes()[row]);
      }
    }
    const Calibration found = Calibrate(used, columns, expected, labels);
    model_.temperature = found.temperature;
    model_.shift = found.shift;
    std::vector<int> got;
    std::vector<double> said;
    std::vector<uint8_t> right;
    std::vector<float> probability(labels);
    std::vector<uint32_t> best;
    for (size_t i = 0; i < expected.size(); ++i) {
      Probabilities(absl::MakeConstSpan(used).subspan(i * columns, columns), found, probability);
      Best(probability, labels, 1, best);
      got.push_back(static_cast<int>(best[0]));
      said.push_back(static_cast<double>(probability[best[0]]));
      report_.predictions.push_back({examples[i], got.back(), said.back()});
      right.push_back(got.back() == expected[i] ? 1 : 0);
    }
    report_.held_out = MakeConfusionReport(model_.labels, expected, got);
    report_.calibration_error = CalibrationError(said, right);
  }

  absl::Status Fit() {
    const CrossOptions how = How(kFinalEpochs, "fitting", 0.8);
    const std::vector<uint32_t> all = set_.training();
    Pulls pulls = Joined(splits_, pulls_, all, set_.columns());
    weights_ = SolveAll(set_.rows(), all, set_.classes(), how, pulls);
    if (weights_.empty()) return TrainingCancelledError();
    set_.Pack(weights_, model_);
    return Tell("deciding", 0.9);
  }

  absl::Status Decide() {
    const OutsideTask task = {set_,     splits_,           scores_,
                              weights_, options_.loss_max, How(kChoiceEpochs, "deciding", 0.95)};
    FD_RETURN_IF_ERROR(DecideOutside(task, model_));
    return Tell("done", 1.0);
  }

  const Dataset& data_;
  const TextVectors& vectors_;
  const TrainOptions& options_;
  const Progress& progress_;
  TrainingRows set_;
  Model model_;
  TrainReport report_;
  std::vector<Split> splits_;
  Pulls pulls_;                              // of the descents made last
  std::vector<float> scores_;                // of held-out rows, by splits_
  std::vector<std::vector<float>> weights_;  // of all rows, column after column
};

}  // namespace

absl::StatusOr<TrainedModel> Train(const Dataset& data, const TextVectors& vectors,
                                   const TrainOptions& options, const Progress& progress) {
  return Training(data, vectors, options, progress).Run();
}

}  // namespace frontdesk::text
