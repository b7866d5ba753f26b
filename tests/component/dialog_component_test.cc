#include "frontdesk/dialog/v1/dialog_service.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "services/dialog/app.h"
#include "tests/component/fixture.h"

using namespace frontdesk;
using namespace frontdesk::component;

namespace {

class NoAnswers : public process::Answers {
 public:
  void Answer(const knowledge::v1::AnswerQuestionRequest&, absl::Duration, Done done) override {
    done(absl::UnavailableError("nobody is asked in this test"));
  }
};

}  // namespace

TEST_CASE("dialog: agents are made, read, listed, changed and still there after a restart") {
  NoDataKeys keys;
  NoAnswers answers;
  ServiceUnderTest dialog("frontdesk.dialog.v1.DialogService",
                          [&](const bus::AppDeps& deps, rpc::Host* host) {
                            return dialog::App::Open(deps, dialog::Config{}, keys, answers,
                                                     /*encoding=*/nullptr, host);
                          });
  dialog::v1::CreateAgentRequest create;
  create.set_parent("tenants/acme");
  create.set_agent_id("mia");
  create.set_request_id("r-1");
  CHECK(dialog.Refusal<dialog::v1::CreateAgentResponse>(kAdmin, "CreateAgent", create) ==
        "INVALID_FIELD");
  create.mutable_agent()->set_display_name("Mia Chen");
  create.mutable_agent()->add_languages("zh");
  create.mutable_agent()->set_active(true);
  CHECK(dialog.Refusal<dialog::v1::CreateAgentResponse>(kChannel, "CreateAgent", create) ==
        "PERMISSION_DENIED");
  const auto made = dialog.Must<dialog::v1::CreateAgentResponse>(kAdmin, "CreateAgent", create);
  CHECK(made.agent().name() == "tenants/acme/agents/mia");
  create.set_request_id("r-2");
  CHECK(dialog.Refusal<dialog::v1::CreateAgentResponse>(kAdmin, "CreateAgent", create) ==
        "ALREADY_EXISTS");

  dialog::v1::UpdateAgentRequest update;
  update.mutable_agent()->set_name(made.agent().name());
  update.mutable_agent()->set_display_name("Mia C.");
  update.mutable_agent()->set_etag("not the present one");
  update.mutable_update_mask()->add_paths("display_name");
  update.set_request_id("r-3");
  CHECK(dialog.Refusal<dialog::v1::UpdateAgentResponse>(kAdmin, "UpdateAgent", update) ==
        "ETAG_MISMATCH");
  update.mutable_agent()->set_etag(made.agent().etag());
  dialog.Must<dialog::v1::UpdateAgentResponse>(kAdmin, "UpdateAgent", update);

  dialog.Restart();
  dialog::v1::ListAgentsRequest list;
  list.set_parent("tenants/acme");
  const auto agents = dialog.Must<dialog::v1::ListAgentsResponse>(kAnalyst, "ListAgents", list);
  REQUIRE(agents.agents_size() == 1);
  CHECK(agents.agents(0).display_name() == "Mia C.");
  CHECK(agents.agents(0).languages(0) == "zh");
  dialog::v1::GetConversationRequest get;
  get.set_name("tenants/acme/conversations/nobody");
  CHECK(dialog.Refusal<dialog::v1::GetConversationResponse>(kAdmin, "GetConversation", get) ==
        "NOT_FOUND");
  get.set_name("tenants/other/conversations/nobody");
  CHECK(dialog.Refusal<dialog::v1::GetConversationResponse>(kAdmin, "GetConversation", get) ==
        "WRONG_TENANT");
}
