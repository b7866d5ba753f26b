#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/store/committer.h"

namespace frontdesk::bus {

// FAILED_PRECONDITION (BUS_MISMATCH): this is not the bus, or the topic, that the shard knows.
absl::Status BusMismatch(std::string_view topic, std::string_view what);

// A shard belongs to exactly one bus at a time, which its store records: also one that it has
// known before is another, because what happened in between is not on it. True: this is the one;
// false: none is recorded yet, and this may be; else BUS_MISMATCH. Blocks on disk.
absl::StatusOr<bool> CheckCurrentBus(const store::Committer& committer, const std::string& bus_id);

}  // namespace frontdesk::bus
