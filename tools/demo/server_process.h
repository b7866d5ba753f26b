#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace frontdesk::demo {

// A frontdeskd as a child process. What it prints goes to a file; the addresses that it listens on
// are read from there, so that port 0 works. Used by one thread. Dies with this process; the
// destructor kills it if it was not stopped.
class ServerProcess {
 public:
  struct Options {
    std::string binary;
    std::string data_dir;                // --data_dir; made if missing
    std::string tenants_file;            // --tenants_file
    std::vector<std::string> arguments;  // further flags
    std::string log_file;                // appended to
  };

  // Blocks until it says that it is ready. UNAVAILABLE with its last lines when it ends instead.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(Options options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& http() const { return http_; }        // host:port
  const std::string& grpc() const { return grpc_; }        // host:port
  const std::string& metrics() const { return metrics_; }  // URL

  // SIGTERM, then its exit code. DEADLINE_EXCEEDED if it goes on; it is killed then.
  absl::StatusOr<int> Stop(absl::Duration longest);
  // SIGKILL, as a crash would be.
  void Kill();

 private:
  explicit ServerProcess(Options options) : options_(std::move(options)) {}
  absl::Status Spawn();
  absl::Status ReadAddresses();
  // True when it has ended; its exit code is kept, negative for a signal.
  bool HasEnded();
  // What it has printed since Spawn.
  std::string Printed() const;

  const Options options_;
  size_t log_start_ = 0;
  pid_t pid_ = -1;
  bool ended_ = false;
  int exit_code_ = 0;
  std::string http_;
  std::string grpc_;
  std::string metrics_;
};

}  // namespace frontdesk::demo
