#include "services/knowledge/generator_client.h"

#include <mutex>
#include <utility>

#include "libs/base/error.h"

namespace frontdesk::knowledge {
namespace {

// Twice of what an answer may be: more is no answer.
constexpr int kMaxReplyBytes = 32 << 10;

}  // namespace

GeneratorClient::GeneratorClient(const Options& options, Clock& clock, RandomSource& random,
                                 telemetry::Metrics& metrics)
    : calls_max_(options.calls_max) {
  rpc::Client::Options client;
  client.target = options.target;
  client.token = options.token;
  client.attempts_max = 1;
  client.receive_bytes_max = kMaxReplyBytes;
  client_ = rpc::Client::Connect(std::move(client), clock, random, metrics);
}

void GeneratorClient::Generate(const v1::GenerateAnswerRequest& request, absl::Duration deadline,
                               Done done) {
  if (calls_.fetch_add(1) >= calls_max_) {
    --calls_;
    return done(Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                      "the generator has too much to do"));
  }
  auto counted = [this, done = std::move(done)](auto response) mutable {
    --calls_;
    done(std::move(response));
  };
  std::shared_lock lock(mu_);
  if (closed_) {
    lock.unlock();
    return counted(absl::StatusOr<v1::GenerateAnswerResponse>(
        Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the process stops")));
  }
  rpc::Outgoing outgoing;
  outgoing.cap = deadline;
  client_->Unary<v1::GenerateAnswerResponse>(
      "/frontdesk.knowledge.v1.AnswerGeneratorService/GenerateAnswer", outgoing, request,
      std::move(counted));
}

void GeneratorClient::Close() {
  {
    const std::unique_lock lock(mu_);
    closed_ = true;
  }
  client_.reset();
}

}  // namespace frontdesk::knowledge
