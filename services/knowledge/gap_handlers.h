#pragma once

#include <string>

#include "absl/status/status.h"
#include "frontdesk/dialog/v1/dialog_events.pb.h"
#include "libs/store/command.h"

namespace frontdesk::knowledge {

// Counts an unanswered question into the gap of its kind; the first one of a kind makes the gap and
// KnowledgeGapFound. A message is counted once, however often and under whatever event id its event
// comes. What holds nothing to compare ("???") is left out.
absl::Status CountUnanswered(const dialog::v1::DialogEvent& event,
                             const ::frontdesk::store::Context& context,
                             ::frontdesk::store::Txn& txn);

}  // namespace frontdesk::knowledge
