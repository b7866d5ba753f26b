#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace frontdesk::dialog {

// The id of what a message of a customer gives rise to: a ULID of the message's time, the same
// whenever the message is handled. A service that was restored from a backup reads messages again;
// with the same ids its conversations, replies and ticket requests are known to the others, and
// nothing happens twice. `purpose` keeps them apart; `now` stands in for the time of a message
// whose id is no ULID.
std::string DerivedId(std::string_view purpose, std::string_view message, absl::Time now);

}  // namespace frontdesk::dialog
