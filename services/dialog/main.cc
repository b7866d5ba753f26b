#include "libs/process/encoding/encoding.h"
#include "libs/process/service_main.h"
#include "services/dialog/app.h"
#include "services/dialog/knowledge_client.h"

int main(int argc, char** argv) {
  using namespace frontdesk;
  process::EncodingConfig encoder;
  return process::ServiceMain<dialog::Config>(
      "dialog", argc, argv,
      [&encoder](process::Process& process, process::Peers& peers, const dialog::Config& config) {
        const bus::AppDeps& deps = process.deps();
        auto& knowledge = peers.Own(std::make_unique<dialog::KnowledgeClient>(peers.knowledge()));
        auto& encoding =
            peers.Own(std::make_unique<process::Encoding>(encoder, deps.clock, deps.metrics));
        return absl::StatusOr<std::unique_ptr<process::App>>(dialog::App::Open(
            deps, config, peers.data_keys(), knowledge, &encoding, &process.host()));
      },
      [&encoder](config::Fields& fields) { fields.Section("encoder", encoder); });
}
