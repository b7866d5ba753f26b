#include "libs/text/classify/outside.h"

#include <algorithm>
#include <cmath>

#include "libs/base/status_macros.h"
#include "libs/text/classify/errors.h"
#include "libs/text/classify/logistic.h"
#include "libs/text/classify/scoring.h"
#include "libs/text/classify/surroundings.h"
#include "libs/text/classify/threshold.h"

namespace frontdesk::text {
namespace {

constexpr size_t kOutsideEnough = 10;  // examples, to learn the decision from
constexpr size_t kHeldClassRows = 2500;
constexpr size_t kHeldGroups = 4;
// LIBLINEAR's C times the number of texts: little, as the signals say nearly the same and what is held
// back only resembles what will come.
constexpr double kTrust = 12.0;

// Texts that the weights had not seen, as the decision sees them.
struct Pool {
  std::vector<float> signals;  // kSignals a text
  std::vector<uint8_t> inside;
  std::vector<uint8_t> right;

  size_t size() const { return inside.size(); }
  size_t CountOutside() const {
    return static_cast<size_t>(std::count(inside.begin(), inside.end(), 0));
  }
  void Append(const Pool& other) {
    signals.insert(signals.end(), other.signals.begin(), other.signals.end());
    inside.insert(inside.end(), other.inside.begin(), other.inside.end());
    right.insert(right.end(), other.right.begin(), other.right.end());
  }
};

class Decision {
 public:
  Decision(const OutsideTask& task, Model& model)
      : task_(task), set_(task.set), model_(model), labels_(model.labels.size()) {}

  absl::Status Run() {
    Pool held_back = FromTraining();
    const Pool validation = FromValidation();
    Pool taught = validation.CountOutside() >= kOutsideEnough ? validation : Pool();
    if (taught.size() == 0 || held_back.CountOutside() >= kOutsideEnough) {
      taught.Append(held_back);
    }
    model_.outside_source = OutsideSource::kExamples;
    if (taught.CountOutside() < kOutsideEnough) {
      Pool classes;
      FD_RETURN_IF_ERROR(FromHeldClasses(classes));
      taught.Append(classes);
      held_back.Append(classes);
      model_.outside_source = OutsideSource::kHeldOut;
    }
    if (taught.CountOutside() < kOutsideEnough ||
        taught.size() - taught.CountOutside() < kOutsideEnough) {
      model_.outside_source = OutsideSource::kNone;
    } else {
      FD_RETURN_IF_ERROR(Learn(taught));
    }
    const bool validated = validation.size() > validation.CountOutside();
    const std::vector<HeldOut> texts = Judge(validated ? validation : held_back);
    model_.curve = MakeCurve(texts);
    model_.threshold = ChooseThreshold(texts, task_.loss_max);
    KeepSurroundings();
    return absl::OkStatus();
  }

 private:
  void Add(uint32_t row, absl::Span<const float> scores, const Surroundings& around, float familiar,
           Pool& pool) {
    probability_.resize(labels_);
    Probabilities(scores, {model_.temperature, model_.shift}, probability_);
    Best(probability_, labels_, kCentresCompared, best_);
    Signals signals = {};
    ScoreSignals(scores, labels_, probability_, best_[0], signals);
    around.Compare(row, best_, signals);
    signals[kFamiliar] = familiar;
    pool.signals.insert(pool.signals.end(), signals.begin(), signals.end());
    pool.inside.push_back(set_.InScope(row) ? 1 : 0);
    pool.right.push_back(static_cast<int>(best_[0]) == set_.classes()[row] ? 1 : 0);
  }

  // A text's own pieces count as its own: known are those that other texts hold too.
  float FamiliarToOthers(uint32_t row) const {
    return set_.vocabulary().Familiar(set_.rows().index(row), set_.unknown(row),
                                      set_.texts_min() + 1);
  }

  Pool FromTraining() {
    Pool pool;
    const size_t columns = model_.columns;
    for (const Split& split : task_.splits) {
      const Surroundings around(set_.rows(), split.learn, set_.classes(), labels_, set_.blocks());
      for (uint32_t row : split.score) {
        Add(row, task_.scores.subspan(row * columns, columns), around, FamiliarToOthers(row), pool);
      }
    }
    return pool;
  }

  Pool FromValidation() {
    Pool pool;
    const Surroundings around(set_.rows(), set_.training(), set_.classes(), labels_, set_.blocks());
    std::vector<float> scores(model_.columns);
    for (uint32_t row : set_.validation()) {
      for (size_t k = 0; k < scores.size(); ++k) {
        scores[k] = Score(set_.rows(), row, task_.weights[k]);
      }
      Add(row, scores, around,
          set_.vocabulary().Familiar(set_.rows().index(row), set_.unknown(row), 0), pool);
    }
    return pool;
  }

