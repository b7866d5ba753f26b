#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/measure/trials.h"
#include "tools/frontdesk/text_commands.h"
#include "tools/frontdesk/text_input.h"

namespace frontdesk::command {
namespace {

using nlohmann::ordered_json;

constexpr size_t kConfusionsShown = 15;
constexpr size_t kFindingsShown = 20;

absl::StatusOr<text::TrainOptions> TrainOptionsOf(const Flags& flags) {
  text::TrainOptions options;
  FD_ASSIGN_OR_RETURN(options.threads, ThreadsOf(flags));
  FD_ASSIGN_OR_RETURN(options.loss_max, flags.Decimal("loss_max", options.loss_max));
  if (options.loss_max < 0 || options.loss_max > 1) {
    return InvalidField("--loss_max", "must be 0 to 1");
  }
  const std::string parts = flags.Text("parts", "both");
  if (parts == "sparse") {
    options.parts = text::TrainOptions::Parts::kSparse;
  } else if (parts == "dense") {
    options.parts = text::TrainOptions::Parts::kDense;
  } else if (parts != "both") {
    return InvalidField("--parts", "must be both, sparse or dense");
  }
  return options;
}

std::vector<FlagHelp> TrainFlags() {
  return {{"parts", "both, sparse (spelling alone) or dense (vectors alone)"},
          {"loss_max", fmt::format("share of right answers that the threshold may cost, default {}",
                                   text::TrainOptions().loss_max)}};
}

std::vector<std::string_view> TextsOf(const text::Dataset& data) {
  std::vector<std::string_view> texts;
  for (const text::Example& example : data.examples) texts.push_back(example.text);
  return texts;
}

// The table with vectors, where there are encoders to make them.
absl::StatusOr<text::EncodedData> Encode(text::Dataset data, const text::EncoderFor& encoder_for,
                                         ProgressLine& progress) {
  text::EncodedData out{std::move(data), {}};
  if (!encoder_for) return out;
  FD_ASSIGN_OR_RETURN(
      out.vectors, text::EncodeAll(TextsOf(out.data), encoder_for, progress.Counting("encoding")));
  return out;
}

absl::StatusOr<text::EncoderFor> EncodersForTraining(const Flags& flags,
                                                     const text::TrainOptions& options,
                                                     const EncodersAtHand& hand,
                                                     const text::Dataset& data) {
  if (options.parts == text::TrainOptions::Parts::kSparse) return text::EncoderFor();
  if (!hand.usable) {
    if (options.parts == text::TrainOptions::Parts::kDense) {
      return InvalidField("--parts", "dense needs the models of --models");
    }
    if (flags.Text("models") != "none") {
      fmt::print(stderr, "no encoder is there: learning from spelling alone\n");
    }
    return text::EncoderFor();
  }
  return text::ChooseEncoders(TextsOf(data), hand.english(), hand.chinese());
}

void TellReport(const text::LabelledTable& table, const text::TrainReport& report) {
  fmt::print("examples {}, data {}\n", table.lines.size(), report.data_fingerprint);
  fmt::print("held out: accuracy {:.2f} %, macro-F1 {:.2f} %, calibration error {:.2f} %\n",
             100 * report.held_out.accuracy, 100 * report.held_out.macro_f1,
             100 * report.calibration_error);
  constexpr const char* kSources[] = {"none: the best label's probability alone decides",
                                      "labels held back in turn", "examples"};
  fmt::print("out-of-scope decision learnt from {}; threshold {:.4f}\n",
             kSources[static_cast<size_t>(report.outside_source)], report.threshold);
  if (!report.findings.empty()) fmt::print("what to look at in the data:\n");
  for (size_t i = 0; i < report.findings.size(); ++i) {
    if (i == kFindingsShown) {
      fmt::print("  … and {} more\n", report.findings.size() - i);
      break;
    }
    fmt::print("  {}", text::Describe(report.findings[i]));
    const char* before = " (lines ";
    for (const size_t position : report.findings[i].where) {
      fmt::print("{}{}", before, table.lines[position]);
      before = ", ";
    }
    fmt::print("{}\n", report.findings[i].where.empty() ? "" : " …)");
  }
  const size_t shown = std::min(report.held_out.confusions.size(), kConfusionsShown);
  if (shown > 0) fmt::print("mixed up most often:\n");
  for (size_t i = 0; i < shown; ++i) {
    const text::Confusion& pair = report.held_out.confusions[i];
    fmt::print("  {:>5}  {} taken for {}\n", pair.count, pair.label, pair.taken_for);
  }
}

ordered_json CurveJson(const std::vector<text::CurvePoint>& curve) {
  ordered_json out = ordered_json::array();
  for (const text::CurvePoint& point : curve) {
    out.push_back({{"threshold", point.threshold},
                   {"coverage", point.coverage},
                   {"precision", point.precision},
                   {"still_right", point.still_right},
                   {"outside_recall", point.outside_recall}});
  }
  return out;
}

ordered_json ReportJson(const text::LabelledTable& table, const text::TrainReport& report) {
  ordered_json findings = ordered_json::array();
  for (const text::Finding& finding : report.findings) {
    ordered_json lines = ordered_json::array();
    for (const size_t position : finding.where) lines.push_back(table.lines[position]);
    findings.push_back({{"finding", text::Describe(finding)}, {"lines", lines}});
  }
  return {{"examples", table.lines.size()},
          {"refused_rows", table.refused.count},
          {"data_fingerprint", report.data_fingerprint},
          {"held_out_accuracy", report.held_out.accuracy},
          {"held_out_macro_f1", report.held_out.macro_f1},
          {"calibration_error", report.calibration_error},
          {"threshold", report.threshold},
          {"findings", findings},
          {"curve", CurveJson(report.curve)}};
}

absl::Status TrainCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string path, OneFile(flags));
  FD_ASSIGN_OR_RETURN(const std::string out, flags.Required("out"));
  FD_ASSIGN_OR_RETURN(const text::TrainOptions options, TrainOptionsOf(flags));
  FD_ASSIGN_OR_RETURN(text::LabelledTable table, ReadLabelledFile(flags, path));
  FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
  FD_ASSIGN_OR_RETURN(const text::EncoderFor encoder_for,
                      EncodersForTraining(flags, options, hand, table.data));
  const InterruptGuard guard;
  text::TrainedModel trained;
  {
    ProgressLine progress;
    FD_ASSIGN_OR_RETURN(const text::EncodedData data,
                        Encode(std::move(table.data), encoder_for, progress));
    FD_ASSIGN_OR_RETURN(trained, text::Train(data.data, data.vectors, options,
                                             [&progress](const text::TrainProgress& now) {
                                               return progress.Show(now.stage, now.done);
                                             }));
  }
  FD_RETURN_IF_ERROR(text::WriteWhole(out, trained.bytes));
  if (flags.Has("json")) {
    fmt::print("{}\n", ReportJson(table, trained.report).dump(2));
  } else {
    TellReport(table, trained.report);
    fmt::print("{}: {} bytes\n", out, trained.bytes.size());
  }
  return absl::OkStatus();
}

