#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/store/command.h"
#include "libs/store/store.h"
#include "services/knowledge/domain/calibration.h"
#include "services/knowledge/keys.h"

// The tenants' answer thresholds: wished for, calibrated, pinned, checked each day.
namespace frontdesk::knowledge {

inline constexpr absl::Duration kThresholdCheckInterval = absl::Hours(24);

// What a calibration saw and found.
struct CalibrationResult {
  uint64_t number = 0;  // AnswerThresholdRecord.wanted_number that it meets
  uint64_t index_sequence = 0;
  uint64_t label_changes = 0;
  int questions = 0;
  int no_answer = 0;
  Calibration calibration;
};

absl::Status CalibrateAnswers(const v1::CalibrateAnswersRequest& request,
                              const engine::Context& context, engine::Txn& txn,
                              v1::CalibrateAnswersResponse* response);
absl::Status PinAnswerThreshold(const v1::PinAnswerThresholdRequest& request,
                                const engine::Context& context, engine::Txn& txn,
                                v1::PinAnswerThresholdResponse* response);
absl::Status UnpinAnswerThreshold(const v1::UnpinAnswerThresholdRequest& request,
                                  const engine::Context& context, engine::Txn& txn,
                                  v1::UnpinAnswerThresholdResponse* response);
// A calibration has ended. An older one than the last changes nothing.
absl::Status FinishCalibration(const CalibrationResult& result, const engine::Context& context,
                               engine::Txn& txn);
// The daily timer: wishes for a calibration when articles or labels changed since the last one.
absl::Status CheckThreshold(const engine::Context& context, engine::Txn& txn);

// As stored; `calibrating` and `outdated` are filled in, what depends on configuration is not.
absl::StatusOr<v1::AnswerThreshold> ReadThreshold(const engine::Reader& reader,
                                                  std::string_view tenant);
// Fills in `threshold_bps` and `basis`.
void ResolveThreshold(int configured_bps, v1::AnswerThreshold& threshold);

// The thresholds that tenants have in place of the configured one. Thread safe.
class Thresholds {
 public:
  // Never blocks: nothing for a tenant that has to be read first.
  std::optional<int> Known(const std::string& tenant);
  // 0 = the configured one. Reads the store when it has to; blocks then.
  absl::StatusOr<int> For(const engine::Store& store, const std::string& tenant);
  // To be called when a change is committed.
  void Forget(const std::string& tenant);

 private:
  std::mutex mu_;
  absl::flat_hash_map<std::string, int> known_;  // guarded by mu_
  uint64_t changes_ = 0;                         // guarded by mu_
};

}  // namespace frontdesk::knowledge