  // Every class is held back once from the training of the others: what it scores then is what a
  // question looks like that nobody thought of, though a near one.
  absl::Status FromHeldClasses(Pool& pool) {
    if (labels_ < 3) return absl::OkStatus();
    const size_t groups = std::min(kHeldGroups, labels_);
    const std::vector<uint32_t> sample = Sample(set_.training_classes(), kHeldClassRows, 2);
    std::vector<Split> splits(groups);
    for (uint32_t row : sample) {
      if (!set_.InScope(row)) continue;
      for (size_t g = 0; g < groups; ++g) {
        const bool own = static_cast<size_t>(set_.classes()[row]) % groups == g;
        (own ? splits[g].score : splits[g].learn).push_back(row);
      }
    }
    std::vector<float> scores;
    Pulls pulls;
    if (!CrossScores(set_.rows(), set_.classes(), splits, task_.how, pulls, scores)) {
      return TrainingCancelledError();
    }
    const size_t columns = model_.columns;
    for (size_t g = 0; g < groups; ++g) {
      const Surroundings around(set_.rows(), splits[g].learn, set_.classes(), labels_,
                                set_.blocks());
      const std::vector<uint32_t> texts = TextsOfGroup(g, groups);
      for (uint32_t row : splits[g].score) {
        Add(row, absl::MakeConstSpan(scores).subspan(row * columns, columns), around,
            FamiliarWithout(row, texts), pool);
        pool.inside.back() = 0;
        pool.right.back() = 0;
      }
    }
    return absl::OkStatus();
  }

  // In how many texts of a group of classes each piece stands.
  std::vector<uint32_t> TextsOfGroup(size_t group, size_t groups) const {
    std::vector<uint32_t> texts(set_.vocabulary().size(), 0);
    for (size_t row = 0; row < set_.training_count(); ++row) {
      if (!set_.InScope(row) || static_cast<size_t>(set_.classes()[row]) % groups != group)
        continue;
      for (uint32_t feature : set_.rows().index(row)) ++texts[feature];
    }
    return texts;
  }

  // Pieces that stand in too few texts when those of `texts` are not there are unknown.
  float FamiliarWithout(uint32_t row, absl::Span<const uint32_t> texts) const {
    const absl::Span<const uint32_t> index = set_.rows().index(row);
    size_t familiar = 0;
    for (uint32_t feature : index) {
      const uint32_t left = set_.vocabulary().features()[feature].texts - texts[feature];
      familiar += left >= set_.texts_min() ? 1 : 0;
    }
    const size_t all = index.size() + set_.unknown(row);
    return all == 0 ? 0.0f : static_cast<float>(familiar) / static_cast<float>(all);
  }

  absl::Status Learn(const Pool& pool) {
    FD_ASSIGN_OR_RETURN(const Logistic logistic,
                        FitLogistic(pool.signals, kSignals, pool.inside,
                                    kTrust / static_cast<double>(pool.size())));
    std::copy(logistic.weights.begin(), logistic.weights.end(), model_.signal_weights.begin());
    model_.signal_constant = logistic.constant;
    return absl::OkStatus();
  }

  std::vector<HeldOut> Judge(const Pool& pool) const {
    std::vector<HeldOut> texts;
    for (size_t i = 0; i < pool.size(); ++i) {
      Signals signals;
      std::copy_n(pool.signals.begin() + static_cast<ptrdiff_t>(i * kSignals), size_t{kSignals},
                  signals.begin());
      HeldOut text;
      text.outside = pool.inside[i] == 0;
      text.right = !text.outside && pool.right[i] != 0;
      if (model_.outside_source == OutsideSource::kNone) {
        text.in_scope = 1.0 / (1.0 + std::exp(-static_cast<double>(signals[kTopLogit])));
      } else {
        text.in_scope = InScope(signals, model_.signal_weights, model_.signal_constant);
      }
      texts.push_back(text);
    }
    return texts;
  }

  // Into the model, for texts to come.
  void KeepSurroundings() {
    const Surroundings around(set_.rows(), set_.training(), set_.classes(), labels_, set_.blocks());
    for (size_t i = 0; i < model_.blocks.size(); ++i) {
      Model::Block& block = model_.blocks[i];
      const size_t dimensions = block.mean.size();
      block.centres.assign(dimensions * labels_, 0.0f);
      for (size_t label = 0; label < labels_; ++label) {
        const absl::Span<const float> centre = around.centre(i, label);
        std::copy(centre.begin(), centre.end(),
                  block.centres.begin() + static_cast<ptrdiff_t>(label * dimensions));
        for (uint32_t row : around.samples(i, label)) {
          for (float value : set_.rows().dense(row).subspan(0, dimensions)) {
            block.sample_values.push_back(static_cast<int8_t>(std::lround(value * kSampleLength)));
          }
        }
        block.samples.push_back(static_cast<uint32_t>(block.sample_values.size() / dimensions));
      }
    }
  }

  const OutsideTask& task_;
  const TrainingRows& set_;
  Model& model_;
  const size_t labels_;
  std::vector<float> probability_;
  std::vector<uint32_t> best_;
};

}  // namespace

absl::Status DecideOutside(const OutsideTask& task, Model& model) {
  return Decision(task, model).Run();
}

}  // namespace frontdesk::text
