#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/store/command.h"
#include "services/knowledge/keys.h"

// Sources that articles shall be drafted from by themselves: a row each, from the event that says
// that it is resolved until a proposal came of it, and 40 days longer, so that an event that comes
// again counts once. proposer.h works them off.
namespace frontdesk::knowledge {

inline constexpr int64_t kMaxWaitingJobs = 1000;  // of a tenant; more are not taken
inline constexpr absl::Duration kDoneJobLife = absl::Hours(24 * 40);
inline constexpr int kMaxJobAttempts = 8;

// Worth a draft: a person was in charge, and something was written that one could learn from.
bool IsWorthDrafting(const ticket::v1::TicketResolved& fact);
// Worth a draft: a person answered, somebody said that it is solved (nobody did at a time-out), and
// no ticket came of it, which says more.
bool IsWorthDrafting(const dialog::v1::ConversationResolved& fact);

// Routes. Nothing for a tenant whose rules say that nothing is proposed by itself.
absl::Status QueueTicket(const ticket::v1::TicketEvent& event, const engine::Context& context,
                         engine::Txn& txn);
absl::Status QueueConversation(const dialog::v1::DialogEvent& event, const engine::Context& context,
                               engine::Txn& txn);

struct ProposalJob {
  std::string tenant;
  std::string source;
  absl::Time due;
};
// The job that has waited longest, of those due from `floor` to `now`.
absl::StatusOr<std::optional<ProposalJob>> NextProposalJob(const engine::Reader& reader,
                                                           absl::Time floor, absl::Time now);

// False when it does not wait any more.
absl::StatusOr<bool> IsWaiting(const engine::Reader& reader, std::string_view tenant,
                               std::string_view source);
absl::Status FinishJob(const std::string& source, std::string_view outcome,
                       const engine::Context& context, engine::Txn& txn);
// Forgets it: when it is resolved anew it is taken anew.
absl::Status DropJob(const std::string& source, const engine::Context& context, engine::Txn& txn);
// Once more later, twice as late each time; finished with the reason after kMaxJobAttempts.
absl::Status RetryJob(const std::string& source, std::string_view reason,
                      const engine::Context& context, engine::Txn& txn);

}  // namespace frontdesk::knowledge
