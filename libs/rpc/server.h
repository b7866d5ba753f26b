#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/service.h"

namespace frontdesk::rpc {

// A gRPC server with health service and, if switched on, reflection. Owned by the process; the
// services outlive it. Start and Stop belong to one thread; SetServing is thread safe.
class Server {
 public:
  struct Options {
    std::string listen_address = "127.0.0.1:7000";  // port 0: any free one
    int receive_bytes_max = 4 << 20;
    int send_bytes_max = 16 << 20;
    int concurrent_streams_max = 1000;    // per connection
    size_t memory_bytes_max = 256 << 20;  // of gRPC's own buffers
    absl::Duration keepalive_time = absl::Seconds(60);
    absl::Duration keepalive_timeout = absl::Seconds(20);
    absl::Duration client_ping_interval_min = absl::Seconds(20);  // more often: connection closed
    bool reflection = false;
  };

  // Listens at once; every service begins as NOT_SERVING. UNAVAILABLE naming the address when it
  // can't be bound, also when another server has it.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options,
                                                       const std::vector<Service*>& services);
  // Stops without grace if Stop was not called.
  ~Server();

  int port() const { return port_; }
  const std::string& address() const { return address_; }  // with the real port

  // Health of one service (its full name), and of "" (the process: serving when all are).
  void SetServing(std::string_view service, bool serving);
  void SetAllServing(bool serving);

  // NOT_SERVING, no new calls, running ones get `grace`, the rest ends with SHUTTING_DOWN. Blocks; returns
  // when no handler runs and none will. Once; later calls do nothing.
  void Stop(absl::Duration grace);

 private:
  class Impl;
  Server() = default;
  std::unique_ptr<Impl> impl_;
  int port_ = 0;
  std::string address_;
};

}  // namespace frontdesk::rpc
