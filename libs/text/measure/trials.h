#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/trainer.h"
#include "libs/text/measure/scores.h"

namespace frontdesk::text {

// A dataset and the vectors of its examples (none, or one a row).
struct EncodedData {
  Dataset data;
  TextVectors vectors;
};

// The examples at `rows`, with their vectors.
EncodedData Select(const EncodedData& from, absl::Span<const size_t> rows);

// What was judged, apart by whether the text belongs to a label of the model.
struct Judgement {
  std::vector<Judged> in_scope;
  std::vector<Judged> outside;
  double threshold = 0;  // the model's; of folds: the mean
};

// Asks the model about every example, unencoded ones too (they fail where the model needs a vector).
// Examples of the out-of-scope label are `outside`.
absl::Status JudgeAll(const Classifier& model, const EncodedData& test, Judgement& out);

// Learns from all folds but one and judges that one, `folds` times: every example is judged once, by
// a model that had not seen it. Blocks as `folds` trainings. Progress runs through all of them.
// INVALID_ARGUMENT: `folds` is not 2 to 20, or a fold leaves fewer than two labels.
absl::StatusOr<Judgement> CrossJudge(const EncodedData& data, int folds,
                                     const TrainOptions& options, const Progress& progress);

}  // namespace frontdesk::text
