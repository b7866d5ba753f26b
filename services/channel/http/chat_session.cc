#include "services/channel/http/chat_session.h"

#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/telemetry/trace.h"
#include "services/channel/domain/names.h"
#include "services/channel/message_json.h"

namespace frontdesk::channel {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kBadFramesMax = 20;
constexpr int kIngestingMax = 16;
constexpr size_t kQueuedFramesMax = 64;
constexpr int kPageSize = 50;
constexpr size_t kClientIdBytesMax = 64;
constexpr size_t kVisitorBytes = 16;
constexpr absl::Duration kCallLife = absl::Seconds(15);

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string LastId(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

}  // namespace

// A frame of the client, its fields checked for their types.
struct ChatSession::Frame {
  std::string type;
  std::string id;
  std::string text;
  std::string resume_token;
  int64_t seq = 0;
  int64_t last_seq = 0;

  static absl::StatusOr<Frame> Parse(std::string_view bytes) {
    const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return InvalidField("frame", "is not a JSON object");
    Frame frame;
    for (const auto& [key, value] : json.items()) {
      std::string* text = key == "type"           ? &frame.type
                          : key == "id"           ? &frame.id
                          : key == "text"         ? &frame.text
                          : key == "resume_token" ? &frame.resume_token
                                                  : nullptr;
      int64_t* number = key == "seq" ? &frame.seq : key == "last_seq" ? &frame.last_seq : nullptr;
      if (text != nullptr && value.is_string()) {
        *text = value.get<std::string>();
      } else if (number != nullptr && value.is_number_integer()) {
        *number = value.get<int64_t>();
      } else if (text == nullptr && number == nullptr) {
        return InvalidField(key.substr(0, 64), "is not a field of any frame");
      } else {
        return InvalidField(key, text != nullptr ? "must be a string" : "must be an integer");
      }
    }
    return frame;
  }
};

struct ChatSession::Hello {
  ChatIdentity identity;
  int64_t last_seq = 0;
  std::string greeting;
  Exchange<v1::GetChannelAccountRequest, v1::GetChannelAccountResponse> account;
};

ChatSession::ChatSession(Collaborators in, std::string tenant, std::string channel_account,
                         std::weak_ptr<Peer> peer)
    : in_(in),
      tenant_(std::move(tenant)),
      channel_account_(std::move(channel_account)),
      peer_(std::move(peer)) {}

void ChatSession::Send(std::string frame) {
  if (const auto peer = peer_.lock()) peer->Send(std::move(frame));
}

void ChatSession::Refuse(const absl::Status& status, std::string_view id) {
  Send(ErrorFrame(status, id));
  if (++bad_frames_ < kBadFramesMax) return;
  if (const auto peer = peer_.lock()) peer->Close("too many bad frames");
}

void ChatSession::Post(absl::AnyInvocable<void(ChatSession&)> task) {
  const auto peer = peer_.lock();
  if (peer == nullptr) return;
  peer->Post([weak = weak_from_this(), task = std::move(task)]() mutable {
    if (const auto self = weak.lock()) task(*self);
  });
}

rpc::Call ChatSession::NewCall(std::string_view method) const {
  rpc::Call call;
  call.tenant = tenant_;
  call.caller = {.tenant = tenant_, .principal = "web-chat", .role = rpc::Role::kChannel};
  call.method = method;
  call.give_up_at = in_.service.clock().Steady() + kCallLife;
  call.traceparent = telemetry::FormatTraceparent(telemetry::NewTrace(in_.service.random()));
  return call;
}

void ChatSession::OnFrame(std::string_view bytes) {
  auto frame = Frame::Parse(bytes);
  if (!frame.ok()) return Refuse(frame.status());
  if (frame->type == "ping") return Send(R"({"type":"pong"})");
  if (frame->type == "hello") return OnHello(*frame);
  if (frame->type != "message" && frame->type != "ack") {
    return Refuse(InvalidField("type", "must be hello, message, ack or ping"));
  }
  if (state_ != State::kOpen) {
    return Refuse(Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION",
                        "say hello and wait for the welcome first"),
                  frame->id);
  }
  if (frame->type == "message") return OnMessage(*frame);
  OnAck(frame->seq);
}

