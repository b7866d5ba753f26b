#include "libs/process/encoding/encoding.h"
#include "libs/process/service_main.h"
#include "services/knowledge/app.h"

int main(int argc, char** argv) {
  using namespace frontdesk;
  process::EncodingConfig encoder;
  return process::ServiceMain<knowledge::Config>(
      "knowledge", argc, argv,
      [&encoder](process::Process& process, process::Peers& peers,
                 const knowledge::Config& config) {
        const bus::AppDeps& deps = process.deps();
        auto& encoding =
            peers.Own(std::make_unique<process::Encoding>(encoder, deps.clock, deps.metrics));
        return absl::StatusOr<std::unique_ptr<process::App>>(
            knowledge::App::Open(deps, config, &process.host(), &encoding));
      },
      [&encoder](config::Fields& fields) { fields.Section("encoder", encoder); });
}
