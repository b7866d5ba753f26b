#include "libs/process/service_main.h"
#include "services/knowledge/app.h"

int main(int argc, char** argv) {
  using namespace frontdesk;
  return process::ServiceMain<knowledge::Config>(
      "knowledge", argc, argv,
      [](process::Process& process, process::Peers&, const knowledge::Config& config) {
        return absl::StatusOr<std::unique_ptr<process::App>>(
            knowledge::App::Open(process.deps(), config, &process.host()));
      });
}
