// The operator's command. `frontdesk --help` lists what it can do.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "tools/frontdesk/commands.h"

namespace frontdesk::command {
namespace {

const FlagHelp kCommonFlags[] = {
    {"server", "host:port, default 127.0.0.1:7000"},
    {"token-file", "file with the bearer token; default: environment FRONTDESK_TOKEN"},
};

void PrintHelp() {
  fmt::print("frontdesk COMMAND [--flag=value …]\n\nCommands:\n");
  for (const OperatorCommand& command : AllCommands()) {
    fmt::print("  {:<26}{}\n", command.words, command.summary);
    for (const FlagHelp& flag : command.flags) {
      fmt::print("      --{:<20}{}\n", flag.name, flag.text);
    }
  }
  fmt::print("\nFor all but `backup restore`:\n");
  for (const FlagHelp& flag : kCommonFlags) fmt::print("      --{:<20}{}\n", flag.name, flag.text);
}

const OperatorCommand* FindCommand(const std::string& words) {
  for (const OperatorCommand& command : AllCommands()) {
    if (command.words == words) return &command;
  }
  return nullptr;
}

bool Knows(const OperatorCommand& command, const std::string& flag) {
  const auto named = [&flag](const FlagHelp& help) { return help.name == flag; };
  return std::any_of(command.flags.begin(), command.flags.end(), named) ||
         (!command.offline && std::any_of(std::begin(kCommonFlags), std::end(kCommonFlags), named));
}

absl::StatusOr<Flags> ParseFlags(const OperatorCommand& command,
                                 const std::vector<std::string>& arguments) {
  Flags flags;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == std::string::npos) {
      return InvalidField(argument, "flags are written --name=value");
    }
    const std::string name = argument.substr(2, equals - 2);
    if (!Knows(command, name)) {
      return InvalidField("--" + name, fmt::format("is no flag of `{}`", command.words));
    }
    flags.values[name] = argument.substr(equals + 1);
  }
  return flags;
}

absl::StatusOr<std::string> Token(const Flags& flags) {
  const std::string path = flags.Text("token-file");
  if (path.empty()) {
    const char* token = std::getenv("FRONTDESK_TOKEN");
    if (token == nullptr) return InvalidField("--token-file", "or FRONTDESK_TOKEN is required");
    return std::string(token);
  }
  std::ifstream file(path);
  std::string token;
  if (!(file >> token)) return InvalidField("--token-file", "can't be read, or is empty");
  return token;
}

absl::Status Run(const OperatorCommand& command, const std::vector<std::string>& arguments) {
  FD_ASSIGN_OR_RETURN(const Flags flags, ParseFlags(command, arguments));
  if (command.offline) return command.run(flags, nullptr);
  rpc::Client::Options options;
  options.target = flags.Text("server", "127.0.0.1:7000");
  FD_ASSIGN_OR_RETURN(options.token, Token(flags));
  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  const auto client = rpc::Client::Connect(std::move(options), clock, random, metrics);
  return command.run(flags, client.get());
}

int Main(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "help") {
    PrintHelp();
    return arguments.empty() ? 2 : 0;
  }
  const auto first_flag = std::find_if(arguments.begin(), arguments.end(),
                                       [](const auto& word) { return word.starts_with("--"); });
  std::string words;
  for (auto it = arguments.begin(); it != first_flag; ++it) {
    words += (words.empty() ? "" : " ") + *it;
  }
  const OperatorCommand* command = FindCommand(words);
  if (command == nullptr) {
    fmt::print(stderr, "frontdesk: there is no command `{}`; see frontdesk --help\n", words);
    return 2;
  }
  const absl::Status status = Run(*command, {first_flag, arguments.end()});
  if (status.ok()) return 0;
  fmt::print(stderr, "frontdesk: {}\n", status);
  for (const auto& [field, problem] : DetailsOf(status).fields) {
    fmt::print(stderr, "  {} {}\n", field, problem);
  }
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}

}  // namespace
}  // namespace frontdesk::command

int main(int argc, char** argv) {
  return frontdesk::command::Main(std::vector<std::string>(argv + 1, argv + argc));
}
