#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>

#include "libs/rpc/client.h"
#include "services/knowledge/generation.h"

namespace frontdesk::knowledge {

// The operator's generator over gRPC. Never tried twice, its replies are bounded, and so is how many
// calls run at a time: one more is RESOURCE_EXHAUSTED at once. Owned by the App. Thread safe.
class GeneratorClient final : public Generator {
 public:
  struct Options {
    std::string target;
    std::string token;  // may be empty
    int calls_max = 8;
  };

  GeneratorClient(const Options& options, Clock& clock, RandomSource& random,
                  telemetry::Metrics& metrics);

  void Generate(const v1::GenerateAnswerRequest& request, absl::Duration deadline,
                Done done) override;
  // Cancels what runs; every `done` has been called when it returns, and later calls are refused:
  // UNAVAILABLE. Blocks.
  void Close();

 private:
  const int calls_max_;
  std::atomic<int> calls_{0};
  std::shared_mutex mu_;                 // shared while a call begins
  bool closed_ = false;                  // guarded by mu_
  std::unique_ptr<rpc::Client> client_;  // until it is closed
};

}  // namespace frontdesk::knowledge
