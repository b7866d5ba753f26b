#include "services/dialog/config.h"

#include "libs/base/error.h"

namespace frontdesk::dialog {

void Config::Describe(config::Fields& fields) {
  fields.Add("failures_max", &failures_max, "Failures of the bot in a row at which it hands over.")
      .Range(1, 10);
  fields
      .Add("retries_max", &retries_max,
           "How often an answer that was not ready is asked for again.")
      .Range(0, 10);
  fields.Add("retry_delay", &retry_delay, "Between two times of asking again.")
      .Range(absl::Milliseconds(100), absl::Minutes(1));
  fields
      .Add("pending_answers_max", &pending_answers_max,
           "Messages of one conversation that may wait for a late answer; at one more the bot "
           "hands over.")
      .Range(1, 100);
  fields
      .Add("quiet_time", &quiet_time,
           "Silence of the customer after the bot's last word that resolves the conversation.")
      .Range(absl::Seconds(1), absl::Hours(24 * 7));
  fields
      .Add("reopen_window", &reopen_window,
           "A customer who writes again within it goes on in the same conversation; 0 = never.")
      .Range(absl::ZeroDuration(), absl::Hours(24 * 7));
  fields
      .Add("key_timeout", &key_timeout,
           "How long a call waits for a customer's data key before it fails with UNAVAILABLE.")
      .Range(absl::Milliseconds(10), absl::Seconds(10));
  fields
      .Add("prepare_deadline", &prepare_deadline,
           "How long preparing a message may take before a timer asks again.")
      .Range(absl::Milliseconds(10), absl::Seconds(10));
  fields.Add("rpc_queue_max", &rpc_queue_max, "Mutations that may wait for the committer.")
      .Range(1, 1'000'000);
  fields.Add("batch_commands_max", &batch_commands_max, "Commands committed with one sync.")
      .Range(1, 4'096);
}

absl::Status Config::Validate() const {
  if (prepare_deadline > retry_delay) {
    return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                              "prepare_deadline is longer than retry_delay, so an answer would "
                              "be asked for again while the first question still runs"),
                        "key", "prepare_deadline");
  }
  if (batch_commands_max <= rpc_queue_max) return absl::OkStatus();
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                            "batch_commands_max is more than rpc_queue_max lets wait"),
                      "key", "batch_commands_max");
}

bus::Shard::Options Config::ShardOptions() const {
  bus::Shard::Options options;
  options.service = "dialog";
  options.committer.rpc_queue_max = static_cast<size_t>(rpc_queue_max);
  options.committer.batch_commands_max = static_cast<size_t>(batch_commands_max);
  options.consumer.prepare_deadline = prepare_deadline;
  return options;
}

}  // namespace frontdesk::dialog
