#include "services/knowledge/proposal_jobs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/proposal_store.h"

namespace frontdesk::knowledge {
namespace {

constexpr uint8_t kWaiting = 0;
constexpr uint8_t kDone = 1;
constexpr int kTrimPerJob = 2;
constexpr size_t kMaxOutcomeBytes = 64;
constexpr absl::Duration kFirstRetry = absl::Seconds(10);
constexpr absl::Duration kLongestRetry = absl::Hours(1);

// Its row in the order of time.
std::string TimeRow(std::string_view tenant, std::string_view source,
                    const records::ProposalJobRecord& job) {
  const bool waits = job.due_time_us() != 0;
  return kProposalJobsByTime.Key(
      waits ? kWaiting : kDone,
      absl::FromUnixMicros(waits ? job.due_time_us() : job.queue_time_us()), tenant, source);
}

// Moves the rows and the count from `before` to `after`; null: there is none.
absl::Status PutJob(engine::Txn& txn, std::string_view tenant, const std::string& source,
                    const records::ProposalJobRecord* before,
                    const records::ProposalJobRecord* after) {
  const auto waits = [](const records::ProposalJobRecord* job) {
    return static_cast<int>(job != nullptr && job->due_time_us() != 0);
  };
  if (before != nullptr) txn.Delete(TimeRow(tenant, source, *before));
  if (after != nullptr) {
    kProposalJobsByTime.Put(txn, TimeRow(tenant, source, *after));
    kProposalJobs.Put(txn, kProposalJobs.Key(tenant, source), *after);
  } else {
    txn.Delete(kProposalJobs.Key(tenant, source));
  }
  if (waits(before) == waits(after)) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(auto stats, LoadProposalStats(txn, tenant));
  stats.set_waiting_jobs(stats.waiting_jobs() + waits(after) - waits(before));
  kProposalStats.Put(txn, kProposalStats.Key(tenant), stats);
  return absl::OkStatus();
}

bool ReadTimeRow(std::string_view key, ProposalJob* job) {
  engine::KeyReader fields(key);
  uint8_t state = 0;
  return fields.Read(&state) && fields.Read(&job->due) && fields.Read(&job->tenant) &&
         fields.Read(&job->source);
}

// Forgets some of those that are done with and too old to come again.
absl::Status TrimDone(const engine::Context& context, engine::Txn& txn) {
  std::vector<std::pair<std::string, std::string>> old;  // row in the order of time, job
  bool corrupt = false;
  FD_RETURN_IF_ERROR(
      txn.Scan(kProposalJobsByTime.Key(kDone), {}, [&](std::string_view key, std::string_view) {
        ProposalJob job;
        corrupt = !ReadTimeRow(key, &job);
        if (corrupt || job.due + kDoneJobLife > context.now) return false;
        old.emplace_back(std::string(key), kProposalJobs.Key(job.tenant, job.source));
        return static_cast<int>(old.size()) < kTrimPerJob;
      }));
  if (corrupt) return engine::CorruptRow(kProposalJobsByTime.name);
  for (auto& [by_time, by_source] : old) {
    txn.Delete(std::move(by_time));
    txn.Delete(std::move(by_source));
  }
  return absl::OkStatus();
}

absl::Status Queue(const std::string& source, std::string_view collection,
                   const engine::Context& context, engine::Txn& txn) {
  const auto ids = ParseResourceName(source, {"tenants", collection}, "source");
  if (!ids.ok() || (*ids)[0] != context.tenant) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const auto rules, LoadProposalRules(txn, context.tenant));
  if (!rules.proposal_rules().automatic()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const auto known,
                      kProposalJobs.Find(txn, kProposalJobs.Key(context.tenant, source)));
  if (known.has_value()) return absl::OkStatus();
  FD_ASSIGN_OR_RETURN(const auto stats, LoadProposalStats(txn, context.tenant));
  if (stats.waiting_jobs() >= kMaxWaitingJobs) return absl::OkStatus();
  FD_RETURN_IF_ERROR(TrimDone(context, txn));
  records::ProposalJobRecord job;
  job.set_queue_time_us(absl::ToUnixMicros(context.now));
  job.set_due_time_us(job.queue_time_us());
  return PutJob(txn, context.tenant, source, nullptr, &job);
}

absl::StatusOr<std::optional<records::ProposalJobRecord>> FindWaiting(const engine::Reader& reader,
                                                                      std::string_view tenant,
                                                                      std::string_view source) {
  FD_ASSIGN_OR_RETURN(auto job, kProposalJobs.Find(reader, kProposalJobs.Key(tenant, source)));
  if (job.has_value() && job->due_time_us() == 0) job.reset();
  return job;
}

}  // namespace

