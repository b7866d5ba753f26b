#include "libs/process/service_main.h"
#include "services/dialog/app.h"
#include "services/dialog/knowledge_client.h"

int main(int argc, char** argv) {
  using namespace frontdesk;
  std::unique_ptr<dialog::KnowledgeClient> knowledge;
  return process::ServiceMain<dialog::Config>(
      "dialog", argc, argv,
      [&knowledge](process::Process& process, process::Peers& peers, const dialog::Config& config) {
        knowledge = std::make_unique<dialog::KnowledgeClient>(peers.knowledge());
        return absl::StatusOr<std::unique_ptr<process::App>>(dialog::App::Open(
            process.deps(), config, peers.data_keys(), *knowledge, &process.host()));
      });
}
