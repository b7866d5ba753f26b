#include <algorithm>
#include <cstdlib>
#include <filesystem>

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

namespace {

std::filesystem::path Source() {
  const char* source = std::getenv("FRONTDESK_SOURCE_DIR");
  return source == nullptr ? "." : source;
}

// The intents of the demo, for the tenant of the fixture.
rpc::TenantsFile TenantsWithIntents() {
  const auto demo = rpc::LoadTenantsFile((Source() / "deploy/demo/tenants.yaml").string());
  INFO(demo.status().ToString());
  REQUIRE(demo.ok());
  rpc::TenantsFile file = Tenants();
  file.tenants[0].time_zone = demo->tenants[0].time_zone;
  file.tenants[0].intents = demo->tenants[0].intents;
  file.tenants[0].intents_file = demo->tenants[0].intents_file;
  return file;
}

dialog::v1::IntentModel AwaitModel(ServiceUnderTest& dialog) {
  const SystemClock clock;
  const absl::Duration give_up_at = clock.Steady() + absl::Seconds(120);
  dialog::v1::GetIntentModelRequest request;
  request.set_name("tenants/acme/intentModel");
  while (true) {
    const auto model =
        dialog.Must<dialog::v1::GetIntentModelResponse>(kAnalyst, "GetIntentModel", request)
            .model();
    INFO(model.DebugString());
    REQUIRE(model.state() != dialog::v1::INTENT_MODEL_STATE_FAILED);
    REQUIRE(clock.Steady() < give_up_at);
    if (model.state() == dialog::v1::INTENT_MODEL_STATE_READY) return model;
    // lint-allow(sleep): the poll interval of a loop with a deadline.
    absl::SleepFor(absl::Milliseconds(20));
  }
}

dialog::v1::DetectIntentResponse Detect(ServiceUnderTest& dialog, const std::string& text) {
  dialog::v1::DetectIntentRequest request;
  request.set_parent("tenants/acme");
  request.set_text(text);
  return dialog.Must<dialog::v1::DetectIntentResponse>(kAnalyst, "DetectIntent", request);
}

}  // namespace

TEST_CASE("dialog: the demo's intents are told apart by the real encoders, in both languages") {
  NoDataKeys keys;
  NoAnswers answers;
  SystemClock clock;
  telemetry::Metrics metrics;
  process::EncodingConfig config;
  config.models_dir = (Source() / config.models_dir).string();
  REQUIRE(std::filesystem::is_directory(config.models_dir));
  process::Encoding encoding(config, clock, metrics);
  ServiceUnderTest dialog(
      "frontdesk.dialog.v1.DialogService",
      [&](const bus::AppDeps& deps, rpc::Host* host) {
        return dialog::App::Open(deps, dialog::Config{}, keys, answers, &encoding, host);
      },
      TenantsWithIntents());
  const dialog::v1::IntentModel model = AwaitModel(dialog);
  CHECK(model.intent_count() == 20);
  CHECK(model.example_count() == 484);
  CHECK(model.accuracy_bps() > 8'000);
  CHECK_FALSE(model.curve().empty());

  struct Case {
    const char* text;
    const char* intent;
  };
  for (const Case& test : std::vector<Case>{
           {"when do I get my money back", "refund-request"},
           {"my card was declined at the checkout", "payment-failed"},
           {"I forgot my password and can't sign in", "account-login"},
           {"the box arrived broken", "delivery-problem"},
           {"钱什么时候退给我", "refund-request"},
           {"银行卡付款一直失败", "payment-failed"},
           {"忘记密码登录不上去了", "account-login"},
           {"请给我们公司开一张发票", "invoice-request"},
       }) {
    const auto read = Detect(dialog, test.text);
    INFO(read.DebugString());
    REQUIRE(read.scores_size() == 5);
    CHECK(read.scores(0).intent() == std::string("tenants/acme/intents/") + test.intent);
    CHECK_FALSE(read.out_of_scope());
  }
  for (const char* text : {"what is the capital of Australia", "法国的首都是哪里"}) {
    const auto read = Detect(dialog, text);
    INFO(read.DebugString());
    CHECK(read.out_of_scope());
  }
  const auto order = Detect(dialog, "订单号FD-20260412-1，明天下午三点前能到吗");
  INFO(order.DebugString());
  const auto has = [&](std::string_view type, std::string_view value) {
    return std::any_of(order.entities().begin(), order.entities().end(), [&](const auto& entity) {
      return entity.type() == type && entity.value().find(value) != std::string::npos;
    });
  };
  CHECK(has("order_number", "FD-20260412-1"));
  CHECK(has("time", "+08:00"));

  // The model is kept: the next start does not learn again.
  dialog.Restart();
  const dialog::v1::IntentModel again = AwaitModel(dialog);
  CHECK(again.fingerprint() == model.fingerprint());
  CHECK(again.train_time().nanos() == model.train_time().nanos());
}
