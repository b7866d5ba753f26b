#pragma once

#include "libs/base/clock.h"
#include "libs/process/peers.h"
#include "services/knowledge/knowledge_service.h"

namespace frontdesk::knowledge {

// Answers for the other services of the same process, straight from the service. Owned by the App.
class KnowledgeAnswers final : public process::Answers {
 public:
  KnowledgeAnswers(KnowledgeService& service, const Clock& clock)
      : service_(service), clock_(clock) {}

  void Answer(const v1::AnswerQuestionRequest& request, absl::Duration deadline,
              Done done) override;

 private:
  KnowledgeService& service_;
  const Clock& clock_;
};

}  // namespace frontdesk::knowledge
