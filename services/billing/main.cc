#include "libs/process/service_main.h"
#include "services/billing/app.h"

int main(int argc, char** argv) {
  using namespace frontdesk;
  return process::ServiceMain<billing::Config>(
      "billing", argc, argv,
      [](process::Process& process, process::Peers&, const billing::Config& config) {
        return absl::StatusOr<std::unique_ptr<process::App>>(
            billing::App::Open(process.deps(), config, &process.host()));
      });
}
