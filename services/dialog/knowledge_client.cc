#include "services/dialog/knowledge_client.h"

#include <utility>

#include "frontdesk/knowledge/v1/knowledge_service.pb.h"

namespace frontdesk::dialog {

void KnowledgeClient::Answer(const knowledge::v1::AnswerQuestionRequest& request,
                             absl::Duration deadline, Done done) {
  rpc::Outgoing outgoing;
  outgoing.cap = deadline;
  client_.Unary<knowledge::v1::AnswerQuestionResponse>(
      "/frontdesk.knowledge.v1.KnowledgeService/AnswerQuestion", outgoing, request,
      std::move(done));
}

}  // namespace frontdesk::dialog