bool IsWorthDrafting(const ticket::v1::TicketResolved& fact) {
  const ticket::v1::Ticket& ticket = fact.ticket();
  return !ticket.assignee().empty() &&
         (!ticket.resolution().empty() || !ticket.conversation().empty() ||
          !ticket.description().masked().empty());
}

bool IsWorthDrafting(const dialog::v1::ConversationResolved& fact) {
  return fact.agent_reply_count() > 0 && fact.customer_message_count() > 0 && !fact.bot_only() &&
         fact.resolved_by() != common::v1::AUTHOR_KIND_SYSTEM &&
         fact.conversation().ticket().empty();
}

absl::Status QueueTicket(const ticket::v1::TicketEvent& event, const engine::Context& context,
                         engine::Txn& txn) {
  const ticket::v1::TicketResolved& fact = event.ticket_resolved();
  if (!IsWorthDrafting(fact)) return absl::OkStatus();
  return Queue(fact.ticket().name(), "tickets", context, txn);
}

absl::Status QueueConversation(const dialog::v1::DialogEvent& event, const engine::Context& context,
                               engine::Txn& txn) {
  const dialog::v1::ConversationResolved& fact = event.conversation_resolved();
  if (!IsWorthDrafting(fact)) return absl::OkStatus();
  return Queue(fact.conversation().name(), "conversations", context, txn);
}

absl::StatusOr<std::optional<ProposalJob>> NextProposalJob(const engine::Reader& reader,
                                                           absl::Time floor, absl::Time now) {
  std::optional<ProposalJob> next;
  bool corrupt = false;
  FD_RETURN_IF_ERROR(reader.Scan(kProposalJobsByTime.Key(kWaiting),
                                 kProposalJobsByTime.Key(kWaiting, floor),
                                 [&](std::string_view key, std::string_view) {
                                   ProposalJob job;
                                   corrupt = !ReadTimeRow(key, &job);
                                   if (!corrupt && job.due <= now) next = std::move(job);
                                   return false;
                                 }));
  if (corrupt) return engine::CorruptRow(kProposalJobsByTime.name);
  return next;
}

absl::StatusOr<bool> IsWaiting(const engine::Reader& reader, std::string_view tenant,
                               std::string_view source) {
  FD_ASSIGN_OR_RETURN(const auto job, FindWaiting(reader, tenant, source));
  return job.has_value();
}

absl::Status FinishJob(const std::string& source, std::string_view outcome,
                       const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto before, FindWaiting(txn, context.tenant, source));
  if (!before.has_value()) return absl::OkStatus();
  records::ProposalJobRecord after = *before;
  after.set_due_time_us(0);
  after.set_outcome(std::string(outcome.substr(0, kMaxOutcomeBytes)));
  return PutJob(txn, context.tenant, source, &*before, &after);
}

absl::Status DropJob(const std::string& source, const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto before, FindWaiting(txn, context.tenant, source));
  if (!before.has_value()) return absl::OkStatus();
  return PutJob(txn, context.tenant, source, &*before, nullptr);
}

absl::Status RetryJob(const std::string& source, std::string_view reason,
                      const engine::Context& context, engine::Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto before, FindWaiting(txn, context.tenant, source));
  if (!before.has_value()) return absl::OkStatus();
  if (before->attempts() + 1 >= kMaxJobAttempts) return FinishJob(source, reason, context, txn);
  records::ProposalJobRecord after = *before;
  after.set_attempts(before->attempts() + 1);
  after.set_outcome(std::string(reason.substr(0, kMaxOutcomeBytes)));
  const absl::Duration wait = std::min(kLongestRetry, kFirstRetry * (1 << before->attempts()));
  after.set_due_time_us(absl::ToUnixMicros(context.now + wait));
  return PutJob(txn, context.tenant, source, &*before, &after);
}

}  // namespace frontdesk::knowledge
