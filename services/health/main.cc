#include "libs/process/service_main.h"
#include "services/health/app.h"

int main(int argc, char** argv) {
  using namespace frontdesk;
  return process::ServiceMain<health::Config>(
      "health", argc, argv,
      [](process::Process& process, process::Peers&, const health::Config& config) {
        return absl::StatusOr<std::unique_ptr<process::App>>(
            health::App::Open(process.deps(), config, &process.host()));
      });
}
