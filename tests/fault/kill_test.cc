// frontdeskd is killed again and again while it is written to; nothing it has acknowledged may be
// lost, nothing may happen twice.
//   kill_test [--kills=30] [--seed=N]
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "libs/base/absl_interop.h"
#include "tests/fault/harness.h"
#include "tests/fault/load.h"
#include "tests/fault/oracle.h"

namespace frontdesk::fault {
namespace {

constexpr const char* kPoints[] = {"commit.before_sync",   "commit.after_sync",
                                   "relay.before_publish", "relay.after_publish",
                                   "relay.before_trim",    "consume.before_submit"};
constexpr absl::Duration kPointReached = absl::Seconds(5);

struct Plan {
  int kills = 30;
  uint64_t seed = 1;
};

Plan ParsePlan(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i < argc; ++i) {
    if (strncmp(argv[i], "--kills=", 8) == 0) plan.kills = std::atoi(argv[i] + 8);
    if (strncmp(argv[i], "--seed=", 7) == 0) plan.seed = std::strtoull(argv[i] + 7, nullptr, 10);
  }
  return plan;
}

// What the kills came to.
struct Tally {
  std::map<std::string, int> at_point;
  int at_random = 0;
  int while_starting = 0;
  std::vector<absl::Duration> start_times;
};

class KillLoop {
 public:
  KillLoop(Daemon& daemon, Load& load, const Plan& plan)
      : daemon_(daemon), load_(load), random_(plan.seed) {}

  // Starts the daemon, lets it work and sees it killed. Two of three at a fault point.
  absl::Status Round(int number) {
    const size_t points = std::size(kPoints);
    const size_t choice = static_cast<size_t>(number) % (points + points / 2);
    std::string point;
    if (choice < points) point = kPoints[choice];
    // Low passes strike while it starts and catches up, high ones under load.
    const uint64_t pass = 1 + random_() % 400;
    daemon_.Spawn(point.empty() ? "" : fmt::format("{}:{}", point, pass));
    const absl::Status serving = daemon_.WaitServing(absl::Seconds(60));
    if (absl::IsUnavailable(serving)) {
      ++tally_.while_starting;
    } else if (!serving.ok()) {
      return serving;
    } else {
      tally_.start_times.push_back(daemon_.start_time());
    }
    return KillAt(point);
  }

  Tally& tally() { return tally_; }

 private:
  absl::Status KillAt(const std::string& point) {
    std::optional<Daemon::Exit> exit;
    if (!point.empty()) exit = daemon_.WaitExit(kPointReached);
    if (exit.has_value()) {
      ++tally_.at_point[point];
    } else {
      // Some acknowledged work lies between two kills, the moment itself is anyone's guess.
      const int before = load_.acknowledged();
      const int wanted = point.empty() ? 1 + static_cast<int>(random_() % 300) : 0;
      WaitUntil([&] { return load_.acknowledged() >= before + wanted; }, absl::Seconds(10));
      daemon_.Signal(SIGKILL);
      exit = daemon_.WaitExit(absl::Seconds(10));
      ++tally_.at_random;
    }
    if (!exit.has_value()) return absl::DeadlineExceededError("it does not end after SIGKILL");
    if (exit->signal == SIGKILL) return absl::OkStatus();
    return absl::InternalError(
        fmt::format("it ended by itself: code {}, signal {}", exit->code, exit->signal));
  }

  Daemon& daemon_;
  Load& load_;
  std::mt19937_64 random_;
  Tally tally_;
};

void Report(Tally tally, const Load& load, absl::Duration took) {
  for (const auto& [point, times] : tally.at_point) fmt::print("  {:<24}{}\n", point, times);
  fmt::print("  {:<24}{}\n  (while starting {})\n", "at random", tally.at_random,
             tally.while_starting);
  std::sort(tally.start_times.begin(), tally.start_times.end());
  if (!tally.start_times.empty()) {
    fmt::print("restart to SERVING: median {}, longest {}\n",
               tally.start_times[tally.start_times.size() / 2], tally.start_times.back());
  }
  fmt::print(
      "load: {} acknowledged, {} calls failed and were sent again or given up; longest call {}\n",
      load.acknowledged(), load.failures(), load.longest_call());
  fmt::print("took {}\n", took);
}

int Main(const Plan& plan) {
  const Folder folder("kill");
  Daemon daemon(
      {folder.path() + "/data",
       folder.path() + "/log",
       // The bot answers in time, and a busy machine is no reason to hand over.
       {"--dialog.prepare_deadline=2s", "--dialog.retries_max=10", "--dialog.failures_max=10"}});
  Load::Options options;
  options.seed = plan.seed;
  Load load(daemon, options);
  const SystemClock clock;
  const absl::Duration start = clock.Steady();
  load.Start();
  KillLoop loop(daemon, load, plan);
  absl::Status status;
  for (int i = 0; i < plan.kills && status.ok(); ++i) status = loop.Round(i);
  if (status.ok()) status = daemon.Start();
  load.Stop();
  fmt::print("{} kills, seed {}\n", plan.kills, plan.seed);
  Report(loop.tally(), load, clock.Steady() - start);
  std::vector<std::string> wrong;
  if (!status.ok()) {
    wrong.push_back(fmt::format("{}", status));
  } else {
    Oracle oracle(daemon, load);
    wrong = oracle.Check();
    fmt::print("checked: {}\n", oracle.summary());
    if (load.acknowledged() < plan.kills * 10) wrong.push_back("there was hardly any load");
    if (loop.tally().at_point.size() < std::size(kPoints) && plan.kills >= 30) {
      wrong.push_back("a fault point was never reached");
    }
  }
  return Verdict(wrong, daemon);
}

}  // namespace
}  // namespace frontdesk::fault

int main(int argc, char** argv) {
  return frontdesk::fault::Main(frontdesk::fault::ParsePlan(argc, argv));
}
