#include "services/channel/config.h"

#include "libs/base/error.h"

namespace frontdesk::channel {

void Config::Describe(config::Fields& fields) {
  fields.Add("http_listen", &http_listen,
             "host:port of the chat page, WebSocket, POST /v1/messages and webhooks; empty = off.");
  fields.Add("chat_tenant", &chat_tenant, "Tenant of the chat page when its address names none.");
  fields.Add("chat_account", &chat_account,
             "Channel account of the chat page when its address names none.");
  fields.Add("http_threads", &http_threads, "Threads of the HTTP port.").Range(1, 64);
  fields
      .Add("http_connections_max", &http_connections_max,
           "Open HTTP and WebSocket connections; more are closed at once.")
      .Range(1, 19'000);
  fields
      .Add("http_idle_timeout", &http_idle_timeout,
           "Longest time for a request to arrive, and between two of a connection.")
      .Range(absl::Seconds(1), absl::Minutes(10));
  fields.Add("chat_session_life", &chat_session_life, "How long a chat can be resumed.")
      .Range(absl::Minutes(1), absl::Hours(24 * 365));
  fields.Add("poll_wait_max", &poll_wait_max, "Longest wait of GET /v1/messages.")
      .Range(absl::ZeroDuration(), absl::Minutes(1));
  fields
      .Add("outbound_expiry", &outbound_expiry,
           "A reply that the channel has not taken by then is given up (FAILED, EXPIRED).")
      .Range(absl::Minutes(1), absl::Hours(24 * 30));
  fields.Add("cached_keys_max", &cached_keys_max, "Customers' data keys kept in memory.")
      .Range(100, 10'000'000);
  fields
      .Add("delivery_queue_max", &delivery_queue_max,
           "Replies waiting in memory for a delivery attempt.")
      .Range(100, 1'000'000);
  fields.Add("webhook_timeout", &webhook_timeout, "Longest call of an account's webhook.")
      .Range(absl::Seconds(1), absl::Minutes(1));
}

absl::Status Config::Validate() const {
  if (poll_wait_max >= http_idle_timeout) {
    return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                              "poll_wait_max must be shorter than http_idle_timeout"),
                        "key", "poll_wait_max");
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::channel
