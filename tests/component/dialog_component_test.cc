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

struct Case {
  const char* text;
  const char* intent;
};

// In no example of the demo.
const std::vector<Case> kParaphrases = {
    {"could you check how my order is coming along", "order-status"},
    {"I no longer need what I ordered, stop it", "order-cancel"},
    {"my parcel should go to another street", "address-change"},
    {"how soon would it be at my door", "delivery-time"},
    {"the glass shade came in a thousand pieces", "delivery-problem"},
    {"I'm still waiting to be paid back", "refund-request"},
    {"I don't like it, how do I ship it back to you", "return-start"},
    {"my Visa keeps getting refused", "payment-failed"},
    {"my accountant wants a bill with our tax ID", "invoice-request"},
    {"the promo code is rejected at checkout", "voucher-problem"},
    {"can't remember my password any more", "account-login"},
    {"somebody got into my account and bought things", "account-security"},
    {"will the green lamp be back soon", "product-stock"},
    {"the dimmer broke after half a year", "warranty-repair"},
    {"please let a real employee answer me", "human-request"},
    {"帮我看看订单现在什么状态", "order-status"},
    {"刚下的单不想要了", "order-cancel"},
    {"地址写错了，想换成另外一个", "address-change"},
    {"灯罩送来的时候已经碎了", "delivery-problem"},
    {"钱到现在还没退给我", "refund-request"},
    {"不喜欢这个，想退给你们", "return-start"},
    {"一直刷不了卡", "payment-failed"},
    {"财务要一张带税号的发票", "invoice-request"},
    {"结算的时候优惠码不认", "voucher-problem"},
    {"密码想不起来了", "account-login"},
    {"有人进了我的账户买东西", "account-security"},
    {"绿色的那款还会有货吗", "product-stock"},
    {"调光器用了半年就坏了", "warranty-repair"},
    {"找个真人跟我聊", "human-request"},
};
const std::vector<const char*> kStrange = {
    "How tall is Mount Everest?",
    "Sing me a song",
    "Who painted the Mona Lisa?",
    "Will it snow tonight?",
    "What is the population of Brazil?",
    "How do I bake bread?",
    "What is twelve divided by four?",
    "Who is the prime minister of Japan?",
    "Tell me something about dinosaurs",
    "How do I learn to play the guitar?",
    "Which team leads the league?",
    "Why is the sky blue?",
    "I think I have a fever",
    "flurb zort wibble",
    "What should I wear to a wedding?",
    "世界上最高的山是哪座",
    "唱首歌给我听",
    "蒙娜丽莎是谁画的",
    "今晚会下雪吗",
    "巴西有多少人口",
    "面包怎么烤",
    "十二除以四等于几",
    "日本首相是谁",
    "给我讲讲恐龙",
    "怎么学弹吉他",
    "哪个球队排名第一",
    "天空为什么是蓝色的",
    "我好像发烧了",
    "呜哩哇啦叽里咕噜",
    "参加婚礼穿什么",
};

// Nearly all: a few may go wrong with another build of the encoders.
size_t NearlyAll(size_t count) { return count - count / 10; }

void CheckScope(ServiceUnderTest& dialog) {
  size_t right = 0;
  for (const Case& test : kParaphrases) {
    const auto read = Detect(dialog, test.text);
    const std::string& intent = read.scores(0).intent();
    const bool known =
        !read.out_of_scope() && intent == std::string("tenants/acme/intents/") + test.intent;
    if (!known) WARN(test.text << ": " << intent << ", in scope " << read.in_scope_bps());
    right += known;
  }
  CHECK(right >= NearlyAll(kParaphrases.size()));
  size_t refused = 0;
  for (const char* text : kStrange) {
    const auto read = Detect(dialog, text);
    if (!read.out_of_scope()) WARN(text << ": in scope " << read.in_scope_bps());
    refused += read.out_of_scope();
  }
  CHECK(refused >= NearlyAll(kStrange.size()));
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
  CHECK(model.example_count() == 572);
  CHECK(model.accuracy_bps() > 8'000);
  CHECK_FALSE(model.curve().empty());

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
  CheckScope(dialog);
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
