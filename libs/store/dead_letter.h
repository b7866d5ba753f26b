#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/store/command.h"
#include "libs/store/engine_keys.h"

namespace frontdesk::store {

// An event that was refused for good, as the row by which it is listed and replayed, and as the
// record for frontdesk.dead-letter.v1: the original key, value and headers, and why it is there in
// dl_* headers.
rows::DeadLetterRow MakeDeadLetterRow(const Delivery& delivery, const absl::Status& why,
                                      absl::Time now);
OutgoingEvent MakeDeadLetterEvent(const rows::DeadLetterRow& row, std::string_view tenant);

}  // namespace frontdesk::store
