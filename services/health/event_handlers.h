#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "frontdesk/common/v1/event.pb.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/health/domain/signals.h"
#include "services/health/metrics.h"

// What the others' events do to an account. An event without an account has no effect; one that
// names an unknown account makes a placeholder; one whose account is no name of this tenant is
// refused for good. Days are those of the event's own time.
namespace frontdesk::health {

// A customer of `account` wrote. Idempotent: a day is a contact day or not.
absl::Status NoteContact(const Metrics& metrics, std::string_view account,
                         const common::v1::EventMetadata& metadata,
                         const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn);

// Counts the outcome, once for its key, and scores the account anew; without an outcome only makes
// the account known. `event`: the type, which becomes the cause of a new score.
absl::Status CountOutcome(const Metrics& metrics, std::string_view event, std::string_view account,
                          const std::optional<Outcome>& outcome,
                          const common::v1::EventMetadata& metadata,
                          const ::frontdesk::store::Context& ctx, ::frontdesk::store::Txn& txn);

}  // namespace frontdesk::health
