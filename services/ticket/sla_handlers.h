#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "frontdesk/ticket/v1/ticket.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/ticket/metrics.h"
#include "services/ticket/names.h"

// Handlers about service levels. They run on the committer.
namespace frontdesk::ticket {

// A ticket's timer has fired: warns, breaches, or does nothing when it is of an older generation.
absl::Status ReachClockMark(const Metrics& metrics, const TicketRef& ref,
                            const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn);

// Takes over what `paths` name of `change` (see ChangeSlaPolicy). Nothing is written when nothing
// differs. ABORTED (ETAG_MISMATCH).
absl::Status UpdateSlaPolicy(const v1::SlaPolicy& change, const std::vector<std::string>& paths,
                             const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn,
                             v1::SlaPolicy* result);

}  // namespace frontdesk::ticket
