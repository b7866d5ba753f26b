#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/rpc/client.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::fault {

// True as soon as `condition` holds, false when `deadline` has passed. The one waiting loop of these
// tests.
bool WaitUntil(const std::function<bool()>& condition, absl::Duration deadline);

std::string SourcePath(std::string_view relative);
std::string BinaryPath(std::string_view relative);

// A folder of this test process alone, removed with the object unless FRONTDESK_KEEP is set.
class Folder {
 public:
  explicit Folder(std::string_view name);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What a command that ran to its end left.
struct Finished {
  int exit_code = -1;  // -1: ended by a signal, or not in time
  std::string output;  // stdout and stderr
};
// Runs a program with a deadline, `input` on its stdin; kills it, by pid, when it does not end.
Finished RunCommand(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment, absl::Duration deadline,
                    const std::string& input = "");

struct HttpAnswer {
  int status = 0;  // 0: nothing came back
  std::string body;
};

// frontdeskd as a process of its own, on ports that stay the same over its restarts, with the demo
// tenants. Started, killed and awaited on ONE thread (the process dies with that thread); client(),
// Post and Get are thread safe. Ends what it started, by pid, when it is destroyed.
class Daemon {
 public:
  struct Options {
    std::string data_dir;
    std::string log_file;  // stdout and stderr of all its lives
    std::vector<std::string> flags;
  };
  struct Exit {
    int code = -1;   // when it exited
    int signal = 0;  // when a signal ended it
  };

  explicit Daemon(Options options);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Starts it; `fault` as FRONTDESK_FAULT. Does not wait.
  void Spawn(const std::string& fault = "");
  // OK once all its services say SERVING; UNAVAILABLE when it ended before, DEADLINE_EXCEEDED.
  absl::Status WaitServing(absl::Duration deadline);
  absl::Status Start() {
    Spawn();
    return WaitServing(absl::Seconds(60));
  }
  void Signal(int signal);
  // Empty when it still runs at the deadline.
  std::optional<Exit> WaitExit(absl::Duration deadline);
  // How long it was from Spawn to SERVING the last time.
  absl::Duration start_time() const { return start_time_; }

  // With the token of the demo tenant's administrator; waits for a life that serves. Null when
  // `give_up` says so first.
  std::shared_ptr<rpc::Client> client(const std::function<bool()>& give_up);
  std::shared_ptr<rpc::Client> client();
  // With the token of the installation's operator.
  std::unique_ptr<rpc::Client> Operator();
  // grpc.health.v1, service "" = all of them. False, too, when nothing answers.
  bool Serving();

  // The HTTP port, with the channel's token. Deadline 10 s.
  HttpAnswer Post(std::string_view target, std::string_view json);
  HttpAnswer Get(std::string_view target);
  // What /metrics says of one line, as "frontdesk_outbox_rows{service=\"ticket\"}".
  std::optional<double> Metric(const std::string& series);

  const std::string& data_dir() const { return options_.data_dir; }
  std::string grpc_address() const;
  std::string Log() const;

 private:
  std::unique_ptr<rpc::Client> Connect(const std::string& token);
  HttpAnswer Request(int port, std::string_view head, std::string_view body);

  const Options options_;
  const std::string program_;  // a copy of frontdeskd
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  int grpc_port_, metrics_port_, http_port_;
  pid_t pid_ = 0;  // 0: does not run
  absl::Duration spawned_at_;
  absl::Duration start_time_;

  std::mutex mu_;
  std::condition_variable serves_;
  std::shared_ptr<rpc::Client> client_;  // guarded by mu_; null while it is down
};

// Prints what is wrong, with the daemon's log, and the last line of the test; its exit code.
int Verdict(const std::vector<std::string>& wrong, const Daemon& daemon);

}  // namespace frontdesk::fault
