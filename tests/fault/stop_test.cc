// frontdeskd is stopped with SIGTERM again and again under load: it ends by itself, in time and with
// 0, no call hangs and nothing acknowledged is lost.
#include <signal.h>

#include <algorithm>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "tests/fault/harness.h"
#include "tests/fault/load.h"
#include "tests/fault/oracle.h"

namespace frontdesk::fault {
namespace {

constexpr int kStops = 30;
constexpr int kWorkBetween = 60;
constexpr absl::Duration kStopDeadline = absl::Seconds(15);

absl::Status StopOnce(Daemon& daemon, Load& load, std::vector<absl::Duration>* times) {
  if (absl::Status status = daemon.Start(); !status.ok()) return status;
  const int before = load.acknowledged();
  if (!WaitUntil([&] { return load.acknowledged() >= before + kWorkBetween; }, absl::Seconds(30))) {
    return absl::DeadlineExceededError("the load does not get on");
  }
  const SystemClock clock;
  const absl::Duration start = clock.Steady();
  daemon.Signal(SIGTERM);
  const auto exit = daemon.WaitExit(kStopDeadline);
  times->push_back(clock.Steady() - start);
  if (!exit.has_value()) return absl::DeadlineExceededError("SIGTERM does not end it");
  if (exit->code == 0) return absl::OkStatus();
  return absl::InternalError(
      fmt::format("it ended with code {}, signal {}", exit->code, exit->signal));
}

int Main() {
  const Folder folder("stop");
  Daemon daemon(
      {folder.path() + "/data",
       folder.path() + "/log",
       {"--dialog.prepare_deadline=2s", "--dialog.retries_max=10", "--dialog.failures_max=10",
        fmt::format("--stop_deadline={}", absl::FormatDuration(kStopDeadline))}});
  Load load(daemon, {});
  load.Start();
  std::vector<absl::Duration> times;
  absl::Status status;
  for (int i = 0; i < kStops && status.ok(); ++i) status = StopOnce(daemon, load, &times);
  if (status.ok()) status = daemon.Start();
  load.Stop();
  std::sort(times.begin(), times.end());
  fmt::print("{} stops: median {}, longest {}\n", times.size(), times[times.size() / 2],
             times.back());
  fmt::print("load: {} acknowledged, {} calls failed; longest call {}\n", load.acknowledged(),
             load.failures(), load.longest_call());
  std::vector<std::string> wrong;
  if (!status.ok()) {
    wrong.push_back(fmt::format("{}", status));
  } else {
    Oracle oracle(daemon, load);
    wrong = oracle.Check();
    fmt::print("checked: {}\n", oracle.summary());
  }
  if (load.timeouts() > 0) {
    wrong.push_back(fmt::format("{} calls had no answer in time", load.timeouts()));
  }
  return Verdict(wrong, daemon);
}

}  // namespace
}  // namespace frontdesk::fault

int main() { return frontdesk::fault::Main(); }
