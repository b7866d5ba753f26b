#include <algorithm>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/text/measure/folds.h"
#include "libs/text/measure/pairs.h"
#include "libs/text/similar/min_hash.h"
#include "tests/eval/measure.h"

namespace frontdesk::eval {
namespace {

constexpr int kFolds = 5;
constexpr uint64_t kFoldSeed = 1;

// Scores of pairs by several ways, in the order in which pairs were judged.
struct Scores {
  std::vector<uint8_t> same;
  std::vector<double> letters;  // share of shingles
  std::vector<double> cosine;
  std::vector<double> sparse;  // a model without vectors
  std::vector<double> both;
};

absl::StatusOr<std::vector<double>> TrainAndScore(const text::PairChoice& train,
                                                  const text::PairChoice& test, bool vectors) {
  FD_ASSIGN_OR_RETURN(const text::TrainedPairModel trained,
                      text::PairModel::Train(train.pairs,
                                             vectors ? absl::MakeConstSpan(train.vectors)
                                                     : absl::Span<const text::PairVectors>(),
                                             {}));
  FD_ASSIGN_OR_RETURN(const auto model, text::PairModel::Load(trained.bytes));
  std::vector<double> out;
  for (size_t i = 0; i < test.pairs.size(); ++i) {
    FD_ASSIGN_OR_RETURN(const text::PairScore score,
                        model->Score(test.pairs[i].a, test.pairs[i].b,
                                     vectors ? test.vectors[i] : text::PairVectors{}));
    out.push_back(score.logit);
  }
  return out;
}

absl::Status Judge(const text::PairChoice& train, const text::PairChoice& test, Scores& out) {
  for (size_t i = 0; i < test.pairs.size(); ++i) {
    const text::Pair& pair = test.pairs[i];
    const text::PairVectors& vectors = test.vectors[i];
    out.same.push_back(pair.same ? 1 : 0);
    out.letters.push_back(text::Jaccard(text::MakeSketch(pair.a), text::MakeSketch(pair.b)));
    double dot = 0;
    for (size_t k = 0; k < vectors.a.size(); ++k) {
      dot += static_cast<double>(vectors.a[k]) * static_cast<double>(vectors.b[k]);
    }
    out.cosine.push_back(dot);
  }
  FD_ASSIGN_OR_RETURN(const std::vector<double> sparse, TrainAndScore(train, test, false));
  FD_ASSIGN_OR_RETURN(const std::vector<double> both, TrainAndScore(train, test, true));
  out.sparse.insert(out.sparse.end(), sparse.begin(), sparse.end());
  out.both.insert(out.both.end(), both.begin(), both.end());
  return absl::OkStatus();
}

std::vector<size_t> RowsWhere(size_t count, const std::function<bool(size_t)>& wanted) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < count; ++i) {
    if (wanted(i)) rows.push_back(i);
  }
  return rows;
}

// Scores of different models lie on different scales, so folds are judged one by one: the mean.
struct Areas {
  double letters = 0;
  double cosine = 0;
  double sparse = 0;
  double both = 0;

  void Add(const Scores& scores, double share) {
    letters += share * text::AreaUnderCurve(scores.letters, scores.same);
    cosine += share * text::AreaUnderCurve(scores.cosine, scores.same);
    sparse += share * text::AreaUnderCurve(scores.sparse, scores.same);
    both += share * text::AreaUnderCurve(scores.both, scores.same);
  }
};

absl::StatusOr<Areas> JudgeFolds(const SetData& data, const text::EncodedPairs& encoded,
                                 const Tools& tools) {
  std::vector<std::string> labels;
  for (const text::Pair& pair : data.train_pairs) labels.push_back(pair.same ? "1" : "0");
  const std::vector<int> fold_of = text::StratifiedFolds(labels, kFolds, kFoldSeed);
  Areas areas;
  for (int fold = 0; fold < kFolds; ++fold) {
    tools.progress("pair models", 1.0 * fold / kFolds);
    const auto pick = [&](bool test) {
      return text::Choose(
          data.train_pairs, encoded.vectors,
          RowsWhere(fold_of.size(), [&](size_t i) { return (fold_of[i] == fold) == test; }));
    };
    Scores scores;
    FD_RETURN_IF_ERROR(Judge(pick(false), pick(true), scores));
    areas.Add(scores, 1.0 / kFolds);
  }
  return areas;
}

}  // namespace

absl::StatusOr<std::vector<Row>> MeasurePairs(const EvalSet& set, const SetData& data,
                                              const Tools& tools) {
  text::Encoder& encoder = text::EncoderOfPairs(data.train_pairs, *tools.english, *tools.chinese);
  const auto progress = [&tools](size_t done, size_t all) {
    tools.progress("encode", 1.0 * done / all);
    return true;
  };
  FD_ASSIGN_OR_RETURN(const text::EncodedPairs train,
                      text::EncodePairs(data.train_pairs, encoder, progress));
  Areas areas;
  if (data.test_pairs.empty()) {
    FD_ASSIGN_OR_RETURN(areas, JudgeFolds(data, train, tools));
  } else {
    FD_ASSIGN_OR_RETURN(const text::EncodedPairs test,
                        text::EncodePairs(data.test_pairs, encoder, progress));
    tools.progress("pair models", 0);
    Scores scores;
    FD_RETURN_IF_ERROR(
        Judge({data.train_pairs, train.vectors}, {data.test_pairs, test.vectors}, scores));
    areas.Add(scores, 1.0);
  }
  // Without training the encoder's cosine is the score; beside it shared letters.
  return std::vector<Row>{
      {std::string(set.name), "auc_untrained", areas.cosine, areas.letters, areas.cosine,
       MarkOf(set, "auc_untrained")},
      {std::string(set.name), "auc", areas.both, areas.sparse, areas.cosine, MarkOf(set, "auc")}};
}

}  // namespace frontdesk::eval
