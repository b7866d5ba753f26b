#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/bus/shard.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/metrics.h"
#include "services/knowledge/proposal_jobs.h"

namespace frontdesk::knowledge {

// Works off the sources of one shard that are resolved: drafts an article from each, one after the
// other and in a process one a second, so that learning never stands in the way of answering, and commits the proposal together with the end of its job. What fails for a while is tried
// again later and later, what fails for good is noted on the job. Owned by the App; Step belongs to
// one thread and does not block: reading, drafting and searching run where KnowledgeService has
// them run.
class Proposer {
 public:
  Proposer(bus::Shard& shard, KnowledgeService& service, const Clock& clock,
           const KnowledgeMetrics& metrics);

  // Begins with the next job, if none is under way. False when there was nothing to do.
  bool Step(absl::Time now);
  // Blocks until nothing is under way, at most so long. False when it was longer.
  bool Wait(absl::Duration timeout);

 private:
  struct State;

  void Begin(const ProposalJob& job);
  // The end of a job as a command.
  void Submit(const ProposalJob& job, std::string_view method, engine::Handler handle);
  void Failed(const ProposalJob& job, const absl::Status& why);

  bus::Shard& shard_;
  KnowledgeService& service_;
  const Clock& clock_;
  const KnowledgeMetrics& metrics_;
  // Jobs that are due earlier are done with: what is put off or comes new is due later.
  absl::Time floor_ = absl::UnixEpoch();
  // Outlives this in callbacks that come late.
  std::shared_ptr<State> state_;
};

}  // namespace frontdesk::knowledge
