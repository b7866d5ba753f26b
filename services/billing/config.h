#pragma once

#include "absl/status/status.h"
#include "libs/bus/shard.h"
#include "libs/config/fields.h"

namespace frontdesk::billing {

// What an operator may set. Defaults are for a laptop.
struct Config {
  // Mutations that may wait for the committer; more are refused with RESOURCE_EXHAUSTED.
  int rpc_queue_max = 4'096;
  // Commands in one batch with one sync.
  int batch_commands_max = 256;

  void Describe(config::Fields& fields);
  absl::Status Validate() const;
  bus::Shard::Options ShardOptions() const;
};

}  // namespace frontdesk::billing
