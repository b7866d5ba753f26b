#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/config/fields.h"

namespace frontdesk::knowledge {

// Options of the knowledge service; the initialisers are the defaults.
struct Config {
  int search_threads = 2;
  int search_queue_max = 512;
  int answer_threshold_bps = 6000;
  absl::Duration search_timeout = absl::Seconds(2);
  absl::Duration index_poll_interval = absl::Milliseconds(200);
  int index_batch_articles = 32;
  std::string http_listen = "127.0.0.1:8081";
  int http_threads = 1;
  int http_connections_max = 1000;
  absl::Duration http_idle_timeout = absl::Seconds(30);
  std::string help_tenant = "demo";
  std::string help_base_url{};
  bool propose_articles = true;
  absl::Duration transcript_timeout = absl::Seconds(3);
  bool vectors = true;
  absl::Duration encode_timeout = absl::Milliseconds(150);
  config::ByteSize query_cache = config::MiB(16);
  std::string generator_target{};
  std::string generator_token{};
  absl::Duration generator_timeout = absl::Seconds(2);
  int generator_calls_max = 8;

  void Describe(config::Fields& fields);
  absl::Status Validate() const;
};

}  // namespace frontdesk::knowledge