void ChatSession::OnHello(const Frame& frame) {
  if (state_ != State::kNew) {
    return Refuse(
        Error(absl::StatusCode::kFailedPrecondition, "FAILED_TRANSITION", "hello was said before"));
  }
  if (frame.last_seq < 0) return Refuse(InvalidField("last_seq", "must not be negative"));
  auto hello = std::make_shared<Hello>();
  hello->last_seq = frame.last_seq;
  const absl::Time now = in_.service.clock().Now();
  if (frame.resume_token.empty()) {
    hello->identity.tenant = tenant_;
    hello->identity.channel_account = channel_account_;
    hello->identity.visitor =
        absl::BytesToHexString(ToAbsl(in_.service.random().Bytes(kVisitorBytes)));
    hello->last_seq = 0;
  } else {
    auto identity =
        ParseResumeToken(in_.service.keys(), tenant_, channel_account_, frame.resume_token, now);
    if (!identity.ok()) return Refuse(identity.status());
    hello->identity = *std::move(identity);
  }
  hello->identity.expire_time = now + in_.session_life;
  state_ = State::kGreeting;
  hello->account.call = NewCall("GetChannelAccount");
  hello->account.request.set_name(ChannelAccountName(tenant_, channel_account_));
  in_.service.GetChannelAccount(
      hello->account.call, hello->account.request, &hello->account.response,
      [weak = weak_from_this(), hello](absl::Status status) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        const v1::ChannelAccount& account = hello->account.response.channel_account();
        if (status.ok() && account.kind() != v1::CHANNEL_KIND_WEB_CHAT) {
          status = NotFound("channel account", hello->account.request.name());
        }
        hello->greeting = account.greeting();
        self->Post([hello, status](ChatSession& session) {
          if (status.ok()) return session.FinishHello(hello);
          session.state_ = State::kNew;
          session.Refuse(status);
        });
      });
}

void ChatSession::FinishHello(std::shared_ptr<Hello> hello) {
  in_.service.FindSender(
      tenant_, channel_account_, hello->identity.visitor,
      [weak = weak_from_this(), hello](absl::StatusOr<std::string> customer) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        self->Post([hello, customer = std::move(customer)](ChatSession& session) {
          auto token = MakeResumeToken(session.in_.service.keys(), hello->identity);
          if (!customer.ok() || !token.ok()) {
            session.state_ = State::kNew;
            return session.Refuse(customer.ok() ? token.status() : customer.status());
          }
          session.visitor_ = hello->identity.visitor;
          session.cursor_ = customer->empty() ? 0 : hello->last_seq;
          session.acknowledged_ = session.acknowledge_ = session.cursor_;
          session.state_ = State::kOpen;
          Json json;
          json["type"] = "welcome";
          json["resume_token"] = *std::move(token);
          json["expires"] =
              absl::FormatTime(absl::RFC3339_sec, hello->identity.expire_time, absl::UTCTimeZone());
          json["customer"] =
              customer->empty() ? std::string() : CustomerName(session.tenant_, *customer);
          json["greeting"] = hello->greeting;
          json["last_seq"] = session.cursor_;
          session.Send(Dump(json));
          if (!customer->empty()) session.KnowCustomer(*customer);
        });
      });
}

void ChatSession::KnowCustomer(const std::string& customer) {
  if (!customer_.empty()) return;
  customer_ = customer;
  subscription_ = in_.feed.Subscribe(tenant_, customer, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Post([](ChatSession& session) { session.Pump(); });
  });
  Pump();
}

void ChatSession::OnMessage(const Frame& frame) {
  if (frame.id.empty() || frame.id.size() > kClientIdBytesMax) {
    return Refuse(InvalidField("id", "must have 1 to 64 bytes"), frame.id.substr(0, 64));
  }
  if (ingesting_ >= kIngestingMax) {
    return Refuse(WithRetryDelay(Error(absl::StatusCode::kResourceExhausted, "RATE_LIMITED",
                                       "too many messages wait to be stored"),
                                 absl::Seconds(1)),
                  frame.id);
  }
  using Ingest = Exchange<v1::IngestMessageRequest, v1::IngestMessageResponse>;
  auto ingest = std::make_shared<Ingest>();
  ingest->call = NewCall("IngestMessage");
  ingest->request.set_parent(ChannelAccountName(tenant_, channel_account_));
  // A visitor chooses the ids of its messages: they must not meet another visitor's.
  ingest->request.set_channel_message_id(fmt::format("{}/{}", visitor_, frame.id));
  ingest->request.set_sender_id(visitor_);
  ingest->request.set_text(frame.text);
  ++ingesting_;
  own_.insert(ingest->request.channel_message_id());
  in_.service.IngestMessage(
      ingest->call, ingest->request, &ingest->response,
      [weak = weak_from_this(), ingest, id = frame.id](absl::Status status) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        self->Post([ingest, id, status = std::move(status)](ChatSession& session) {
          session.OnIngested(id, status, ingest->response);
        });
      });
}