ordered_json ExplanationJson(const text::Explanation& why) {
  ordered_json pieces = ordered_json::array();
  for (const text::Explanation::Piece& piece : why.pieces) {
    pieces.push_back({{"text", piece.text}, {"weight", piece.weight}});
  }
  return {
      {"next", why.next},       {"words", why.words},       {"characters", why.characters},
      {"meaning", why.meaning}, {"constant", why.constant}, {"meaning_share", why.meaning_share},
      {"pieces", pieces}};
}

absl::Status Answer(const text::Classifier& model, const TextLine& line,
                    const text::QueryVector& vector, size_t alternatives, bool explain) {
  FD_ASSIGN_OR_RETURN(const text::Prediction said, model.Predict(line.text, vector, alternatives));
  ordered_json others = ordered_json::array();
  for (const text::Alternative& other : said.alternatives) {
    others.push_back({{"label", other.label}, {"probability", other.probability}});
  }
  ordered_json row = {{"line", line.line},         {"text", line.text},
                      {"label", said.label},       {"probability", said.probability},
                      {"in_scope", said.in_scope}, {"out_of_scope", said.out_of_scope},
                      {"alternatives", others}};
  if (explain) {
    FD_ASSIGN_OR_RETURN(const text::Explanation why, model.Explain(line.text, vector));
    row["explanation"] = ExplanationJson(why);
  }
  PrintRow(row);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const text::Classifier>> LoadModel(const Flags& flags) {
  FD_ASSIGN_OR_RETURN(const std::string path, flags.Required("model"));
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, text::kModelBytesMax));
  return text::Classifier::Load(bytes);
}

