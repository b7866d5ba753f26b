#include "services/knowledge/proposer.h"

#include <atomic>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "services/knowledge/proposal_handlers.h"

namespace frontdesk::knowledge {
namespace {

constexpr absl::Duration kJobTimeout = absl::Seconds(10);
// A job may be committed a moment after later ones were seen.
constexpr absl::Duration kFloorSlack = absl::Minutes(1);
constexpr absl::Duration kPause = absl::Seconds(10);

// What will not be different the next time.
bool IsFinal(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status) ||
         absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

struct Proposer::State {
  std::atomic<bool> running{false};
  // Steady nanoseconds. What can't be written now can't be a moment later, and drafting is dear.
  std::atomic<int64_t> paused_until_ns{0};
  Notifier ended;

  void Pause(absl::Duration steady) {
    paused_until_ns.store(absl::ToInt64Nanoseconds(steady + kPause), std::memory_order_release);
  }
  bool Paused(absl::Duration steady) const {
    return absl::ToInt64Nanoseconds(steady) < paused_until_ns.load(std::memory_order_acquire);
  }
  void End() {
    running.store(false, std::memory_order_release);
    ended.Notify();
  }
};

Proposer::Proposer(bus::Shard& shard, KnowledgeService& service, const Clock& clock,
                   const KnowledgeMetrics& metrics)
    : shard_(shard),
      service_(service),
      clock_(clock),
      metrics_(metrics),
      state_(std::make_shared<State>()) {}

bool Proposer::Wait(absl::Duration timeout) {
  const absl::Duration until = clock_.Steady() + timeout;
  while (state_->running.load(std::memory_order_acquire)) {
    const absl::Duration left = until - clock_.Steady();
    if (left <= absl::ZeroDuration()) return false;
    state_->ended.WaitFor(left);
  }
  return true;
}

bool Proposer::Step(absl::Time now) {
  if (state_->running.load(std::memory_order_acquire) || state_->Paused(clock_.Steady())) {
    return false;
  }
  std::optional<ProposalJob> job;
  const absl::Status read = shard_.store().Read([&](const engine::Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(job, NextProposalJob(reader, floor_, now));
    return absl::OkStatus();
  });
  if (!read.ok()) {
    telemetry::Log(telemetry::Level::kError, "knowledge.proposal_jobs_unreadable",
                   {{"shard", shard_.number()}, {"error", read}});
    return false;
  }
  if (!job.has_value()) return false;
  floor_ = job->due - kFloorSlack;
  state_->running.store(true, std::memory_order_release);
  Begin(*job);
  return true;
}

void Proposer::Begin(const ProposalJob& job) {
  auto call = std::make_shared<rpc::Call>();
  call->tenant = job.tenant;
  call->caller = {job.tenant, "knowledge", rpc::Role::kService};
  call->method = "ProposeResolved";
  call->give_up_at = clock_.Steady() + kJobTimeout;
  service_.PrepareProposal(
      std::move(call), job.source, true, [this, job](absl::StatusOr<PreparedProposal> prepared) {
        if (!prepared.ok()) return Failed(job, prepared.status());
        metrics_.proposals_drafted.Increment();
        Submit(
            job, "ProposeResolved",
            [job, prepared = *std::move(prepared)](const engine::Context& context, engine::Txn& txn,
                                                   engine::Reply&) -> absl::Status {
              FD_ASSIGN_OR_RETURN(const bool waits, IsWaiting(txn, job.tenant, job.source));
              if (!waits) return absl::OkStatus();
              const auto made = Propose(prepared, context, txn);
              if (!made.ok()) return made.status();
              return FinishJob(job.source, made->joined() ? "joined" : "proposed", context, txn);
            });
      });
}

void Proposer::Failed(const ProposalJob& job, const absl::Status& why) {
  const std::string reason = ReasonOf(why);
  metrics_.proposals_failed.Increment();
  telemetry::Log(telemetry::Level::kWarn, "knowledge.not_proposed",
                 {{"source", job.source}, {"error", why}});
  // Opened again meanwhile: its next end is another event.
  const bool reopened = reason == "SOURCE_NOT_RESOLVED";
  Submit(job, "PutOffProposal",
         [job, reason, reopened, final = IsFinal(why)](const engine::Context& context,
                                                       engine::Txn& txn, engine::Reply&) {
           if (reopened) return DropJob(job.source, context, txn);
           if (final) return FinishJob(job.source, reason, context, txn);
           return RetryJob(job.source, reason, context, txn);
         });
}

void Proposer::Submit(const ProposalJob& job, std::string_view method, engine::Handler handle) {
  engine::Command command;
  command.method = method;
  command.tenant = job.tenant;
  command.actor = "services/knowledge";
  command.cause = fmt::format("proposal/{}", job.source);
  command.handle = std::move(handle);
  command.done = [state = state_, put_off = method == "PutOffProposal", this, job,
                  &clock = clock_](absl::Status status) {
    // Stale or full: later. The end of a job that can't be written is tried again with the job.
    if (!status.ok() && !put_off && !absl::IsUnavailable(status) && !absl::IsCancelled(status)) {
      return Failed(job, status);
    }
    if (!status.ok()) state->Pause(clock.Steady());
    state->End();
  };
  shard_.Submit(std::move(command));
}

}  // namespace frontdesk::knowledge
