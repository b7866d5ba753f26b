#include "services/dialog/intent_training.h"

#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/classifier.h"
#include "libs/text/classify/model_file.h"
#include "libs/text/classify/trainer.h"
#include "libs/text/measure/encode_all.h"
#include "services/dialog/domain/phrases.h"

namespace frontdesk::dialog {
namespace {

constexpr size_t kTextsAtOnce = 16;
constexpr int kMaxWarnings = 50;
// No intent has this id.
constexpr std::string_view kOutOfScopeLabel = "*";
// Of what is done here with examples. Raise it with any change: kept models are made anew.
constexpr int kTrainingVersion = 2;
// An intent only adds to declared phrases and to what knowledge knows, and one that is wrong may hand
// over for nothing: rather refuse one right guess in twenty.
constexpr double kLossMax = 0.05;

int32_t Bps(double share) { return static_cast<int32_t>(std::lround(share * 10'000)); }

// In small helpings: customers' messages wait behind one at most.
absl::StatusOr<text::TextVectors> EncodeExamples(const text::Dataset& data,
                                                 text::Encoders& encoders,
                                                 const std::function<bool()>& keep_going) {
  std::vector<std::string_view> texts;
  for (const text::Example& example : data.examples) texts.push_back(example.text);
  return text::EncodeAll(
      texts, text::ChooseEncoders(texts, encoders.For("en"), encoders.For("zh")),
      [&keep_going](size_t, size_t) { return keep_going(); }, kTextsAtOnce);
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
    if (intent.out_of_scope) data.out_of_scope_label = kOutOfScopeLabel;
    const std::string_view label = intent.out_of_scope ? kOutOfScopeLabel : intent.id;
    for (const v1::IntentExample& example : intent.examples) {
      data.examples.push_back(
          {std::string(CutCharacters(example.text(), kIntentCharacters)), std::string(label)});
    }
  }
  return data;
}

std::string ModelFingerprint(const text::Dataset& data, text::Encoders& encoders) {
  std::string parts =
      fmt::format("{}/{}/{}", kTrainingVersion, text::kModelVersion, text::FingerprintOf(data));
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
