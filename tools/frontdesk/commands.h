#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/client.h"

namespace frontdesk::command {

// What the user typed after the command's words: --name=value.
struct Flags {
  std::map<std::string, std::string> values;

  std::string Text(const std::string& name, const std::string& otherwise = "") const;
  // INVALID_ARGUMENT naming the flag when it is missing, or no number.
  absl::StatusOr<std::string> Required(const std::string& name) const;
  absl::StatusOr<int64_t> Number(const std::string& name, int64_t otherwise) const;
};

struct FlagHelp {
  std::string name;
  std::string text;
};

// One operator command. `run` blocks and prints what it found to stdout.
struct OperatorCommand {
  std::string words;  // "bus reposition"
  std::string summary;
  std::vector<FlagHelp> flags;
  bool offline = false;  // needs no server; `client` is null
  std::function<absl::Status(const Flags& flags, rpc::Client* client)> run;
};

const std::vector<OperatorCommand>& AllCommands();

}  // namespace frontdesk::command
