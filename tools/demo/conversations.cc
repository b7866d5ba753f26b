#include <set>

#include <fmt/core.h>

#include "libs/base/status_macros.h"
#include "tools/demo/story.h"
#include "tools/demo/transcript.h"
#include "tools/demo/wait.h"
#include "tools/demo/web_client.h"

namespace frontdesk::demo {
namespace {

// The page's side of a chat: what it has seen, over all connections.
class Visitor {
 public:
  Visitor(const std::string& server, Checks& checks) : server_(server), checks_(checks) {}

  absl::StatusOr<ChatFrame> Connect() {
    ChatFrame welcome;
    FD_ASSIGN_OR_RETURN(chat_,
                        ChatClient::Connect(server_, kTenant, "web", token_, last_seq_, &welcome));
    token_ = welcome.resume_token;
    return welcome;
  }
  void Drop() { chat_->Drop(); }

  // Sends and waits until it is stored. Replies that come first are kept for NextReply.
  absl::StatusOr<ChatFrame> Say(const std::string& id, const std::string& text) {
    FD_RETURN_IF_ERROR(chat_->SendMessage(id, text));
    while (true) {
      FD_ASSIGN_OR_RETURN(ChatFrame frame, chat_->Next(kSoon));
      if (frame.type == "message") {
        See(frame.message);
        continue;
      }
      if (frame.type != "ack") {
        return absl::InternalError(
            fmt::format("expected an ack, got {} {}", frame.type, frame.reason));
      }
      customer_ = frame.customer;
      if (!frame.duplicate) Mark(frame.seq);
      return frame;
    }
  }

  absl::StatusOr<WebMessage> NextReply() {
    while (replies_.size() == taken_) {
      FD_ASSIGN_OR_RETURN(const ChatFrame frame, chat_->Next(kSoon));
      if (frame.type == "message") See(frame.message);
    }
    FD_RETURN_IF_ERROR(chat_->Acknowledge(replies_[taken_].seq));
    return replies_[taken_++];
  }

  const std::string& customer() const { return customer_; }
  const std::string& token() const { return token_; }
  // Sequences seen, acknowledged messages of its own included.
  const std::set<int64_t>& seen() const { return seen_; }

 private:
  void Mark(int64_t seq) {
    checks_.True("a message is shown once", seen_.insert(seq).second,
                 fmt::format("sequence {} came twice", seq));
  }
  void See(const WebMessage& message) {
    // What this page wrote before the drop comes back in the order of the talk; it is known.
    const bool own = message.direction == "inbound" && seen_.contains(message.seq);
    if (!own) Mark(message.seq);
    checks_.True("messages come in order", message.seq > last_seq_,
                 fmt::format("{} after {}", message.seq, last_seq_));
    last_seq_ = message.seq;
    if (message.direction == "outbound") replies_.push_back(message);
  }

