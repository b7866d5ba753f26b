#include "services/knowledge/threshold_handlers.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/domain/calibration.h"
#include "services/knowledge/events.h"
#include "services/knowledge/insight_timers.h"
#include "services/knowledge/label_handlers.h"

namespace frontdesk::knowledge {
namespace {

// Changes that are looked through for one of the tenant; beyond that one is taken for granted.
constexpr int kChangesLooked = 1000;

std::string ThresholdName(std::string_view tenant) {
  return ResourceName({{"tenants", tenant}}) + "/answerThreshold";
}

absl::StatusOr<records::AnswerThresholdRecord> Find(const engine::Reader& reader,
                                                    std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto found, kThresholds.Find(reader, kThresholds.Key(tenant)));
  return found.value_or(records::AnswerThresholdRecord());
}

// What the tenant has in place of the configured threshold; 0 = nothing.
int Own(const v1::AnswerThreshold& threshold) {
  return threshold.pinned_threshold_bps() != 0 ? threshold.pinned_threshold_bps()
                                               : threshold.calibrated_threshold_bps();
}

v1::ThresholdBasis BasisOf(const v1::AnswerThreshold& threshold) {
  if (threshold.pinned_threshold_bps() != 0) return v1::THRESHOLD_BASIS_PINNED;
  if (threshold.calibrated_threshold_bps() != 0) return v1::THRESHOLD_BASIS_CALIBRATED;
  return v1::THRESHOLD_BASIS_CONFIGURED;
}

// Puts a changed record and tells others when another threshold holds.
void Put(const engine::Context& context, engine::Txn& txn, int previous,
         records::AnswerThresholdRecord& record) {
  v1::AnswerThreshold& threshold = *record.mutable_answer_threshold();
  record.set_version(record.version() + 1);
  threshold.set_name(ThresholdName(context.tenant));
  threshold.set_etag(fmt::format("{}", record.version()));
  kThresholds.Put(txn, kThresholds.Key(context.tenant), record);
  if (Own(threshold) == previous) return;
  v1::AnswerThresholdChanged fact;
  fact.set_previous_threshold_bps(previous);
  fact.set_threshold_bps(Own(threshold));
  fact.set_basis(BasisOf(threshold));
  AppendAnswerThresholdChanged(context, txn, std::move(fact));
}

absl::Status CheckEtag(const records::AnswerThresholdRecord& record, const std::string& etag) {
  const std::string& now = record.answer_threshold().etag();
  if (etag.empty() || etag == now) return absl::OkStatus();
  return WithMetadata(
      Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "the threshold was changed meanwhile"),
      "etag", now);
}

// True when an article of the tenant was published or archived after `sequence`.
absl::StatusOr<bool> ArticlesChanged(const engine::Reader& reader, std::string_view tenant,
                                     uint64_t sequence) {
  bool changed = false, corrupt = false;
  int looked = 0;
  FD_RETURN_IF_ERROR(reader.Scan(kIndexChanges.Key(), kIndexChanges.Key(sequence + 1),
                                 [&](std::string_view key, std::string_view) {
                                   engine::KeyReader fields(key);
                                   uint64_t at = 0;
                                   std::string owner;
                                   corrupt = !fields.Read(&at) || !fields.Read(&owner);
                                   changed =
                                       !corrupt && (owner == tenant || ++looked >= kChangesLooked);
                                   return !corrupt && !changed;
                                 }));
  if (corrupt) return engine::CorruptRow(kIndexChanges.name);
  return changed;
}

absl::StatusOr<bool> Outdated(const engine::Reader& reader, std::string_view tenant,
                              const records::AnswerThresholdRecord& record) {
  if (record.done_number() == 0) return false;
  FD_ASSIGN_OR_RETURN(const auto stats, ReadLabelStats(reader, tenant));
  if (stats.changes() != record.label_changes()) return true;
  return ArticlesChanged(reader, tenant, record.index_sequence());
}

void Want(const engine::Context& context, engine::Txn& txn, bool by_check,
          records::AnswerThresholdRecord& record) {
  record.set_wanted_number(record.wanted_number() + 1);
  record.set_wanted_by_check(by_check);
  kCalibrationsWanted.Put(txn, kCalibrationsWanted.Key(context.tenant));
}

// What may be taken of a chosen threshold: all when a person asked for it or there was none, else a step
// towards it. Anybody's conversations and ratings may stand behind it.
int AllowedStep(const records::AnswerThresholdRecord& record, int chosen) {
  const int before = record.answer_threshold().calibrated_threshold_bps();
  if (!record.wanted_by_check() || before == 0 || chosen == 0) return chosen;
  return std::clamp(chosen, before - kDailyStepBps, before + kDailyStepBps);
}

}  // namespace

absl::Status CalibrateAnswers(const v1::CalibrateAnswersRequest& request,
                              const engine::Context& context, engine::Txn& txn,
                              v1::CalibrateAnswersResponse* response) {
  FD_ASSIGN_OR_RETURN(const auto stats, ReadLabelStats(txn, context.tenant));
  if (stats.questions() < kLabelsMin) {
    return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                              fmt::format("a calibration needs {} labelled questions", kLabelsMin)),
                        "labeled_questions", fmt::format("{}", stats.questions()));
  }
  FD_ASSIGN_OR_RETURN(auto record, Find(txn, context.tenant));
  v1::AnswerThreshold& threshold = *record.mutable_answer_threshold();
  if (request.target_precision_bps() != 0) {
    threshold.set_target_precision_bps(request.target_precision_bps());
  } else if (threshold.target_precision_bps() == 0) {
    threshold.set_target_precision_bps(kDefaultTargetBps);
  }
  Want(context, txn, /*by_check=*/false, record);
  Put(context, txn, Own(threshold), record);
  *response->mutable_answer_threshold() = threshold;
  response->mutable_answer_threshold()->set_calibrating(true);
  return absl::OkStatus();
}

