#include "tools/demo/wait.h"

#include <chrono>
#include <thread>

#include <fmt/core.h>

#include "libs/base/clock.h"
#include "libs/base/status_macros.h"

namespace frontdesk::demo {

absl::Status WaitUntil(std::string_view what, absl::Duration longest,
                       const std::function<absl::StatusOr<bool>()>& done) {
  const SystemClock clock;
  const absl::Duration until = clock.Steady() + longest;
  while (true) {
    FD_ASSIGN_OR_RETURN(const bool is_done, done());
    if (is_done) return absl::OkStatus();
    if (clock.Steady() >= until) {
      return absl::DeadlineExceededError(
          fmt::format("waited {} s in vain for: {}", absl::ToDoubleSeconds(longest), what));
    }
    // lint-allow(sleep): the poll interval of the one waiting loop.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace frontdesk::demo
