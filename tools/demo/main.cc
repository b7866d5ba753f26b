// frontdesk-demo: starts a frontdeskd with the demo tenant, plays conversations through its real
// endpoints, shows what came of them, and checks all of it.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/clock.h"
#include "libs/base/status_macros.h"
#include "tools/demo/story.h"
#include "tools/demo/transcript.h"

namespace frontdesk::demo {
namespace {

constexpr absl::Duration kStopMax = absl::Seconds(30);

void PrintHelp() {
  fmt::print(
      "frontdesk-demo --frontdeskd=PATH --data_dir=DIR --tenants_file=FILE [frontdeskd's flags]\n\n"
      "Starts frontdeskd in DIR, which must be empty, shows what it understands, plays three\n"
      "conversations through HTTP, WebSocket and gRPC, shows the ticket, the health score and the "
      "invoice, checks every "
      "outcome\n"
      "and stops it. Exits 0 when all was as expected. All other flags go to frontdeskd, for\n"
      "example --kafka=HOST:PORT or --grpc_listen=127.0.0.1:0 (0 = any free port).\n");
}

absl::Status Play(Story& story) {
  FD_RETURN_IF_ERROR(WaitUntilServing(story));
  FD_ASSIGN_OR_RETURN(const auto before, ReadHealth(story));
  FD_RETURN_IF_ERROR(ShowUnderstanding(story));
  FD_RETURN_IF_ERROR(PlayEnglishChat(story));
  FD_RETURN_IF_ERROR(PlayChineseApi(story));
  FD_RETURN_IF_ERROR(PlayHandoff(story));
  // Two conversations resolved, one handed over, one ticket resolved in time.
  constexpr int kOutcomes = 4;
  FD_ASSIGN_OR_RETURN(const auto after, AwaitHealth(story, kOutcomes));
  PrintTitle(fmt::format("Health of the business account {}, before", kAccount));
  PrintHealth(before);
  PrintTitle("And after the conversations of its people");
  PrintHealth(after);
  CheckHealth(story, before, after);
  FD_RETURN_IF_ERROR(ShowLabels(story));
  FD_RETURN_IF_ERROR(ShowInvoice(story));
  return ShowEvents(story);
}

absl::Status Run(const ServerProcess::Options& options, Checks& checks) {
  const SystemClock clock;
  const absl::Duration started = clock.Steady();
  std::error_code error;
  if (std::filesystem::exists(options.data_dir, error) &&
      !std::filesystem::is_empty(options.data_dir, error)) {
    return absl::FailedPreconditionError(options.data_dir +
                                         " is not empty: the demo counts what it did itself");
  }
  std::filesystem::create_directories(options.data_dir, error);
  FD_ASSIGN_OR_RETURN(const auto server, ServerProcess::Start(options));
  PrintTitle("Frontdesk is up");
  PrintRow("HTTP and WebSocket", "http://" + server->http() + "/chat");
  PrintRow("gRPC", server->grpc());
  PrintRow("metrics", server->metrics());
  PrintRow("data and log", options.data_dir);
  {
    Backend backend(server->grpc());
    Story story{.server = *server, .backend = backend, .checks = checks};
    FD_RETURN_IF_ERROR(Play(story));
  }
  FD_ASSIGN_OR_RETURN(const int exit_code, server->Stop(kStopMax));
  checks.Equal("exit code of frontdeskd after SIGTERM", 0, exit_code);
  fmt::print("\n{} of {} outcomes are as expected, {:.1f} s.\n", checks.made() - checks.failed(),
             checks.made(), absl::ToDoubleSeconds(clock.Steady() - started));
  return absl::OkStatus();
}

int Main(const std::vector<std::string>& arguments) {
  ServerProcess::Options options;
  for (const std::string& argument : arguments) {
    const size_t equals = std::min(argument.find('='), argument.size());
    std::string name = argument.substr(0, equals);
    std::replace(name.begin() + std::min<size_t>(2, name.size()), name.end(), '-', '_');
    const std::string value = argument.substr(std::min(equals + 1, argument.size()));
    if (name == "--help") {
      PrintHelp();
      return 0;
    }
    if (name == "--frontdeskd") {
      options.binary = value;
    } else if (name == "--data_dir") {
      options.data_dir = value;
    } else if (name == "--tenants_file") {
      options.tenants_file = value;
    } else {
      options.arguments.push_back(argument);
    }
  }
  if (options.binary.empty() || options.data_dir.empty() || options.tenants_file.empty()) {
    PrintHelp();
    return 2;
  }
  options.log_file = options.data_dir + "/frontdeskd.log";
  Checks checks;
  const absl::Status status = Run(options, checks);
  if (!status.ok()) {
    std::fflush(stdout);
    fmt::print(stderr, "\nfrontdesk-demo: {}\n", status);
    if (!absl::IsFailedPrecondition(status)) {
      fmt::print(stderr, "What frontdeskd said is in {}\n", options.log_file);
    }
    return 1;
  }
  return checks.failed() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace frontdesk::demo

int main(int argc, char** argv) {
  return frontdesk::demo::Main(std::vector<std::string>(argv + 1, argv + argc));
}
