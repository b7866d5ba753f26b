#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/bus/shard.h"
#include "libs/config/fields.h"
#include "services/dialog/domain/bot_turn.h"

namespace frontdesk::dialog {

// What an operator may set. Defaults are for a laptop.
struct Config {
  // Failures of the bot in a row at which it hands over.
  int failures_max = 2;
  // How often an answer that was not ready is asked for again, and how long between two times.
  int retries_max = 3;
  absl::Duration retry_delay = absl::Seconds(2);
  // Messages of one conversation that may wait for such an answer; at one more the bot hands over.
  int pending_answers_max = 8;
  // Silence of the customer after the bot's last word that resolves the conversation.
  absl::Duration quiet_time = absl::Minutes(10);
  // A customer who writes again within it goes on in the same conversation; 0 = never.
  absl::Duration reopen_window = absl::Minutes(30);
  // How long a call waits for a customer's data key.
  absl::Duration key_timeout = absl::Milliseconds(300);
  // How long preparing a message may take; past it the answer is asked for again by a timer.
  absl::Duration prepare_deadline = absl::Milliseconds(300);
  // Mutations that may wait for the committer; more are refused with RESOURCE_EXHAUSTED.
  int rpc_queue_max = 4'096;
  // Commands in one batch with one sync.
  int batch_commands_max = 256;

  void Describe(config::Fields& fields);
  absl::Status Validate() const;
  bus::Shard::Options ShardOptions() const;
};

}  // namespace frontdesk::dialog
