#include "tests/eval/measure.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/text/measure/encode_all.h"
#include "libs/text/measure/trials.h"

namespace frontdesk::eval {
namespace {

using Parts = text::TrainOptions::Parts;

constexpr int kFolds = 5;
constexpr double kRejected = 0.10;

struct Variant {
  Parts parts;
  double Row::*column;
  std::string_view name;
};
constexpr std::array<Variant, 3> kVariants = {{{Parts::kSparse, &Row::sparse, "sparse"},
                                               {Parts::kDense, &Row::dense, "dense"},
                                               {Parts::kBoth, &Row::value, "both"}}};

std::vector<std::string_view> TextsOf(const text::Dataset& data) {
  std::vector<std::string_view> texts;
  for (const text::Example& example : data.examples) texts.push_back(example.text);
  return texts;
}

absl::StatusOr<text::EncodedData> Encode(text::Dataset data, const text::EncoderFor& encoder_for,
                                         const Tools& tools, std::string_view stage) {
  text::EncodedData out{std::move(data), {}};
  FD_ASSIGN_OR_RETURN(out.vectors, text::EncodeAll(TextsOf(out.data), encoder_for,
                                                   [&tools, stage](size_t done, size_t all) {
                                                     tools.progress(stage, 1.0 * done / all);
                                                     return true;
                                                   }));
  return out;
}

// The test file with the texts that belong to no label behind the others.
text::Dataset TestOf(const SetData& data) {
  text::Dataset test = data.test;
  test.out_of_scope_label = data.train.out_of_scope_label;
  for (const std::string& one : data.outside) {
    test.examples.push_back({one, test.out_of_scope_label});
  }
  return test;
}

struct Encoded {
  text::EncodedData train;
  text::EncodedData validation;  // empty = none
  text::EncodedData test;
};

absl::StatusOr<text::Judgement> Judge(const SetData& data, const Encoded& encoded, Parts parts,
                                      const Tools& tools, std::string_view name) {
  text::TrainOptions options;
  options.parts = parts;
  options.threads = tools.threads;
  if (!encoded.validation.data.examples.empty()) {
    options.validation = &encoded.validation.data;
    options.validation_vectors = &encoded.validation.vectors;
  }
  const text::Progress progress = [&tools, name](const text::TrainProgress& now) {
    tools.progress(name, now.done);
    return true;
  };
  if (data.plan == Plan::kFolds) {
    return text::CrossJudge(encoded.train, kFolds, options, progress);
  }
  FD_ASSIGN_OR_RETURN(const text::TrainedModel trained,
                      text::Train(encoded.train.data, encoded.train.vectors, options, progress));
  FD_ASSIGN_OR_RETURN(const auto model, text::Classifier::Load(trained.bytes));
  text::Judgement out;
  FD_RETURN_IF_ERROR(text::JudgeAll(*model, encoded.test, out));
  return out;
}

// Name and value of everything worth a row.
std::vector<std::pair<std::string, double>> NumbersOf(const text::Judgement& judged) {
  const text::ConfusionReport report = text::ReportOf(judged.in_scope);
  std::vector<std::pair<std::string, double>> numbers = {{"accuracy", report.accuracy},
                                                         {"macro_f1", report.macro_f1}};
  if (judged.outside.empty()) return numbers;
  const text::ThresholdPoint own = text::AtOwn(judged.threshold, judged.in_scope, judged.outside);
  const text::ThresholdPoint tenth = text::At(text::ThresholdRejecting(kRejected, judged.in_scope),
                                              judged.in_scope, judged.outside);
  numbers.emplace_back("still_right", own.right);
  numbers.emplace_back("rejected", own.rejected);
  numbers.emplace_back("outside_recall", own.outside_recall);
  numbers.emplace_back("outside_recall_at_10", tenth.outside_recall);
  return numbers;
}

}  // namespace

const Mark* MarkOf(const EvalSet& set, std::string_view metric) {
  const auto it = std::ranges::find(set.marks, metric, &Mark::metric);
  return it == set.marks.end() ? nullptr : &*it;
}

absl::StatusOr<std::vector<Row>> Measure(const EvalSet& set, const SetData& data,
                                         const Tools& tools) {
  if (data.plan == Plan::kPairs) return MeasurePairs(set, data, tools);
  if (data.plan == Plan::kAnswers) return MeasureAnswers(set, data, tools);
  if (data.plan == Plan::kNearest) return MeasureNearest(set, data, tools);
  if (data.plan == Plan::kSmoke) return MeasureSmoke(set, data, tools);
  const text::EncoderFor encoder_for =
      text::ChooseEncoders(TextsOf(data.train), *tools.english, *tools.chinese);
  Encoded encoded;
  FD_ASSIGN_OR_RETURN(encoded.train, Encode(data.train, encoder_for, tools, "encode train"));
  FD_ASSIGN_OR_RETURN(encoded.validation,
                      Encode(data.validation, encoder_for, tools, "encode validation"));
  FD_ASSIGN_OR_RETURN(encoded.test, Encode(TestOf(data), encoder_for, tools, "encode test"));
  std::vector<Row> rows;
  for (const Variant& variant : kVariants) {
    FD_ASSIGN_OR_RETURN(const text::Judgement judged,
                        Judge(data, encoded, variant.parts, tools, variant.name));
    const auto numbers = NumbersOf(judged);
    rows.resize(numbers.size());
    for (size_t i = 0; i < numbers.size(); ++i) {
      rows[i].set = set.name;
      rows[i].metric = numbers[i].first;
      rows[i].*variant.column = numbers[i].second;
      rows[i].mark = MarkOf(set, numbers[i].first);
    }
  }
  return rows;
}

}  // namespace frontdesk::eval
