// frontdesk-sim: the six services under chance, see README.md.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/telemetry/log.h"
#include "tests/sim/checks.h"
#include "tests/sim/model.h"
#include "tests/sim/workload.h"
#include "tests/sim/world.h"

namespace frontdesk::sim {
namespace {

struct Arguments {
  uint64_t first = 1;
  uint64_t seeds = 100;
  int steps = 400;
  bool verbose = false;
  bool twice = false;             // each seed twice, with the same trace
  bool expect_violation = false;  // succeed exactly when some invariant is broken
  Sabotage sabotage = Sabotage::kNone;
  std::string sabotage_name;
};

struct Outcome {
  bool broken = false;
  uint64_t trace_hash = 0;
  size_t operations = 0;
  int crashes = 0;
  int restores = 0;
  int proposed = 0;
};

constexpr std::pair<std::string_view, Sabotage> kSabotages[] = {
    {"--sabotage=dedupe", Sabotage::kDedupe},
    {"--sabotage=sync", Sabotage::kSync},
    {"--sabotage=events", Sabotage::kEvents},
};

constexpr int kChecks = 2;  // at rest, evenly over the steps
// So many seeds without one draft: nothing drafts any more. Fewer may have had no occasion.
constexpr uint64_t kSeedsThatDraft = 20;

bool Number(std::string_view argument, std::string_view name, uint64_t* value) {
  if (!argument.starts_with(name)) return false;
  *value = std::strtoull(std::string(argument.substr(name.size())).c_str(), nullptr, 10);
  return true;
}

bool Parse(std::string_view argument, Arguments* out) {
  uint64_t steps = 0;
  if (Number(argument, "--seeds=", &out->seeds)) return true;
  if (Number(argument, "--first=", &out->first)) return true;
  if (Number(argument, "--steps=", &steps)) return (out->steps = static_cast<int>(steps)) > 0;
  if (argument == "--verbose") return out->verbose = true;
  if (argument == "--twice") return out->twice = true;
  if (argument == "--expect-violation") return out->expect_violation = true;
  for (const auto& [name, sabotage] : kSabotages) {
    if (argument != name) continue;
    out->sabotage_name = name;
    out->sabotage = sabotage;
    return true;
  }
  return false;
}

// Everything comes to rest, callers get the answers they lost, and then nothing may be wrong.
absl::Status CheckAtRest(World& world, Model& model, Workload& workload) {
  model.Trace("comes to rest");
  absl::Status status = world.Quiesce();
  if (status.ok()) status = workload.RepeatAll();
  if (status.ok()) status = world.Quiesce();
  if (!status.ok()) return status;
  Checks checks(world, model);
  checks.CheckOpenConversations();
  if (model.violations().empty()) checks.Run();
  return absl::OkStatus();
}

absl::Status Play(const Arguments& arguments, World& world, Model& model, Workload& workload) {
  absl::Status status = world.Start();
  const int between = std::max(1, arguments.steps / kChecks);
  for (int step = 1; step <= arguments.steps && status.ok(); ++step) {
    status = workload.Act();
    if (status.ok() && step % 10 == 0) Checks(world, model).CheckOpenConversations();
    if (status.ok() && step % between == 0) status = CheckAtRest(world, model, workload);
    if (!model.violations().empty()) break;
  }
  return status;
}

Outcome Run(const Arguments& arguments, uint64_t seed) {
  World world(
      {.seed = seed, .shard_count = seed % 5 == 0 ? 2u : 1u, .sabotage = arguments.sabotage});
  Model model;
  model.verbose = arguments.verbose;
  Workload workload(world, model, seed);
  const absl::Status status = Play(arguments, world, model, workload);
  if (!status.ok()) model.Violate(fmt::format("the world stands still: {}", status));
  Outcome outcome{!model.violations().empty(),
                  model.trace_hash(),
                  model.operations.size(),
                  world.crashes,
                  world.restores,
                  world.proposed};
  if (!outcome.broken || arguments.expect_violation) return outcome;
  fmt::print("\nseed {}: the last actions\n", seed);
  for (const std::string& line : model.trace()) fmt::print("  {}\n", line);
  fmt::print("seed {}: broken\n", seed);
  for (const std::string& violation : model.violations()) fmt::print("  {}\n", violation);
  fmt::print("replay: frontdesk-sim --first={} --seeds=1 --steps={} {} --verbose\n", seed,
             arguments.steps, arguments.sabotage_name);
  return outcome;
}

int Main(const Arguments& arguments) {
  telemetry::LogOptions log;
  log.min_level = arguments.verbose ? telemetry::Level::kWarn : telemetry::Level::kError;
  if (!arguments.verbose) log.sink = [](std::string_view) {};
  telemetry::ConfigureLog(log);
  const auto start = std::chrono::steady_clock::now();
  Outcome total;
  uint64_t broken = 0;
  uint64_t played = 0;
  for (uint64_t seed = arguments.first; seed < arguments.first + arguments.seeds; ++seed) {
    Outcome outcome = Run(arguments, seed);
    ++played;
    if (arguments.twice && Run(arguments, seed).trace_hash != outcome.trace_hash) {
      fmt::print("seed {} does not replay\n", seed);
      outcome.broken = true;
    }
    broken += outcome.broken;
    total.operations += outcome.operations;
    total.crashes += outcome.crashes;
    total.restores += outcome.restores;
    total.proposed += outcome.proposed;
    if (outcome.broken && arguments.expect_violation) break;
    if (played % 10 == 0) {
      fmt::print("{} of {} seeds\n", played, arguments.seeds);
      std::fflush(stdout);
    }
  }
  if (played >= kSeedsThatDraft && total.proposed == 0) {
    fmt::print("nothing was drafted in {} seeds of {} steps\n", played, arguments.steps);
    ++broken;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fmt::print(
      "sim: {} seeds, {} broken, {} requests, {} crashes, {} restores, {} drafted from, {:.1f} s\n",
      played, broken, total.operations, total.crashes, total.restores, total.proposed,
      seconds.count());
  return (broken > 0) == arguments.expect_violation ? 0 : 1;
}

}  // namespace
}  // namespace frontdesk::sim

int main(int argc, char** argv) {
  frontdesk::sim::Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    if (frontdesk::sim::Parse(argv[i], &arguments)) continue;
    fmt::print(stderr,
               "unknown: {}\nusage: frontdesk-sim [--seeds=N] [--first=S] [--steps=N] [--verbose] "
               "[--twice] [--sabotage=dedupe|sync|events] [--expect-violation]\n",
               argv[i]);
    return 2;
  }
  return frontdesk::sim::Main(arguments);
}
