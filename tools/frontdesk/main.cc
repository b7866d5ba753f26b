// The operator's command. `frontdesk --help` lists what it can do.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <utility>

#include <fmt/core.h>
#include <fmt/format.h>

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

// Of the commands whose words begin with `words`.
void PrintHelp(const std::string& words) {
  fmt::print("frontdesk COMMAND [--flag=value …]\n\nCommands:\n");
  for (const OperatorCommand& command : AllCommands()) {
    if (!command.words.starts_with(words)) continue;
    const std::string form =
        command.operands.empty() ? command.words : command.words + " " + command.operands;
    fmt::print("  {:<26}{}{}\n", form, form.size() < 26 ? "" : "  ", command.summary);
    for (const FlagHelp& flag : command.flags) {
      fmt::print("      --{:<20}{}\n", flag.name, flag.text);
    }
  }
  fmt::print("\nFor all but `backup restore` and `text …`, which need no server:\n");
  for (const FlagHelp& flag : kCommonFlags) fmt::print("      --{:<20}{}\n", flag.name, flag.text);
}

// The command that the first arguments name, and how many of them its words are: the longest that
// fits, for what follows may be operands.
std::pair<const OperatorCommand*, size_t> FindCommand(const std::vector<std::string>& arguments) {
  std::pair<const OperatorCommand*, size_t> found{nullptr, 0};
  std::string words;
  for (size_t i = 0; i < arguments.size() && !arguments[i].starts_with("--"); ++i) {
    words += (words.empty() ? "" : " ") + arguments[i];
    for (const OperatorCommand& command : AllCommands()) {
      if (command.words == words) found = {&command, i + 1};
    }
  }
  return found;
}

const FlagHelp* FindFlag(const OperatorCommand& command, const std::string& flag) {
  for (const FlagHelp& help : command.flags) {
    if (help.name == flag) return &help;
  }
  if (command.offline) return nullptr;
  for (const FlagHelp& help : kCommonFlags) {
    if (help.name == flag) return &help;
  }
  return nullptr;
}

absl::StatusOr<Flags> ParseFlags(const OperatorCommand& command,
                                 const std::vector<std::string>& arguments) {
  Flags flags;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--")) {
      if (command.operands.empty()) {
        return InvalidField(argument, "flags are written --name=value");
      }
      flags.operands.push_back(argument);
      continue;
    }
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    const FlagHelp* const help = FindFlag(command, name);
    if (help == nullptr) {
      return InvalidField("--" + name, fmt::format("is no flag of `{}`", command.words));
    }
    std::string value = "true";
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (!help->is_switch) {
      if (i + 1 == arguments.size()) return InvalidField(argument, "needs a value");
      value = arguments[++i];
    }
    flags.values[name] = value;
    flags.given.emplace_back(name, value);
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
  if (arguments.empty() || arguments[0] == "help") {
    PrintHelp("");
    return arguments.empty() ? 2 : 0;
  }
  if (const auto help = std::ranges::find(arguments, "--help"); help != arguments.end()) {
    PrintHelp(fmt::format("{}", fmt::join(arguments.begin(), help, " ")));
    return 0;
  }
  const auto [command, words] = FindCommand(arguments);
  if (command == nullptr) {
    fmt::print(stderr, "frontdesk: there is no command `{}`; see frontdesk --help\n",
               fmt::join(arguments, " "));
    return 2;
  }
  const auto rest = arguments.begin() + static_cast<ptrdiff_t>(words);
  const absl::Status status = Run(*command, {rest, arguments.end()});
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
