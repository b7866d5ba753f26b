#include "services/knowledge/knowledge_answers.h"

#include <memory>
#include <utility>

#include "libs/base/resource_name.h"

namespace frontdesk::knowledge {

void KnowledgeAnswers::Answer(const v1::AnswerQuestionRequest& request, absl::Duration deadline,
                              Done done) {
  auto tenant = ParseResourceName(request.parent(), {"tenants"}, "parent");
  if (!tenant.ok()) return done(tenant.status());
  // Everything the call refers to lives until it is finished.
  struct Running {
    rpc::Call call;
    v1::AnswerQuestionRequest request;
    v1::AnswerQuestionResponse response;
  };
  auto running = std::make_shared<Running>();
  running->request = request;
  running->call.tenant = (*tenant)[0];
  running->call.caller = {(*tenant)[0], "services/knowledge", rpc::Role::kService};
  running->call.method = "AnswerQuestion";
  running->call.give_up_at = clock_.Steady() + deadline;
  service_.AnswerQuestion(running->call, running->request, &running->response,
                          [running, done = std::move(done)](absl::Status status) mutable {
                            if (!status.ok()) return done(std::move(status));
                            done(std::move(running->response));
                          });
}

}  // namespace frontdesk::knowledge
