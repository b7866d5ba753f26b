#include "libs/process/service_main.h"
#include "services/ticket/app.h"

int main(int argc, char** argv) {
  using namespace frontdesk;
  return process::ServiceMain<ticket::Config>(
      "ticket", argc, argv,
      [](process::Process& process, process::Peers& peers, const ticket::Config& config) {
        return absl::StatusOr<std::unique_ptr<process::App>>(
            ticket::App::Open(process.deps(), config, peers.data_keys(), &process.host()));
      });
}
