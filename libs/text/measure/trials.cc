#include "libs/text/measure/trials.h"

#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/measure/encode_all.h"
#include "libs/text/measure/folds.h"

namespace frontdesk::text {
namespace {

constexpr uint64_t kFoldSeed = 1;

}  // namespace

EncodedData Select(const EncodedData& from, absl::Span<const size_t> rows) {
  EncodedData out;
  out.data.out_of_scope_label = from.data.out_of_scope_label;
  out.vectors.blocks = from.vectors.blocks;
  for (const size_t row : rows) {
    out.data.examples.push_back(from.data.examples[row]);
    if (!from.vectors.rows.empty()) out.vectors.rows.push_back(from.vectors.rows[row]);
  }
  return out;
}

absl::Status JudgeAll(const Classifier& model, const EncodedData& test, Judgement& out) {
  for (size_t i = 0; i < test.data.examples.size(); ++i) {
    const Example& example = test.data.examples[i];
    FD_ASSIGN_OR_RETURN(const Prediction said,
                        model.Predict(example.text, QueryOf(test.vectors, i), 0));
    const bool outside =
        !test.data.out_of_scope_label.empty() && example.label == test.data.out_of_scope_label;
    (outside ? out.outside : out.in_scope)
        .push_back({example.label, std::string(said.label), said.probability, said.in_scope,
                    said.out_of_scope, i});
  }
  out.threshold = model.model().threshold;
  return absl::OkStatus();
}

absl::StatusOr<Judgement> CrossJudge(const EncodedData& data, int folds,
                                     const TrainOptions& options, const Progress& progress) {
  if (folds < 2 || folds > 20) return InvalidField("folds", "must be 2 to 20");
  std::vector<std::string> labels;
  for (const Example& example : data.data.examples) labels.push_back(example.label);
  const std::vector<int> fold_of = StratifiedFolds(labels, folds, kFoldSeed);
  Judgement out;
  double thresholds = 0;
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<size_t> learn;
    std::vector<size_t> test;
    for (size_t i = 0; i < fold_of.size(); ++i) (fold_of[i] == fold ? test : learn).push_back(i);
    const EncodedData learnt = Select(data, learn);
    const Progress part = [&progress, fold, folds](const TrainProgress& now) {
      return !progress || progress({now.stage, (fold + now.done) / folds});
    };
    FD_ASSIGN_OR_RETURN(const TrainedModel trained,
                        Train(learnt.data, learnt.vectors, options, part));
    FD_ASSIGN_OR_RETURN(const auto model, Classifier::Load(trained.bytes));
    Judgement one;
    FD_RETURN_IF_ERROR(JudgeAll(*model, Select(data, test), one));
    for (Judged& judged : one.in_scope) {
      judged.example = test[judged.example];
      out.in_scope.push_back(std::move(judged));
    }
    for (Judged& judged : one.outside) {
      judged.example = test[judged.example];
      out.outside.push_back(std::move(judged));
    }
    thresholds += one.threshold;
  }
  out.threshold = thresholds / folds;
  return out;
}

}  // namespace frontdesk::text
