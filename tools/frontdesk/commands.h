#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/client.h"

namespace frontdesk::command {

// What the user typed after the command's words: --name=value or --name value, switches (--name)
// and operands.
struct Flags {
  std::map<std::string, std::string> values;                    // of a repeated flag, the last one
  std::vector<std::pair<std::string, std::string>> given = {};  // all, in order
  std::vector<std::string> operands = {};

  std::string Text(const std::string& name, const std::string& otherwise = "") const;
  // INVALID_ARGUMENT naming the flag when it is missing, or no number.
  absl::StatusOr<std::string> Required(const std::string& name) const;
  absl::StatusOr<int64_t> Number(const std::string& name, int64_t otherwise) const;
  absl::StatusOr<double> Decimal(const std::string& name, double otherwise) const;
  bool Has(const std::string& name) const { return values.contains(name); }
  // Of a flag that may be repeated.
  std::vector<std::string> All(const std::string& name) const;
};

struct FlagHelp {
  std::string name;
  std::string text;
  bool is_switch = false;  // takes no value
};

// One operator command. `run` blocks and prints what it found to stdout.
struct OperatorCommand {
  std::string words;  // "bus reposition"
  std::string summary;
  std::vector<FlagHelp> flags;
  bool offline = false;  // needs no server; `client` is null
  std::function<absl::Status(const Flags& flags, rpc::Client* client)> run;
  std::string operands = {};  // "FILE": what may stand there without a flag; empty = nothing
};

const std::vector<OperatorCommand>& AllCommands();

}  // namespace frontdesk::command