  const std::string server_;
  Checks& checks_;
  std::unique_ptr<ChatClient> chat_;
  std::string token_;
  std::string customer_;
  int64_t last_seq_ = 0;
  std::set<int64_t> seen_;
  std::vector<WebMessage> replies_;
  size_t taken_ = 0;
};

void CheckAnswer(Checks& checks, const WebMessage& answer, std::string_view article,
                 std::string_view part, std::string_view language) {
  checks.Equal("who answers", "bot", answer.author);
  checks.Contains("the answer", answer.text, part);
  checks.Equal("language of the answer", language, answer.language);
  checks.Equal("citations of the answer", size_t{1}, answer.citations.size());
  if (answer.citations.empty()) return;
  checks.Equal("what the answer rests on",
               fmt::format("tenants/{}/articles/{}/versions/1", kTenant, article),
               answer.citations[0].article_version);
}

absl::Status CheckResolvedByBot(Story& story, const std::string& conversation, int messages) {
  FD_ASSIGN_OR_RETURN(const auto now, AwaitConversation(story, conversation,
                                                        dialog::v1::CONVERSATION_STATE_RESOLVED));
  story.checks.Equal("messages of the customer in the conversation", messages,
                     now.customer_message_count());
  story.checks.Equal("replies of agents in it", 0, now.agent_reply_count());
  story.checks.Equal("a ticket for it", "", now.ticket());
  ++story.bot_resolutions;
  PrintNote("resolved by the bot alone");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<dialog::v1::Conversation> AwaitConversation(Story& story, const std::string& name,
                                                           dialog::v1::ConversationState state) {
  dialog::v1::GetConversationRequest request;
  request.set_name(name);
  dialog::v1::Conversation conversation;
  FD_RETURN_IF_ERROR(WaitUntil(
      fmt::format("{} is {}", name, dialog::v1::ConversationState_Name(state)), kSoon,
      [&]() -> absl::StatusOr<bool> {
        FD_ASSIGN_OR_RETURN(
            auto response,
            story.backend.Call<dialog::v1::GetConversationResponse>(
                kAgentToken, "frontdesk.dialog.v1.DialogService/GetConversation", request));
        conversation = std::move(*response.mutable_conversation());
        return conversation.state() == state;
      }));
  return conversation;
}

absl::Status PlayEnglishChat(Story& story) {
  PrintTitle("1. English, on the chat page (WebSocket)");
  Visitor visitor(story.server.http(), story.checks);
  FD_ASSIGN_OR_RETURN(const ChatFrame welcome, visitor.Connect());
  PrintSaid("page", welcome.greeting);
  const std::string first = "How long does a refund take?";
  PrintSaid("customer", first);
  FD_RETURN_IF_ERROR(visitor.Say("q1", first).status());
  FD_ASSIGN_OR_RETURN(const WebMessage answer, visitor.NextReply());
  PrintMessage(answer);
  CheckAnswer(story.checks, answer, "refunds", "within 3 working days", "en");
  FD_RETURN_IF_ERROR(CheckUnderstood(story, answer.conversation, 1, "refund-request"));

  const std::string second = "Is the shipping fee refunded as well?";
  PrintSaid("customer", second);
  FD_ASSIGN_OR_RETURN(const ChatFrame sent, visitor.Say("q2", second));
  visitor.Drop();
  FD_ASSIGN_OR_RETURN(const ChatFrame resumed, visitor.Connect());
  story.checks.Equal("the resumed customer", visitor.customer(), resumed.customer);
  // The page can't know whether its message arrived: it says it again under the same id.
  FD_ASSIGN_OR_RETURN(const ChatFrame again, visitor.Say("q2", second));
  story.checks.True("the repeated message is known", again.duplicate, "it was stored again");
  story.checks.Equal("its sequence", sent.seq, again.seq);
  FD_ASSIGN_OR_RETURN(const WebMessage follow_up, visitor.NextReply());
  PrintNote(fmt::format("the connection broke and came back; message {} was sent again and known",
                        again.seq));
  PrintMessage(follow_up);
  CheckAnswer(story.checks, follow_up, "refunds", "shipping fees are refunded", "en");

  const std::string thanks = "Thanks, that helped!";
  PrintSaid("customer", thanks);
  FD_RETURN_IF_ERROR(visitor.Say("q3", thanks).status());
  FD_ASSIGN_OR_RETURN(const WebMessage goodbye, visitor.NextReply());
  PrintMessage(goodbye);
  story.checks.Equal("one conversation for all", answer.conversation, goodbye.conversation);
  FD_RETURN_IF_ERROR(CheckResolvedByBot(story, answer.conversation, 3));

  FD_ASSIGN_OR_RETURN(const auto stored,
                      AllMessages(story.backend, kAgentToken, visitor.customer()));
  std::set<int64_t> sequences;
  for (const auto& message : stored) sequences.insert(message.sequence());
  story.checks.Equal("stored messages of the customer", size_t{6}, stored.size());
  story.checks.True("the page has seen every stored message", sequences == visitor.seen(),
                    fmt::format("{} of {}", visitor.seen().size(), sequences.size()));
  story.customers.push_back(visitor.customer());
  return absl::OkStatus();
}

absl::Status PlayChineseApi(Story& story) {
  PrintTitle("2. Chinese, from the shop's app (POST /v1/messages)");
  ApiCustomer liwei(story.server.http(), kChannelToken, "app", "liwei");
  const std::string first = "请问退款多久能到账？";
  PrintSaid("customer", first);
  FD_ASSIGN_OR_RETURN(const PostedMessage posted, liwei.Post("zh-1", first));
  story.checks.Equal("status of a new message", 201, posted.status);
  story.checks.True("a new message is no duplicate", !posted.duplicate);
  FD_ASSIGN_OR_RETURN(const PostedMessage again, liwei.Post("zh-1", first));
  story.checks.Equal("status of a repeated message", 200, again.status);
  story.checks.True("a repeated message is known", again.duplicate, "it was stored again");
  story.checks.Equal("sequence of a repeated message", posted.seq, again.seq);
  PrintNote("the app posted it twice; the second was answered as a duplicate");
  FD_ASSIGN_OR_RETURN(const auto answers, liwei.Poll(kSoon));
  for (const WebMessage& answer : answers) PrintMessage(answer);
  story.checks.Equal("answers to a message posted twice", size_t{1}, answers.size());
  CheckAnswer(story.checks, answers[0], "refunds-zh", "3 个工作日内", "zh");
  FD_RETURN_IF_ERROR(CheckUnderstood(story, answers[0].conversation, 1, "refund-request"));

  const std::string second = "支持哪些支付方式？";
  PrintSaid("customer", second);
  FD_RETURN_IF_ERROR(liwei.Post("zh-2", second).status());
  FD_ASSIGN_OR_RETURN(const auto methods, liwei.Poll(kSoon));
  PrintMessage(methods[0]);
  CheckAnswer(story.checks, methods[0], "payment-failed-zh", "微信支付", "zh");
  FD_RETURN_IF_ERROR(CheckUnderstood(story, methods[0].conversation, 3, "payment-methods"));

  const std::string thanks = "明白了，谢谢";
  PrintSaid("customer", thanks);
  FD_RETURN_IF_ERROR(liwei.Post("zh-3", thanks).status());
  FD_ASSIGN_OR_RETURN(const auto goodbye, liwei.Poll(kSoon));
  PrintMessage(goodbye[0]);
  story.customers.push_back(posted.customer);
  return CheckResolvedByBot(story, answers[0].conversation, 3);
}

}  // namespace frontdesk::demo
