// A generator of answers to try the knowledge service with: it reads the passages out, or says what
// it is told to say. An example of what an operator puts there.
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <cstdio>

#include <fmt/core.h>

#include "frontdesk/knowledge/v1/answer_generator.grpc.pb.h"
#include "libs/config/load.h"

namespace frontdesk {
namespace {

struct Options {
  std::string listen = "127.0.0.1:7100";
  std::string say;

  void Describe(config::Fields& fields) {
    fields.Add("listen", &listen, "Address, host:port.");
    fields.Add("say", &say, "What it says to every question; empty = the passages.");
  }
};

class DemoGenerator final : public knowledge::v1::AnswerGeneratorService::Service {
 public:
  explicit DemoGenerator(std::string say) : say_(std::move(say)) {}

  grpc::Status GenerateAnswer(grpc::ServerContext*,
                              const knowledge::v1::GenerateAnswerRequest* request,
                              knowledge::v1::GenerateAnswerResponse* response) override {
    fmt::print("asked ({}): {}\n", request->locale(), request->question());
    std::fflush(stdout);
    std::string text = say_;
    for (const auto& passage : request->passages()) {
      if (say_.empty()) text += passage.text() + "\n";
    }
    response->set_text(std::move(text));
    return grpc::Status::OK;
  }

 private:
  const std::string say_;
};

int Run(const Options& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  DemoGenerator generator(options.say);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&generator);
  const auto server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    fmt::print(stderr, "frontdesk-demo-generator: can't listen on {}\n", options.listen);
    return 69;
  }
  fmt::print("generator at {}\n", options.listen);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace frontdesk

int main(int argc, char** argv) {
  using namespace frontdesk;
  Options options;
  config::Fields fields;
  options.Describe(fields);
  const auto exit_code =
      config::LoadOrExitCode(fields, config::FromMain("frontdesk-demo-generator", argc, argv));
  return exit_code.has_value() ? *exit_code : Run(options);
}
