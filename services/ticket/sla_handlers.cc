#include "services/ticket/sla_handlers.h"

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/ticket/domain/sla_policy.h"
#include "services/ticket/keys.h"
#include "services/ticket/ticket_edit.h"

namespace frontdesk::ticket {

using ::frontdesk::store::Context;
using ::frontdesk::store::Txn;

absl::Status ReachClockMark(const Metrics& metrics, const TicketRef& ref, const Context& ctx,
                            Txn& txn) {
  FD_ASSIGN_OR_RETURN(const auto found,
                      keys::kTickets.Find(txn, keys::kTickets.Key(ref.tenant, ref.ticket)));
  if (!found.has_value() || found->timer_generation() != ctx.generation) {
    metrics.timers_stale.Increment();
    return absl::OkStatus();
  }
  metrics.timers_late.Observe(ctx.now - ctx.due);
  FD_ASSIGN_OR_RETURN(TicketEdit edit, TicketEdit::Load(ctx, txn, ref));
  edit.ForgetTimer();
  edit.Put();
  return absl::OkStatus();
}

absl::Status UpdateSlaPolicy(const v1::SlaPolicy& change, const std::vector<std::string>& paths,
                             const Context& ctx, Txn& txn, v1::SlaPolicy* result) {
  FD_ASSIGN_OR_RETURN(auto record, LoadSlaPolicy(txn, ctx.tenant));
  const std::string& etag = record.sla_policy().etag();
  if (!change.etag().empty() && change.etag() != etag) {
    absl::Status status = Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                                "the policy was changed meanwhile: read it again and repeat");
    status = WithMetadata(std::move(status), "name", record.sla_policy().name());
    return WithMetadata(std::move(status), "etag", etag);
  }
  if (ChangeSlaPolicy(change, paths, ctx.now, record)) {
    keys::kSlaPolicies.Put(txn, keys::kSlaPolicies.Key(ctx.tenant), record);
  }
  *result = record.sla_policy();
  return absl::OkStatus();
}

}  // namespace frontdesk::ticket
