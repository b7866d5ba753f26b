#pragma once

#include "libs/process/peers.h"
#include "libs/rpc/client.h"

namespace frontdesk::dialog {

// Answers from a knowledge service in another process. `client` outlives it. Thread safe.
class KnowledgeClient final : public process::Answers {
 public:
  explicit KnowledgeClient(rpc::Client& client) : client_(client) {}

  void Answer(const knowledge::v1::AnswerQuestionRequest& request, absl::Duration deadline,
              Done done) override;

 private:
  rpc::Client& client_;
};

}  // namespace frontdesk::dialog
