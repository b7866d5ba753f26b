#include <string>
#include <vector>

#include <fmt/core.h>

#include "libs/base/status_macros.h"
#include "tools/demo/story.h"
#include "tools/demo/transcript.h"
#include "tools/demo/wait.h"

namespace frontdesk::demo {
namespace {

// Learning takes seconds of a quiet machine, and this one may not be quiet.
constexpr absl::Duration kLearntMax = absl::Seconds(120);

// What a customer might write, in words that are not among the examples.
struct Try {
  const char* text;
  const char* intent;  // "" = out of scope
};
constexpr Try kTries[] = {
    {"Could you look up where my order FD-20260412-1 is?", "order-status"},
    {"please cancel what I ordered yesterday", "order-cancel"},
    {"I moved house, can the parcel go to my new address?", "address-change"},
    {"how many days until it gets here", "delivery-time"},
    {"the box arrived broken", "delivery-problem"},
    {"when do I get my money back", "refund-request"},
    {"I would like to send these shoes back", "return-start"},
    {"my card was declined at the checkout", "payment-failed"},
    {"which payment options do you offer", "payment-methods"},
    {"could I have an invoice with our VAT number", "invoice-request"},
    {"the coupon code is not accepted", "voucher-problem"},
    {"I forgot my password and can't sign in", "account-login"},
    {"somebody logged into my account, I think it was hacked", "account-security"},
    {"what is the capital of Australia", ""},
    {"帮忙看看我的订单现在到哪了", "order-status"},
    {"昨天下的单不想要了，帮我取消", "order-cancel"},
    {"我搬家了，收货地址能改一下吗", "address-change"},
    {"一般几天能送到", "delivery-time"},
    {"包裹送来的时候已经破了", "delivery-problem"},
    {"钱什么时候退给我", "refund-request"},
    {"这件衣服我想退货", "return-start"},
    {"银行卡付款一直失败", "payment-failed"},
    {"你们可以用哪些方式付款", "payment-methods"},
    {"请给我们公司开一张发票", "invoice-request"},
    {"优惠码输进去不能用", "voucher-problem"},
    {"忘记密码登录不上去了", "account-login"},
    {"我的账号好像被别人登录了", "account-security"},
    {"法国的首都是哪里", ""},
};

std::string IdOf(const std::string& intent) { return intent.substr(intent.rfind('/') + 1); }

absl::StatusOr<dialog::v1::IntentModel> AwaitModel(Story& story) {
  dialog::v1::GetIntentModelRequest request;
  request.set_name(fmt::format("tenants/{}/intentModel", kTenant));
  dialog::v1::IntentModel model;
  FD_RETURN_IF_ERROR(WaitUntil("the intents are learnt", kLearntMax, [&]() -> absl::StatusOr<bool> {
    FD_ASSIGN_OR_RETURN(
        auto response,
        story.backend.Call<dialog::v1::GetIntentModelResponse>(
            kAgentToken, "frontdesk.dialog.v1.DialogService/GetIntentModel", request));
    model = std::move(*response.mutable_model());
    return model.state() == dialog::v1::INTENT_MODEL_STATE_READY;
  }));
  return model;
}

absl::StatusOr<dialog::v1::DetectIntentResponse> Detect(Story& story, const std::string& text) {
  dialog::v1::DetectIntentRequest request;
  request.set_parent(fmt::format("tenants/{}", kTenant));
  request.set_text(text);
  return story.backend.Call<dialog::v1::DetectIntentResponse>(
      kAgentToken, "frontdesk.dialog.v1.DialogService/DetectIntent", request);
}

}  // namespace

absl::Status ShowUnderstanding(Story& story) {
  PrintTitle("0. What the bot has learnt from the shop's own examples");
  FD_ASSIGN_OR_RETURN(const dialog::v1::IntentModel model, AwaitModel(story));
  PrintRow("intents",
           fmt::format("{} of {} examples", model.intent_count(), model.example_count()));
  PrintRow("right on examples held back", fmt::format("{:.1f} %", model.accuracy_bps() / 100.0));
  for (const std::string& encoder : model.encoders()) PrintRow("encoder", encoder);
  Checks& checks = story.checks;
  checks.Equal("intents of the shop", 20, model.intent_count());
  checks.True("most examples held back are understood", model.accuracy_bps() >= 8'000,
              fmt::format("{} of 10000", model.accuracy_bps()));
  for (const Try& one : kTries) {
    FD_ASSIGN_OR_RETURN(const auto read, Detect(story, one.text));
    const bool any = !read.scores().empty() && !read.out_of_scope();
    const std::string intent = any ? IdOf(read.scores(0).intent()) : "";
    PrintRow(any ? fmt::format("{} {:.0f} %", intent, read.scores(0).confidence_bps() / 100.0)
                 : "none of them",
             one.text);
    checks.Equal(fmt::format("what is meant by \"{}\"", one.text), one.intent, intent);
  }
  return absl::OkStatus();
}

absl::Status CheckUnderstood(Story& story, const std::string& conversation, int64_t sequence,
                             std::string_view intent) {
  FD_ASSIGN_OR_RETURN(const auto turns, AllTurns(story.backend, kAgentToken, conversation));
  for (const dialog::v1::Turn& turn : turns) {
    if (turn.sequence() != sequence) continue;
    const dialog::v1::Understanding& understood = turn.understanding();
    PrintNote(fmt::format("understood as {}, {:.0f} % sure", IdOf(understood.intent()),
                          understood.confidence_bps() / 100.0));
    story.checks.Equal("what the message was understood as", intent, IdOf(understood.intent()));
    story.checks.True("it is in scope", !understood.out_of_scope(), "out of scope");
    return absl::OkStatus();
  }
  return absl::NotFoundError(fmt::format("{} has no turn {}", conversation, sequence));
}

}  // namespace frontdesk::demo
