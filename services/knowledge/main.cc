#include "libs/process/encoding/encoding.h"
#include "libs/process/service_main.h"
#include "services/knowledge/app.h"
#include "services/knowledge/transcript_client.h"

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
        process::Transcripts* transcripts = nullptr;
        rpc::Client* const dialog = peers.dialog();
        rpc::Client* const ticket = peers.ticket();
        if (dialog != nullptr && ticket != nullptr) {
          auto& client = peers.Own(std::make_unique<knowledge::TranscriptClient>(*dialog, *ticket));
          transcripts = &peers.Own(std::make_unique<process::TranscriptReader>(client, deps.clock));
        }
        return absl::StatusOr<std::unique_ptr<process::App>>(
            knowledge::App::Open(deps, config, &process.host(), &encoding, transcripts));
      },
      [&encoder](config::Fields& fields) { fields.Section("encoder", encoder); });
}