void ChatSession::OnIngested(const std::string& id, const absl::Status& status,
                             const v1::IngestMessageResponse& response) {
  --ingesting_;
  if (!status.ok()) {
    own_.erase(fmt::format("{}/{}", visitor_, id));
    return Refuse(status, id);
  }
  const v1::Message& message = response.message();
  // Of an earlier connection: the cursor has passed it or will send it.
  if (response.duplicate()) own_.erase(message.channel_message_id());
  Json json;
  json["type"] = "ack";
  json["id"] = id;
  json["seq"] = message.sequence();
  json["duplicate"] = response.duplicate();
  json["customer"] = message.customer();
  Send(Dump(json));
  KnowCustomer(LastId(message.customer()));
}

void ChatSession::OnAck(int64_t sequence) {
  if (sequence > cursor_ || sequence < 1) {
    return Refuse(InvalidField("seq", "is not the sequence of a message that was sent"));
  }
  if (sequence <= acknowledge_ || customer_.empty()) return;
  acknowledge_ = sequence;
  SendAcknowledgement();
}

void ChatSession::SendAcknowledgement() {
  if (acknowledging_ || acknowledge_ <= acknowledged_) return;
  acknowledging_ = true;
  using Ack = Exchange<v1::AcknowledgeMessagesRequest, v1::AcknowledgeMessagesResponse>;
  auto ack = std::make_shared<Ack>();
  ack->call = NewCall("AcknowledgeMessages");
  ack->request.set_parent(CustomerName(tenant_, customer_));
  ack->request.set_channel_account(ChannelAccountName(tenant_, channel_account_));
  ack->request.set_sequence(acknowledge_);
  in_.service.AcknowledgeMessages(ack->call, ack->request, &ack->response,
                                  [weak = weak_from_this(), ack](absl::Status status) {
                                    const auto self = weak.lock();
                                    if (self == nullptr) return;
                                    self->Post([ack, ok = status.ok()](ChatSession& session) {
                                      session.acknowledging_ = false;
                                      // One that failed is covered by the next one: acknowledgements are cumulative.
                                      if (ok && !ack->response.more())
                                        session.acknowledged_ = ack->request.sequence();
                                      if (ok) session.SendAcknowledgement();
                                    });
                                  });
}

void ChatSession::Pump() {
  if (customer_.empty() || state_ != State::kOpen) return;
  const auto peer = peer_.lock();
  if (peer == nullptr) return;
  if (pumping_ || peer->queued() > kQueuedFramesMax) {
    pump_again_ = true;
    return;
  }
  pumping_ = true;
  pump_again_ = false;
  using List = Exchange<v1::ListMessagesRequest, v1::ListMessagesResponse>;
  auto list = std::make_shared<List>();
  list->call = NewCall("ListMessages");
  list->request.set_parent(CustomerName(tenant_, customer_));
  list->request.set_after_sequence(cursor_);
  list->request.set_page_size(kPageSize);
  in_.service.ListMessages(list->call, list->request, &list->response,
                           [weak = weak_from_this(), list](absl::Status status) {
                             const auto self = weak.lock();
                             if (self == nullptr) return;
                             self->Post([list, status = std::move(status)](ChatSession& session) {
                               session.OnPage(status, list->response);
                             });
                           });
}

void ChatSession::OnPage(const absl::Status& status, const v1::ListMessagesResponse& page) {
  pumping_ = false;
  if (!status.ok()) {
    // The page is told; it reconnects and resumes.
    Send(ErrorFrame(status, {}));
    if (const auto peer = peer_.lock()) peer->Close("messages can't be read");
    return;
  }
  for (const v1::Message& message : page.messages()) {
    if (message.sequence() <= cursor_) continue;
    cursor_ = message.sequence();
    SendMessageFrame(message, page);
  }
  if (!page.next_page_token().empty() || pump_again_) Pump();
}

void ChatSession::SendMessageFrame(const v1::Message& message,
                                   const v1::ListMessagesResponse& page) {
  // Of another channel, or given up: not for this page.
  if (message.channel_account() != ChannelAccountName(tenant_, channel_account_)) return;
  if (message.state() == v1::MESSAGE_STATE_FAILED) return;
  if (message.direction() == v1::MESSAGE_DIRECTION_INBOUND &&
      own_.erase(message.channel_message_id()) > 0) {
    return;
  }
  std::string_view text = message.text().masked();
  for (const common::v1::OpenedText& opened : page.opened()) {
    if (opened.name() == message.name()) text = opened.text();
  }
  v1::Message shown = message;
  // The page knows its messages by the ids it chose.
  const std::string& id = message.channel_message_id();
  if (const size_t slash = id.find('/'); slash != std::string::npos) {
    shown.set_channel_message_id(id.substr(slash + 1));
  }
  Send(MessageFrame(shown, text));
}

void ChatSession::OnDrained() {
  if (pump_again_) Pump();
}

}  // namespace frontdesk::channel
