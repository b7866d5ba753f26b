#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/bus/shard.h"
#include "services/knowledge/topic_store.h"

namespace frontdesk::knowledge {

// Makes the topic reports that the daily timers ask for and hands them in: a week's report reads far
// more rows than a command may. One tenant after the other. What is wanted lies in the store: after
// a restart it is made anew. Owned by the App; Step belongs to one thread.
class TopicReporter {
 public:
  // `work` is woken when a report was taken: there may be another one. Outlives this.
  TopicReporter(bus::ShardSet& shards, const Clock& clock, Notifier& work)
      : shards_(shards), clock_(clock), work_(work) {}

  // Makes the reports of one day of one tenant. False when there was nothing to do. Blocks on disk.
  bool Step();

 private:
  // A tenant that wants reports, in turn, so that one whose rows can't be read holds up no other;
  // empty = none.
  absl::StatusOr<std::string> NextTenant();
  void HandIn(const std::string& tenant, TopicReports reports);

  bus::ShardSet& shards_;
  const Clock& clock_;
  Notifier& work_;
  // Step's thread only.
  std::string last_tenant_;
  absl::Duration not_before_ = -absl::InfiniteDuration();  // steady

  std::mutex mu_;
  bool handing_in_ = false;  // guarded by mu_
  bool refused_ = false;     // the last reports were; guarded by mu_
};

}  // namespace frontdesk::knowledge
