#include "libs/process/committer_config.h"

#include <utility>

#include "libs/base/error.h"

namespace frontdesk::process {

void CommitterConfig::Describe(config::Fields& fields) {
  fields.Add("rpc_queue_max", &rpc_queue_max, "Mutations that may wait for the committer.")
      .Range(1, 1'000'000);
  fields.Add("batch_commands_max", &batch_commands_max, "Commands committed with one sync.")
      .Range(1, 4'096);
  fields.Add("dead_letters_max", &dead_letters_max, "Dead letters that a shard keeps.")
      .Range(1, 1'000'000);
  fields.Add("dead_letter_age_max", &dead_letter_age_max, "How long a dead letter is kept.")
      .Range(absl::Hours(1), absl::Hours(24 * 30));
}

absl::Status CommitterConfig::Validate() const {
  if (batch_commands_max <= rpc_queue_max) return absl::OkStatus();
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                            "batch_commands_max is more than rpc_queue_max lets wait"),
                      "key", "batch_commands_max");
}

bus::Shard::Options CommitterConfig::ShardOptions(std::string service) const {
  bus::Shard::Options options;
  options.service = std::move(service);
  options.committer.rpc_queue_max = static_cast<size_t>(rpc_queue_max);
  options.committer.batch_commands_max = static_cast<size_t>(batch_commands_max);
  options.committer.dead_letters_max = static_cast<uint64_t>(dead_letters_max);
  options.committer.dead_letter_age_max = dead_letter_age_max;
  return options;
}

}  // namespace frontdesk::process
