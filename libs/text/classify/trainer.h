#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/text/classify/dataset.h"
#include "libs/text/classify/linear.h"
#include "libs/text/classify/model.h"
#include "libs/text/classify/report.h"
#include "libs/text/classify/vectors.h"

namespace frontdesk::text {

struct TrainOptions {
  enum class Parts { kBoth, kSparse, kDense };
  Parts parts = Parts::kBoth;  // one alone is for comparing
  int threads = 2;
  // The share of in-scope texts that may be refused although the answer would have been right: what
  // the threshold is chosen by.
  double loss_max = 0.0125;
  // Texts that are not learnt from: the threshold is chosen on them, and with out-of-scope examples
  // among them the out-of-scope decision is learnt from them too. Labels that training does not
  // know count as out of scope. Without them both are done on texts held back in turn.
  const Dataset* validation = nullptr;
  const TextVectors* validation_vectors = nullptr;
};

struct TrainProgress {
  std::string_view stage;  // "reading", "choosing", "checking", "fitting", "deciding"
  double done = 0;         // of all, 0 … 1
};
// False stops the training. Called on the thread that trains.
using Progress = std::function<bool(const TrainProgress&)>;

// One combination of weights that was tried, and how it did on texts held back.
struct Trial {
  PartScale scale;
  double c = 0;
  double accuracy = 0;
  double loss = 0;  // mean negative logarithm of the right class's probability

  bool operator==(const Trial&) const = default;
};

// What was said of an example by weights that had not seen it.
struct HeldOutPrediction {
  size_t example = 0;  // position in the data
  int label = 0;       // position among the sorted labels
  double probability = 0;
};

struct TrainReport {
  std::string data_fingerprint;
  std::vector<Finding> findings;  // what is wrong with the data
  std::vector<Trial> trials;
  ConfusionReport held_out;                    // every text judged by weights that had not seen it
  std::vector<HeldOutPrediction> predictions;  // by held_out, text by text
  double calibration_error = 0;                // see CalibrationError
  OutsideSource outside_source = OutsideSource::kNone;
  double threshold = 0;
  std::vector<CurvePoint> curve;
};

struct TrainedModel {
  std::string bytes;  // see model_file.h; Classifier::Load reads them
  TrainReport report;
};

// Learns a classifier from examples and, when `vectors` is not empty, from their vectors too.
//
//   1. reads the data, finds the vocabulary;
//   2. tries a few weights between spelling and meaning and a few costs of a mistake, on a
//      sample held back in turn: which part to trust differs from data to data;
//   3. holds every text back once with the winner: calibrates probabilities, reports accuracy;
//   4. fits the weights on everything;
//   5. learns when to refuse, from out-of-scope examples or, without them, from classes held back.
//
// Blocks for seconds (ten thousand short texts of 80 classes: some nine of processor time) and
// uses `options.threads` threads: never on a polling thread. The same data, vectors and options but
// `threads` give the same bytes. A class with a single example is learnt, with a finding; two are
// enough to be checked.
// Errors: those of ReadLabels and CheckVectors; CANCELLED when `progress` said stop.
absl::StatusOr<TrainedModel> Train(const Dataset& data, const TextVectors& vectors,
                                   const TrainOptions& options, const Progress& progress = nullptr);

}  // namespace frontdesk::text
