#include "services/dialog/intent_training.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/classify/trainer.h"
#include "services/dialog/domain/phrases.h"

namespace frontdesk::dialog {
namespace {

constexpr size_t kTextsAtOnce = 16;
constexpr int kMaxWarnings = 50;
// An intent only adds to declared phrases and to what knowledge knows, and one that is wrong may hand
// over for nothing: rather refuse one right guess in twenty.
constexpr double kLossMax = 0.05;

int32_t Bps(double share) { return static_cast<int32_t>(std::lround(share * 10'000)); }

absl::Status Cancelled() {
  return Error(absl::StatusCode::kCancelled, "CANCELLED", "the training was stopped");
}

// The rows of one encoder, in small helpings.
absl::Status EncodeRows(const text::Dataset& data, const std::vector<size_t>& rows,
                        text::Encoder& encoder, int block, const std::function<bool()>& keep_going,
                        text::TextVectors& vectors) {
  const auto dimensions = static_cast<ptrdiff_t>(encoder.info().dimensions);
  for (size_t at = 0; at < rows.size(); at += kTextsAtOnce) {
    if (!keep_going()) return Cancelled();
    std::vector<std::string_view> texts;
    for (size_t i = at; i < std::min(at + kTextsAtOnce, rows.size()); ++i) {
      texts.push_back(data.examples[rows[i]].text);
    }
    FD_ASSIGN_OR_RETURN(const std::vector<float> values, encoder.Encode(texts));
    for (size_t i = 0; i < texts.size(); ++i) {
      text::TextVector& vector = vectors.rows[rows[at + i]];
      vector.block = block;
      const auto begin = values.begin() + static_cast<ptrdiff_t>(i) * dimensions;
      vector.values.assign(begin, begin + dimensions);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<text::TextVectors> EncodeExamples(const text::Dataset& data,
                                                 text::Encoders& encoders,
                                                 const std::function<bool()>& keep_going) {
  text::TextVectors vectors;
  vectors.rows.resize(data.examples.size());
  std::vector<std::pair<text::Encoder*, std::vector<size_t>>> shares;
  for (size_t i = 0; i < data.examples.size(); ++i) {
    text::Encoder* encoder = &encoders.ForText(data.examples[i].text);
    auto share = std::find_if(shares.begin(), shares.end(),
                              [&](const auto& one) { return one.first == encoder; });
    if (share == shares.end()) share = shares.insert(share, {encoder, {}});
    share->second.push_back(i);
  }
  for (const auto& [encoder, rows] : shares) {
    const text::EncoderInfo& info = encoder->info();
    vectors.blocks.push_back({info.fingerprint, info.name, static_cast<uint32_t>(info.dimensions)});
    FD_RETURN_IF_ERROR(EncodeRows(data, rows, *encoder, static_cast<int>(vectors.blocks.size()) - 1,
                                  keep_going, vectors));
  }
  return vectors;
}

void FillReport(const text::TrainReport& report, const text::Encoders& encoders,
                v1::IntentModel& model) {
  model.set_accuracy_bps(Bps(report.held_out.accuracy));
  model.set_out_of_scope_threshold_bps(Bps(report.threshold));
  for (const text::CurvePoint& from : report.curve) {
    v1::ThresholdPoint& point = *model.add_curve();
    point.set_threshold_bps(Bps(from.threshold));
    point.set_coverage_bps(Bps(from.coverage));
    point.set_precision_bps(Bps(from.precision));
    point.set_out_of_scope_recall_bps(Bps(from.outside_recall));
  }
  for (const text::Finding& finding : report.findings) {
    if (model.warnings_size() == kMaxWarnings) break;
    model.add_warnings(text::Describe(finding));
  }
  for (const text::Encoders::Health& health : encoders.health()) model.add_encoders(health.state);
}

}  // namespace

text::Dataset MakeDataset(const std::vector<IntentExamples>& intents) {
  text::Dataset data;
  for (const IntentExamples& intent : intents) {
    for (const v1::IntentExample& example : intent.examples) {
      data.examples.push_back(
          {std::string(CutCharacters(example.text(), kIntentCharacters)), intent.id});
    }
  }
  return data;
}

std::string ModelFingerprint(const text::Dataset& data, text::Encoders& encoders) {
  std::string parts = fmt::format("{}/{}", text::kModelVersion, text::FingerprintOf(data));
  for (const text::Encoders::Health& health : encoders.health()) {
    parts += "/" + encoders.For(health.language).info().fingerprint;
  }
  return fmt::format("{:016x}", Fingerprint64(parts));
}

absl::StatusOr<store::v1::IntentModelFile> TrainIntentModel(
    const text::Dataset& data, text::Encoders& encoders, const std::function<bool()>& keep_going) {
  FD_ASSIGN_OR_RETURN(const text::TextVectors vectors, EncodeExamples(data, encoders, keep_going));
  text::TrainOptions options;
  options.threads = 1;
  options.loss_max = kLossMax;
  FD_ASSIGN_OR_RETURN(
      text::TrainedModel trained,
      text::Train(data, vectors, options,
                  [&keep_going](const text::TrainProgress&) { return keep_going(); }));
  FD_ASSIGN_OR_RETURN(const auto classifier, text::Classifier::Load(trained.bytes));
  store::v1::IntentModelFile file;
  file.set_fingerprint(ModelFingerprint(data, encoders));
  v1::IntentModel& model = *file.mutable_model();
  model.set_fingerprint(file.fingerprint());
  model.set_example_count(static_cast<int32_t>(data.examples.size()));
  model.set_intent_count(static_cast<int32_t>(classifier->model().labels.size()));
  FillReport(trained.report, encoders, model);
  file.set_classifier(std::move(trained.bytes));
  return file;
}

}  // namespace frontdesk::dialog
