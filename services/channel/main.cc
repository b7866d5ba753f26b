#include "libs/base/status_macros.h"
#include "libs/process/service_main.h"
#include "services/channel/app.h"

int main(int argc, char** argv) {
  using namespace frontdesk;
  std::unique_ptr<text::KeyRing> ring;
  return process::ServiceMain<channel::Config>(
      "channel", argc, argv,
      [&ring](process::Process& process, process::Peers&,
              const channel::Config& config) -> absl::StatusOr<std::unique_ptr<process::App>> {
        FD_ASSIGN_OR_RETURN(ring, process.OpenKeyRing());
        return channel::App::Open(process.deps(), config, *ring, &process.host());
      });
}