absl::Status PredictCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const auto model, LoadModel(flags));
  FD_ASSIGN_OR_RETURN(const std::vector<TextLine> lines, ReadTexts(flags));
  FD_ASSIGN_OR_RETURN(const int64_t alternatives, flags.Number("alternatives", 2));
  if (alternatives < 0) return InvalidField("--alternatives", "must not be negative");
  text::TextVectors vectors;
  if (model->NeedsVector()) {
    FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
    std::vector<std::string_view> texts;
    for (const TextLine& line : lines) texts.push_back(line.text);
    ProgressLine progress;
    FD_ASSIGN_OR_RETURN(
        vectors, text::EncodeAll(
                     texts, text::EncodersOfModel(model->model(), hand.english(), hand.chinese()),
                     lines.size() > 1 ? progress.Counting("encoding") : text::CountProgress()));
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    FD_RETURN_IF_ERROR(Answer(*model, lines[i], text::QueryOf(vectors, i),
                              static_cast<size_t>(alternatives), flags.Has("explain")));
  }
  return absl::OkStatus();
}

// Learns from the file and judges the other one, or folds of the file.
absl::StatusOr<text::Judgement> Evaluate(const Flags& flags, const text::EncodedData& data,
                                         const text::EncodedData& test,
                                         const text::TrainOptions& options,
                                         ProgressLine& progress) {
  const text::Progress show = [&progress](const text::TrainProgress& now) {
    return progress.Show(now.stage, now.done);
  };
  if (!flags.Has("test")) {
    FD_ASSIGN_OR_RETURN(const int64_t folds, flags.Number("folds", 5));
    return text::CrossJudge(data, static_cast<int>(folds), options, show);
  }
  FD_ASSIGN_OR_RETURN(const text::TrainedModel trained,
                      text::Train(data.data, data.vectors, options, show));
  FD_ASSIGN_OR_RETURN(const auto model, text::Classifier::Load(trained.bytes));
  text::Judgement out;
  FD_RETURN_IF_ERROR(text::JudgeAll(*model, test, out));
  return out;
}

ordered_json PointJson(const text::ThresholdPoint& point) {
  return {{"threshold", point.threshold},
          {"rejected", point.rejected},
          {"right", point.right},
          {"precision", point.precision},
          {"outside_recall", point.outside_recall}};
}

