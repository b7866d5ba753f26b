#pragma once

#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace frontdesk::demo {

// Looks again and again until `done` says true. DEADLINE_EXCEEDED naming `what` when the time is
// over; an error of `done` ends it at once.
absl::Status WaitUntil(std::string_view what, absl::Duration longest,
                       const std::function<absl::StatusOr<bool>()>& done);

}  // namespace frontdesk::demo
