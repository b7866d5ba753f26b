#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/bus/shard.h"
#include "libs/config/fields.h"

namespace frontdesk::process {

// The options that the services have in common; base of a service's Config. Defaults are for a
// laptop.
struct CommitterConfig {
  // Mutations that may wait for the committer; more are refused with RESOURCE_EXHAUSTED.
  int rpc_queue_max = 4'096;
  // Commands in one batch with one sync.
  int batch_commands_max = 256;
  // Dead letters that a shard keeps; past it the oldest go.
  int dead_letters_max = 10'000;
  // How long a dead letter is kept. They hold masked text, which is kept for 30 days at most.
  absl::Duration dead_letter_age_max = absl::Hours(24 * 30);

  void Describe(config::Fields& fields);
  absl::Status Validate() const;
  bus::Shard::Options ShardOptions(std::string service) const;
};

}  // namespace frontdesk::process