void TellEvaluation(const text::Judgement& judged, const std::vector<size_t>& lines, bool json) {
  const text::ConfusionReport report = text::ReportOf(judged.in_scope);
  const text::ThresholdPoint own = text::AtOwn(judged.threshold, judged.in_scope, judged.outside);
  const auto curve = text::ThresholdCurve(judged.in_scope, judged.outside);
  const size_t shown = std::min(report.confusions.size(), kConfusionsShown);
  ordered_json pairs = ordered_json::array();
  ordered_json points = ordered_json::array();
  if (!json) {
    fmt::print("in scope {}, out of scope {}\naccuracy {:.2f} %, macro-F1 {:.2f} %\n",
               judged.in_scope.size(), judged.outside.size(), 100 * report.accuracy,
               100 * report.macro_f1);
    fmt::print(
        "at the model's threshold: {:.2f} % refused, {:.2f} % still right, {:.2f} % of "
        "out-of-scope refused\n",
        100 * own.rejected, 100 * own.right, 100 * own.outside_recall);
    if (shown > 0) fmt::print("mixed up most often:\n");
  }
  for (size_t i = 0; i < shown; ++i) {
    const text::Confusion& pair = report.confusions[i];
    ordered_json where = ordered_json::array();
    for (const size_t example : text::ExamplesOf(judged.in_scope, pair, 3)) {
      where.push_back(lines[example]);
    }
    if (!json) {
      fmt::print("  {:>5}  {} taken for {} (lines {})\n", pair.count, pair.label, pair.taken_for,
                 where.dump());
    }
    pairs.push_back({{"label", pair.label},
                     {"taken_for", pair.taken_for},
                     {"count", pair.count},
                     {"lines", where}});
  }
  if (!json) fmt::print("threshold  refused  still right  precision  out-of-scope refused\n");
  for (const text::ThresholdPoint& point : curve) {
    if (!json) {
      fmt::print("{:>9.4f}  {:>6.1f} %  {:>9.1f} %  {:>7.1f} %  {:>18.1f} %\n", point.threshold,
                 100 * point.rejected, 100 * point.right, 100 * point.precision,
                 100 * point.outside_recall);
    }
    points.push_back(PointJson(point));
  }
  if (!json) return;
  fmt::print("{}\n", ordered_json({{"in_scope", judged.in_scope.size()},
                                   {"out_of_scope", judged.outside.size()},
                                   {"accuracy", report.accuracy},
                                   {"macro_f1", report.macro_f1},
                                   {"at_threshold", PointJson(own)},
                                   {"confusions", pairs},
                                   {"curve", points}})
                         .dump(2));
}

absl::Status EvaluateCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string path, OneFile(flags));
  FD_ASSIGN_OR_RETURN(const text::TrainOptions options, TrainOptionsOf(flags));
  if (flags.Has("test") && flags.Has("folds")) {
    return InvalidField("--folds", "has no meaning with --test");
  }
  FD_ASSIGN_OR_RETURN(text::LabelledTable table, ReadLabelledFile(flags, path));
  text::LabelledTable test;
  if (flags.Has("test")) {
    FD_ASSIGN_OR_RETURN(test, ReadLabelledFile(flags, flags.Text("test")));
  }
  FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
  FD_ASSIGN_OR_RETURN(const text::EncoderFor encoder_for,
                      EncodersForTraining(flags, options, hand, table.data));
  const InterruptGuard guard;
  text::Judgement judged;
  {
    ProgressLine progress;
    FD_ASSIGN_OR_RETURN(const text::EncodedData data,
                        Encode(std::move(table.data), encoder_for, progress));
    FD_ASSIGN_OR_RETURN(const text::EncodedData test_data,
                        Encode(std::move(test.data), encoder_for, progress));
    FD_ASSIGN_OR_RETURN(judged, Evaluate(flags, data, test_data, options, progress));
  }
  TellEvaluation(judged, flags.Has("test") ? test.lines : table.lines, flags.Has("json"));
  return absl::OkStatus();
}

}  // namespace

std::vector<OperatorCommand> ClassifyCommands() {
  const FlagHelp json{"json", "the report as JSON", true};
  return {
      {"text train", "a classifier from labelled texts (csv, tsv, jsonl)",
       Joined({{{"out", "where the model goes, as intents.fdm"}, json},
               TrainFlags(),
               LabelledTableFlags(),
               EncoderFlags()}),
       true, TrainCommand, "FILE"},
      {"text predict", "labels with probabilities, as JSON lines",
       Joined({{{"model", "what train wrote"},
                {"text", "instead of FILE; may be repeated"},
                {"explain", "adds what decided", true},
                {"alternatives", "how many other labels, default 2"}},
               TextTableFlags(),
               EncoderFlags()}),
       true, PredictCommand, "FILE"},
      {"text evaluate", "how well a classifier of these texts does: folds, or a file to test on",
       Joined({{{"test", "a file of the same columns"}, {"folds", "2 to 20, default 5"}, json},
               TrainFlags(),
               LabelledTableFlags(),
               EncoderFlags()}),
       true, EvaluateCommand, "FILE"},
  };
}

}  // namespace frontdesk::command
