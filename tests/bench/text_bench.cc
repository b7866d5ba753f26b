// Measures libs/text: one group of rows a run, one line of JSON a round. tools/bench makes the table.
#include "tests/bench/text_bench.h"

#include <unistd.h>

#include <fstream>
#include <iostream>

#include <fmt/format.h>

namespace frontdesk::bench {

double ResidentMb() {
  size_t all = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

namespace {

std::map<std::string, MakeTextGroup> AllGroups() {
  std::map<std::string, MakeTextGroup> groups = EncoderGroups();
  groups.merge(EntityGroups());
  groups.merge(ClassifyGroups());
  return groups;
}

int Main(int argc, char** argv) {
  const std::map<std::string, MakeTextGroup> groups = AllGroups();
  TextBenchOptions options;
  std::string name;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=') + 1;
    if (argument.starts_with("--models=")) options.models_dir = argument.substr(equals);
    if (argument.starts_with("--rounds=")) options.rounds = std::stoi(argument.substr(equals));
    if (argument.starts_with("--seconds=")) options.seconds = std::stod(argument.substr(equals));
    if (!argument.starts_with("--")) name = argument;
  }
  const auto group = groups.find(name);
  if (group == groups.end()) {
    std::cerr << "usage: bench-text GROUP [--models=DIR] [--rounds=N] [--seconds=N]\ngroups:";
    for (const auto& [known, make] : groups) std::cerr << " " << known;
    std::cerr << "\n";
    return 2;
  }
  const std::unique_ptr<TextGroup> made = group->second(options);
  for (int round = 0; round < options.rounds; ++round) {
    std::string line;
    for (const auto& [row, figure] : made->Round()) {
      line += fmt::format("{}\"{}\": {:.6g}", line.empty() ? "{" : ", ", row, figure);
    }
    std::cout << line << "}" << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace frontdesk::bench

int main(int argc, char** argv) { return frontdesk::bench::Main(argc, argv); }