absl::Status PinAnswerThreshold(const v1::PinAnswerThresholdRequest& request,
                                const engine::Context& context, engine::Txn& txn,
                                v1::PinAnswerThresholdResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record, Find(txn, context.tenant));
  FD_RETURN_IF_ERROR(CheckEtag(record, request.etag()));
  const int previous = Own(record.answer_threshold());
  record.mutable_answer_threshold()->set_pinned_threshold_bps(request.threshold_bps());
  Put(context, txn, previous, record);
  FD_ASSIGN_OR_RETURN(*response->mutable_answer_threshold(), ReadThreshold(txn, context.tenant));
  return absl::OkStatus();
}

absl::Status UnpinAnswerThreshold(const v1::UnpinAnswerThresholdRequest& request,
                                  const engine::Context& context, engine::Txn& txn,
                                  v1::UnpinAnswerThresholdResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record, Find(txn, context.tenant));
  FD_RETURN_IF_ERROR(CheckEtag(record, request.etag()));
  const int previous = Own(record.answer_threshold());
  record.mutable_answer_threshold()->clear_pinned_threshold_bps();
  Put(context, txn, previous, record);
  FD_ASSIGN_OR_RETURN(*response->mutable_answer_threshold(), ReadThreshold(txn, context.tenant));
  return absl::OkStatus();
}

absl::Status FinishCalibration(const CalibrationResult& result, const engine::Context& context,
                               engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto record, Find(txn, context.tenant));
  if (record.wanted_number() <= std::max(result.number, record.done_number())) {
    txn.Delete(kCalibrationsWanted.Key(context.tenant));
  }
  if (result.number <= record.done_number()) return absl::OkStatus();
  v1::AnswerThreshold& threshold = *record.mutable_answer_threshold();
  const int previous = Own(threshold);
  record.set_done_number(result.number);
  const int chosen = AllowedStep(record, result.calibration.threshold_bps);
  if (chosen == result.calibration.threshold_bps) {
    // Otherwise the next check goes on from here.
    record.set_index_sequence(result.index_sequence);
    record.set_label_changes(result.label_changes);
  }
  if (chosen != 0) threshold.set_calibrated_threshold_bps(chosen);
  threshold.set_target_reached(result.calibration.target_reached);
  threshold.clear_curve();
  for (const v1::ThresholdPoint& point : result.calibration.curve) *threshold.add_curve() = point;
  threshold.set_question_count(result.questions);
  threshold.set_no_answer_count(result.no_answer);
  *threshold.mutable_calibrate_time() = ToTimestamp(context.now);
  record.set_timer_generation(record.timer_generation() + 1);
  txn.SetTimer(ThresholdTimer(context.tenant, context.now + kThresholdCheckInterval,
                              record.timer_generation()));
  Put(context, txn, previous, record);
  return absl::OkStatus();
}

absl::Status CheckThreshold(const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(auto record, Find(txn, context.tenant));
  if (record.timer_generation() != context.generation) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const bool outdated, Outdated(txn, context.tenant, record));
  FD_ASSIGN_OR_RETURN(const auto stats, ReadLabelStats(txn, context.tenant));
  const bool idle = record.wanted_number() == record.done_number();
  if (outdated && idle && stats.questions() >= kLabelsMin) {
    Want(context, txn, /*by_check=*/true, record);
  }
  record.set_timer_generation(record.timer_generation() + 1);
  txn.SetTimer(ThresholdTimer(context.tenant, context.now + kThresholdCheckInterval,
                              record.timer_generation()));
  kThresholds.Put(txn, kThresholds.Key(context.tenant), record);
  return absl::OkStatus();
}

absl::StatusOr<v1::AnswerThreshold> ReadThreshold(const engine::Reader& reader,
                                                  std::string_view tenant) {
  FD_ASSIGN_OR_RETURN(auto record, Find(reader, tenant));
  FD_ASSIGN_OR_RETURN(const bool outdated, Outdated(reader, tenant, record));
  v1::AnswerThreshold threshold = std::move(*record.mutable_answer_threshold());
  threshold.set_name(ThresholdName(tenant));
  threshold.set_calibrating(record.wanted_number() > record.done_number());
  threshold.set_outdated(outdated);
  return threshold;
}

void ResolveThreshold(int configured_bps, v1::AnswerThreshold& threshold) {
  const int own = Own(threshold);
  threshold.set_threshold_bps(own != 0 ? own : configured_bps);
  threshold.set_basis(BasisOf(threshold));
}

std::optional<int> Thresholds::Known(const std::string& tenant) {
  const std::lock_guard lock(mu_);
  const auto found = known_.find(tenant);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<int> Thresholds::For(const engine::Store& store, const std::string& tenant) {
  uint64_t before = 0;
  {
    const std::lock_guard lock(mu_);
    const auto found = known_.find(tenant);
    if (found != known_.end()) return found->second;
    before = changes_;
  }
  int own = 0;
  FD_RETURN_IF_ERROR(store.Read([&](const engine::Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const auto record, Find(reader, tenant));
    own = Own(record.answer_threshold());
    return absl::OkStatus();
  }));
  const std::lock_guard lock(mu_);
  // What was read while another change came is used once and not kept.
  if (before == changes_) known_[tenant] = own;
  return own;
}

void Thresholds::Forget(const std::string& tenant) {
  const std::lock_guard lock(mu_);
  ++changes_;
  known_.erase(tenant);
}

}  // namespace frontdesk::knowledge
