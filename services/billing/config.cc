#include "services/billing/config.h"

#include "libs/base/error.h"

namespace frontdesk::billing {

void Config::Describe(config::Fields& fields) {
  fields.Add("rpc_queue_max", &rpc_queue_max, "Mutations that may wait for the committer.")
      .Range(1, 1'000'000);
  fields.Add("batch_commands_max", &batch_commands_max, "Commands committed with one sync.")
      .Range(1, 4'096);
}

absl::Status Config::Validate() const {
  if (batch_commands_max <= rpc_queue_max) return absl::OkStatus();
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                            "batch_commands_max is more than rpc_queue_max lets wait"),
                      "key", "batch_commands_max");
}

bus::Shard::Options Config::ShardOptions() const {
  bus::Shard::Options options;
  options.service = "billing";
  options.committer.rpc_queue_max = static_cast<size_t>(rpc_queue_max);
  options.committer.batch_commands_max = static_cast<size_t>(batch_commands_max);
  return options;
}

}  // namespace frontdesk::billing
