#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/config/fields.h"

namespace frontdesk::config {

struct LoadOptions {
  std::string service;                     // "ticket": names the environment variables
  std::string program;                     // the name in --help
  std::string summary;                     // one line for --help
  std::vector<std::string> args;           // without the program's name
  std::map<std::string, std::string> env;  // all variables; others' are ignored
  // The file read when neither --config nor FRONTDESK_<SERVICE>_CONFIG names one; "" = none. This
  // one may be missing, a named one may not.
  std::string default_file;
};

// The arguments and environment of this process.
LoadOptions FromMain(std::string_view service, int argc, char** argv);

struct Loaded {
  // Not empty when the user asked for --help or --print-config: print it and exit with 0.
  std::string print;
  // FRONTDESK_<SERVICE>_… variables that name no option. Not errors: Kubernetes sets
  // FRONTDESK_TICKET_SERVICE_HOST and the like for a service of that name.
  std::vector<std::string> unknown_env;
};

// Fills the targets in layers, later ones win: defaults, YAML file, environment
// FRONTDESK_<SERVICE>_<FIELD> (dots become underscores), flags --field=value and --field value.
// All that is wrong is reported together, one problem per line; unknown keys and flags name the
// nearest known one. Blocks: reads the file and the files of secrets. Some targets are changed when
// it fails.
absl::StatusOr<Loaded> Load(Fields& fields, const LoadOptions& options);

// For main(): loads, prints what is to be printed to stdout and errors to stderr. The exit code
// when the process shall end: 0 for --help and --print-config, 2 for a wrong configuration.
std::optional<int> LoadOrExitCode(Fields& fields, const LoadOptions& options);

}  // namespace frontdesk::config
