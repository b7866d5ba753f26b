#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/bus/shard.h"
#include "libs/process/encoding/encoding.h"
#include "services/knowledge/indexer.h"
#include "services/knowledge/synonyms.h"
#include "services/knowledge/threshold_handlers.h"

namespace frontdesk::knowledge {

// Asks the labelled questions of tenants that want a calibration, as customers would ask them, and
// hands in what comes out. One tenant after the other, a few questions a step. What is wanted lies
// in the store: after a restart it begins anew. Owned by the App; Step belongs to one thread, the
// rest is thread safe.
class Calibrator {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    const Clock& clock;
    std::vector<Indexer*> indexers;                // by shard number
    process::Encoding* encoding;                   // null: words alone
    std::function<void(const std::string&)> done;  // a tenant's threshold may be another one
  };

  explicit Calibrator(Collaborators collaborators)
      : in_(std::move(collaborators)), made_(in_.clock.Steady()) {}

  // Asks a few questions. False when there was nothing to do. Blocks on disk and encoders.
  bool Step();
  // Woken when there may be something to do.
  Notifier& work() { return work_; }
  // How far the calibration of a tenant is, basis points; 0 = it does not run.
  int ProgressBps(const std::string& tenant) const;

 private:
  struct Job {
    std::string tenant;
    std::vector<v1::LabeledQuestion> labels;
    CalibrationResult result;
    int target_bps = 0;
    std::shared_ptr<const SearchIndex> index;
    uint64_t generation = 0;  // of `index`
    std::optional<SynonymTable> synonyms;
    size_t next = 0;
    std::vector<Trial> trials;
  };

  // The next wanted calibration, or null.
  absl::StatusOr<std::unique_ptr<Job>> Begin();
  absl::StatusOr<std::unique_ptr<Job>> Load(const std::string& tenant);
  // True when an index is what customers will be answered from.
  bool Settled(const Indexer& indexer) const;
  absl::Status AskSome(Job& job);
  // The meaning of a question, where it can be had.
  std::optional<QueryVector> Meaning(const Job& job, const v1::LabeledQuestion& label);
  void HandIn(Job& job);
  void ShowProgress(const std::string& tenant, int bps);

  const Collaborators in_;
  const absl::Duration made_;  // steady
  Notifier work_;
  // Step's thread only.
  std::unique_ptr<Job> job_;
  absl::Duration not_before_ = -absl::InfiniteDuration();  // steady

  mutable std::mutex mu_;
  std::string running_;      // tenant; guarded by mu_
  int progress_bps_ = 0;     // guarded by mu_
  bool handing_in_ = false;  // guarded by mu_
  bool refused_ = false;     // the last result was; guarded by mu_
};

}  // namespace frontdesk::knowledge
