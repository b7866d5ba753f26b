#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/config/fields.h"

namespace frontdesk::channel {

// The options of the channel service; the initialisers are the defaults.
struct Config {
  // host:port of the chat page, WebSocket, POST /v1/messages and webhooks; empty = off.
  std::string http_listen = "127.0.0.1:8080";
  // Of the chat page when its address names none.
  std::string chat_tenant = "demo";
  std::string chat_account = "web";
  int http_threads = 2;
  int http_connections_max = 4000;
  absl::Duration http_idle_timeout = absl::Seconds(60);
  absl::Duration chat_session_life = absl::Hours(24 * 30);
  absl::Duration poll_wait_max = absl::Seconds(25);
  // An outbound message nobody took is given up.
  absl::Duration outbound_expiry = absl::Hours(72);
  int cached_keys_max = 50'000;
  int delivery_queue_max = 10'000;
  absl::Duration webhook_timeout = absl::Seconds(10);

  void Describe(config::Fields& fields);
  // INVALID_ARGUMENT (INVALID_CONFIG) where options contradict each other.
  absl::Status Validate() const;
};

}  // namespace frontdesk::channel
