#include "libs/bus/current_bus.h"

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::bus {

absl::Status BusMismatch(std::string_view topic, std::string_view what) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "BUS_MISMATCH",
                            fmt::format("{}; see `frontdesk bus switch`", what)),
                      "topic", topic);
}

absl::StatusOr<bool> CheckCurrentBus(const store::Committer& committer, const std::string& bus_id) {
  FD_ASSIGN_OR_RETURN(const std::string current, committer.CurrentBus());
  if (current.empty()) return false;
  if (current == bus_id) return true;
  return BusMismatch(
      "", fmt::format("this shard belongs to bus {}, and this is bus {}", current, bus_id));
}

}  // namespace frontdesk::bus
