#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/http/handler.h"
#include "libs/http/server_metrics.h"

namespace frontdesk::http {

struct ServerIo;

// An HTTP port: sockets, limits and time-outs around a Handler. Owns its threads
// ("fd-http"). Bounded: connections (more are closed at once), headers (16 KiB), bodies and frames
// (64 KiB), the time for a request to arrive, and what waits to be written to a WebSocket (a
// reader too slow for it is closed). No TLS: that is the edge's work.
class Server {
 public:
  struct Options {
    std::string listen;  // host:port, port 0 = any
    int threads = 2;
    int connections_max = 4000;
    absl::Duration idle_timeout = absl::Seconds(60);
  };

  // INVALID_ARGUMENT for an address of another form, UNAVAILABLE when it can't be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Bind(Options options,
                                                      const ServerMetrics& metrics);
  ~Server();

  // The port in use, also when 0 was asked for.
  int port() const;
  // Starts to accept. The handler outlives Stop.
  void Serve(Handler& handler);
  // Runs the task on one of the threads: after the delay, or as soon as the server stops. Not at all
  // when it has stopped.
  void After(absl::Duration delay, std::function<void()> task);
  // Stops to accept, closes WebSockets with "going away", waits for the rest until the deadline. Blocks.
  void Stop(absl::Duration deadline);

 private:
  explicit Server(std::shared_ptr<ServerIo> io) : io_(std::move(io)) {}

  std::shared_ptr<ServerIo> io_;
};

}  // namespace frontdesk::http
