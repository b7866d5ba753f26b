#include <array>
#include <string>

#include "absl/time/time.h"
#include "libs/base/status_macros.h"
#include "libs/text/classify/trainer.h"
#include "libs/text/entities/finder.h"
#include "libs/text/language.h"
#include "libs/text/measure/trials.h"
#include "tests/eval/measure.h"

namespace frontdesk::eval {
namespace {

// As in the licence's and the set's time; any will do, for it only has to be fixed.
constexpr int64_t kNow = 1'525'000'000;
constexpr size_t kClassifierTexts = 2'000;

Row Counted(const EvalSet& set, std::string metric, size_t value) {
  Row row;
  row.set = set.name;
  row.metric = std::move(metric);
  row.value = static_cast<double>(value);
  row.count = true;
  return row;
}

}  // namespace

absl::StatusOr<std::vector<Row>> MeasureSmoke(const EvalSet& set, const SetData& data,
                                              const Tools& tools) {
  FD_ASSIGN_OR_RETURN(const text::EntityFinder finder, text::EntityFinder::Create({}));
  text::EntityContext context;
  context.now = absl::FromUnixSeconds(kNow);
  if (!absl::LoadTimeZone("Asia/Shanghai", &context.zone)) context.zone = absl::UTCTimeZone();
  std::array<size_t, text::kEntityTypes> entities = {};
  size_t chinese = 0;
  size_t english = 0;
  for (size_t i = 0; i < data.plain.size(); ++i) {
    if (i % 256 == 0) tools.progress("entities", 1.0 * i / data.plain.size());
    const std::string_view language = text::GuessLanguage(data.plain[i]);
    chinese += language == "zh" ? 1 : 0;
    english += language == "en" ? 1 : 0;
    FD_ASSIGN_OR_RETURN(const auto found, finder.Find(data.plain[i], context));
    for (const text::Entity& entity : found) ++entities[static_cast<size_t>(entity.type)];
  }
  std::vector<Row> rows = {Counted(set, "texts", data.plain.size()),
                           Counted(set, "refused_rows", data.refused),
                           Counted(set, "texts_zh", chinese), Counted(set, "texts_en", english)};
  for (size_t type = 0; type < entities.size(); ++type) {
    if (entities[type] == 0) continue;
    rows.push_back(
        Counted(set, "entities_" + std::string(text::NameOf(static_cast<text::EntityType>(type))),
                entities[type]));
  }
  // Who speaks, customer or agent, from spelling alone: real text through training and prediction.
  text::EncodedData some;
  for (size_t i = 0; i < std::min(kClassifierTexts, data.train.examples.size()); ++i) {
    some.data.examples.push_back(data.train.examples[i]);
  }
  text::TrainOptions options;
  options.threads = tools.threads;
  tools.progress("classifier", 0);
  FD_ASSIGN_OR_RETURN(const text::Judgement judged, text::CrossJudge(some, 5, options, nullptr));
  Row accuracy;
  accuracy.set = set.name;
  accuracy.metric = "speaker_accuracy";
  accuracy.value = text::ReportOf(judged.in_scope).accuracy;
  rows.push_back(accuracy);
  return rows;
}

}  // namespace frontdesk::eval
