#include "libs/base/status_macros.h"
#include "libs/config/load.h"
#include "libs/process/process.h"
#include "services/suite/suite.h"

namespace frontdesk {
namespace {

void PrintWhatToTry(const std::string& grpc, int metrics_port, const std::string& http,
                    const std::string& help, const std::string& data_dir) {
  fmt::print(
      "\nFrontdesk is ready.\n"
      "  chat page   http://{0}/chat\n"
      "  help centre {4}\n"
      "  messages    POST http://{0}/v1/messages, WebSocket ws://{0}/v1/chat\n"
      "  gRPC        {1}  (health and reflection)\n"
      "  metrics     http://127.0.0.1:{2}/metrics\n"
      "  data        {3}\n\n"
      "Try it: open the chat page and ask about a refund, in English or Chinese; or\n"
      "  grpcurl -plaintext {1} list\n"
      "  grpcurl -plaintext -H 'authorization: Bearer demo-admin-token' \\\n"
      "    -d '{{\"parent\":\"tenants/demo\"}}' {1} frontdesk.ticket.v1.TicketService/ListTickets\n"
      "Ctrl-C stops it.\n\n",
      http, grpc, metrics_port, data_dir, help);
  std::fflush(stdout);
}

absl::StatusOr<int> Run(const process::ProcessOptions& options, const suite::Config& config) {
  FD_RETURN_IF_ERROR(config.Validate());
  FD_ASSIGN_OR_RETURN(const auto process, process::Process::Open("frontdeskd", options));
  FD_ASSIGN_OR_RETURN(const auto ring, process->OpenKeyRing());
  const bus::AppDeps& deps = process->deps();
  process::Encoding encoding(config.encoder, deps.clock, deps.metrics);
  FD_ASSIGN_OR_RETURN(const auto suite,
                      suite::Suite::Open(deps, config, *ring, encoding, &process->host()));
  for (process::App* app : suite->apps()) process->Add(*app);
  return process->Run([&](const std::string& grpc, int metrics_port) {
    const auto address = [](const std::string& listen, int port) {
      return fmt::format("{}:{}", listen.substr(0, listen.rfind(':')), port);
    };
    const std::string& help = config.knowledge.http_listen;
    PrintWhatToTry(
        grpc, metrics_port, address(config.channel.http_listen, suite->channel().http_port()),
        help.empty() ? "off" : "http://" + address(help, suite->knowledge().http_port()) + "/help",
        options.data_dir);
  });
}

}  // namespace
}  // namespace frontdesk

int main(int argc, char** argv) {
  using namespace frontdesk;
  process::ProcessOptions options;
  suite::Config config;
  config::Fields fields;
  options.Describe(fields);
  config.Describe(fields);
  const auto exit_code = config::LoadOrExitCode(fields, config::FromMain("frontdeskd", argc, argv));
  if (exit_code.has_value()) return *exit_code;
  const absl::StatusOr<int> code = Run(options, config);
  return code.ok() ? *code : process::ReportFailure("frontdeskd", code.status());
}
