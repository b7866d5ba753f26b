#include "services/channel/http/http_api.h"

#include <algorithm>
#include <charconv>
#include <mutex>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"
#include "libs/base/utf8.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/trace.h"
#include "services/channel/domain/names.h"
#include "services/channel/http/chat_page.h"
#include "services/channel/http/chat_session.h"
#include "services/channel/message_json.h"
#include "services/channel/webhook_secret.h"

namespace frontdesk::channel {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kPollPageSize = 50;
constexpr absl::Duration kCallLife = absl::Seconds(15);

absl::Status NotAuthenticated() {
  return Error(absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED",
               "a known token is needed: authorization: Bearer …");
}

absl::StatusOr<int64_t> NumberOf(const http::Request& request, const std::string& name,
                                 int64_t unset) {
  const std::string text = request.Query(name);
  if (text.empty()) return unset;
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number < 0) {
    return InvalidField(name, "must be a whole number, not negative");
  }
  return number;
}

// The body of POST /v1/messages and of a webhook.
struct MessageBody {
  std::string tenant;
  std::string account;
  std::string customer;
  std::string message_id;
  std::string text;
  std::string name;
  std::string language;
  std::string business_account;
  std::string conversation_hint;

  static absl::StatusOr<MessageBody> Parse(const std::string& bytes) {
    if (!IsValidUtf8(bytes)) return InvalidField("body", "is not UTF-8");
    const Json json = Json::parse(bytes, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return InvalidField("body", "is not a JSON object");
    MessageBody body;
    const std::map<std::string_view, std::string*> known = {
        {"tenant", &body.tenant},
        {"account", &body.account},
        {"customer", &body.customer},
        {"message_id", &body.message_id},
        {"text", &body.text},
        {"name", &body.name},
        {"language", &body.language},
        {"business_account", &body.business_account},
        {"conversation_hint", &body.conversation_hint}};
    for (const auto& [key, value] : json.items()) {
      const auto field = known.find(key);
      if (field == known.end()) {
        return InvalidField(TruncateUtf8(key, 64), "is not a field of a message");
      }
      if (!value.is_string()) return InvalidField(key, "must be a string");
      *field->second = value.get<std::string>();
    }
    return body;
  }
};

// The tenant a caller acts for: the token's; a token of the platform names one.
absl::StatusOr<std::string> TenantOf(const rpc::Caller& caller, const std::string& named) {
  if (caller.tenant != rpc::kAnyTenant) {
    if (named.empty() || named == caller.tenant) return caller.tenant;
    return WithField(
        Error(absl::StatusCode::kPermissionDenied, "WRONG_TENANT", "the token is another tenant's"),
        "tenant", "must be the token's");
  }
  FD_RETURN_IF_ERROR(ValidateId(named, "tenant"));
  return named;
}

std::string TextOf(const v1::Message& message, const v1::ListMessagesResponse& page) {
  for (const common::v1::OpenedText& opened : page.opened()) {
    if (opened.name() == message.name()) return opened.text();
  }
  return message.text().masked();
}

}  // namespace

rpc::Call HttpApi::NewCall(std::string tenant, rpc::Caller caller, std::string_view method) const {
  rpc::Call call;
  call.tenant = std::move(tenant);
  call.caller = std::move(caller);
  call.method = method;
  call.give_up_at = in_.service.clock().Steady() + kCallLife;
  // The trace of what a customer sets off begins here.
  call.traceparent = telemetry::FormatTraceparent(telemetry::NewTrace(in_.service.random()));
  return call;
}

absl::StatusOr<rpc::Caller> HttpApi::Authenticate(const http::Request& request) const {
  const std::string header = request.Header("authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (header.size() <= kBearer.size() ||
      !absl::EqualsIgnoreCase(header.substr(0, kBearer.size()), ToAbsl(kBearer))) {
    return NotAuthenticated();
  }
  const std::string token = header.substr(kBearer.size());
  auto caller = in_.authenticator.Authenticate({.bearer = token, .peer_name = {}});
  if (!caller.ok()) return NotAuthenticated();
  if (!rpc::kChannels.Has(caller->role)) {
    return WithMetadata(Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                              "this needs the role CHANNEL"),
                        "role", rpc::RoleName(caller->role));
  }
  return caller;
}

absl::Status HttpApi::Loaded() const {
  absl::Status status = in_.ready();
  return ReasonOf(status) == "NOT_READY" ? status : absl::OkStatus();
}

void HttpApi::Handle(http::Request request, Respond respond) {
  const std::string& path = request.path;
  const bool get = request.method == "GET" || request.method == "HEAD";
  const bool post = request.method == "POST";
  if (path == "/" || path == "/chat") {
    if (!get) return respond(http::ErrorResponse(http::WrongMethod("GET")));
    return Page(request, std::move(respond));
  }
  if (path == "/healthz") {
    if (!get) return respond(http::ErrorResponse(http::WrongMethod("GET")));
    if (absl::Status status = in_.ready(); !status.ok()) {
      http::Response response = http::ErrorResponse(status);
      response.status = 503;
      return respond(std::move(response));
    }
    http::Response response;
    response.body = R"({"status":"ok"})";
    return respond(std::move(response));
  }
  if (absl::Status status = Loaded(); !status.ok()) return respond(http::ErrorResponse(status));
  if (path == "/v1/messages") {
    if (post) return PostMessage(request, std::move(respond));
    if (get) return GetMessages(request, std::move(respond));
    return respond(http::ErrorResponse(http::WrongMethod("GET, POST")));
  }
  constexpr std::string_view kWebhooks = "/v1/webhooks/";
  if (path.starts_with(kWebhooks)) {
    const std::string rest = path.substr(kWebhooks.size());
    const size_t slash = rest.find('/');
    const std::string tenant = rest.substr(0, slash);
    const std::string account = slash == std::string::npos ? std::string() : rest.substr(slash + 1);
    if (!IsId(tenant) || !IsId(account))
      return respond(http::ErrorResponse(http::NoSuchPage(path)));
    if (!post) return respond(http::ErrorResponse(http::WrongMethod("POST")));
    return PostWebhook(std::move(request), tenant, account, std::move(respond));
  }
  respond(http::ErrorResponse(http::NoSuchPage(path)));
}

void HttpApi::FindAccount(const std::string& tenant, const std::string& account,
                          absl::AnyInvocable<void(absl::StatusOr<v1::ChannelAccount>)> done) {
  struct Find {
    rpc::Call call;
    v1::GetChannelAccountRequest request;
    v1::GetChannelAccountResponse response;
  };
  auto find = std::make_shared<Find>();
  find->call = NewCall(tenant, {.tenant = tenant, .principal = "http"}, "GetChannelAccount");
  find->request.set_name(ChannelAccountName(tenant, account));
  in_.service.GetChannelAccount(find->call, find->request, &find->response,
                                [find, done = std::move(done)](absl::Status status) mutable {
                                  if (!status.ok()) return done(std::move(status));
                                  done(std::move(*find->response.mutable_channel_account()));
                                });
}

void HttpApi::Page(const http::Request& request, Respond respond) {
  std::string tenant = request.Query("tenant");
  std::string account = request.Query("account");
  if (tenant.empty()) tenant = options_.chat_tenant;
  if (account.empty()) account = options_.chat_account;
  if (!IsId(tenant) || !IsId(account)) {
    return respond(http::ErrorResponse(InvalidField("account", "tenant and account must be ids")));
  }
  FindAccount(tenant, account,
              [tenant, account,
               respond = std::move(respond)](absl::StatusOr<v1::ChannelAccount> found) mutable {
                std::string ancestors = "*";
                if (found.ok() && found->allowed_origins_size() > 0) {
                  ancestors = "'self'";
                  for (const std::string& origin : found->allowed_origins()) {
                    ancestors += " " + origin;
                  }
                }
                http::Response response;
                response.content_type = "text/html; charset=utf-8";
                response.body = ChatPage(tenant, account);
                response.headers = {
                    {"Content-Security-Policy",
                     "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                     "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; "
                     "frame-ancestors " +
                         ancestors},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Referrer-Policy", "no-referrer"},
                    {"Cache-Control", "no-cache"}};
                respond(std::move(response));
              });
}

void HttpApi::CheckWebSocket(const http::Request& request,
                             absl::AnyInvocable<void(absl::Status)> done) {
  const std::string tenant = request.Query("tenant");
  const std::string account = request.Query("account");
  if (!IsId(tenant)) return done(InvalidField("tenant", "must be an id"));
  if (!IsId(account)) return done(InvalidField("account", "must be an id"));
  if (absl::Status status = Loaded(); !status.ok()) return done(std::move(status));
  FindAccount(tenant, account,
              [origin = request.Header("origin"), host = request.Header("host"),
               done = std::move(done)](absl::StatusOr<v1::ChannelAccount> found) mutable {
                if (!found.ok()) return done(found.status());
                if (found->kind() != v1::CHANNEL_KIND_WEB_CHAT) {
                  return done(NotFound("chat", found->name()));
                }
                // No Origin: not a browser, so there is no page to be protected from.
                const bool own =
                    origin.empty() || origin == "http://" + host || origin == "https://" + host;
                const auto& allowed = found->allowed_origins();
                if (!own && !allowed.empty() &&
                    std::find(allowed.begin(), allowed.end(), origin) == allowed.end()) {
                  return done(Error(absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
                                    "this page may not open the chat"));
                }
                done(absl::OkStatus());
              });
}

struct HttpApi::Ingest {
  rpc::Call call;
  v1::IngestMessageRequest request;
  v1::IngestMessageResponse response;
  Respond respond;
};

void HttpApi::PostMessage(const http::Request& request, Respond respond) {
  auto ingest = std::make_shared<Ingest>();
  const auto prepare = [&]() -> absl::Status {
    FD_ASSIGN_OR_RETURN(const rpc::Caller caller, Authenticate(request));
    FD_ASSIGN_OR_RETURN(MessageBody body, MessageBody::Parse(request.body));
    FD_ASSIGN_OR_RETURN(const std::string tenant, TenantOf(caller, body.tenant));
    FD_RETURN_IF_ERROR(ValidateId(body.account, "account"));
    if (body.customer.empty()) return InvalidField("customer", "is required");
    if (body.message_id.empty()) return InvalidField("message_id", "is required");
    if (body.text.empty()) return InvalidField("text", "is required");
    ingest->call = NewCall(tenant, caller, "IngestMessage");
    v1::IngestMessageRequest& message = ingest->request;
    message.set_parent(ChannelAccountName(tenant, body.account));
    message.set_channel_message_id(std::move(body.message_id));
    message.set_sender_id(std::move(body.customer));
    message.set_sender_display_name(std::move(body.name));
    message.set_text(std::move(body.text));
    message.set_language(std::move(body.language));
    message.set_conversation_hint(std::move(body.conversation_hint));
    if (!body.business_account.empty()) {
      message.set_account(fmt::format("tenants/{}/accounts/{}", tenant, body.business_account));
    }
    return absl::OkStatus();
  };
  if (absl::Status status = prepare(); !status.ok()) return respond(http::ErrorResponse(status));
  ingest->respond = std::move(respond);
  SubmitIngest(std::move(ingest));
}

void HttpApi::PostWebhook(http::Request request, const std::string& tenant,
                          const std::string& account, Respond respond) {
  auto shared = std::make_shared<http::Request>(std::move(request));
  FindAccount(tenant, account,
              [this, shared, tenant, account,
               respond = std::move(respond)](absl::StatusOr<v1::ChannelAccount> found) mutable {
                auto ingest = std::make_shared<Ingest>();
                const auto prepare = [&]() -> absl::Status {
                  // An unknown account answers as a wrong signature does: addresses can't be tried out.
                  std::string secret;
                  if (found.ok() && found->kind() == v1::CHANNEL_KIND_WEBHOOK) {
                    FD_ASSIGN_OR_RETURN(secret, WebhookSecret(in_.service.keys(), tenant, account));
                  } else if (!found.ok() && !absl::IsNotFound(found.status())) {
                    return found.status();
                  }
                  const std::string id = shared->Header("webhook-id");
                  const std::string timestamp = shared->Header("webhook-timestamp");
                  const std::string signature = shared->Header("webhook-signature");
                  if (secret.empty()) return NotAuthenticated();
                  FD_RETURN_IF_ERROR(VerifyWebhook(secret, {id, timestamp, signature}, shared->body,
                                                   in_.service.clock().Now()));
                  FD_ASSIGN_OR_RETURN(MessageBody body, MessageBody::Parse(shared->body));
                  if (!body.tenant.empty() || !body.account.empty()) {
                    return InvalidField("account", "tenant and account stand in the address");
                  }
                  if (body.customer.empty()) return InvalidField("customer", "is required");
                  ingest->call = NewCall(
                      tenant,
                      {.tenant = tenant, .principal = "webhook", .role = rpc::Role::kChannel},
                      "IngestMessage");
                  v1::IngestMessageRequest& message = ingest->request;
                  message.set_parent(ChannelAccountName(tenant, account));
                  message.set_channel_message_id(body.message_id.empty() ? id : body.message_id);
                  message.set_sender_id(std::move(body.customer));
                  message.set_sender_display_name(std::move(body.name));
                  message.set_text(std::move(body.text));
                  message.set_language(std::move(body.language));
                  message.set_conversation_hint(std::move(body.conversation_hint));
                  if (!body.business_account.empty()) {
                    message.set_account(
                        fmt::format("tenants/{}/accounts/{}", tenant, body.business_account));
                  }
                  return absl::OkStatus();
                };
                if (absl::Status status = prepare(); !status.ok())
                  return respond(http::ErrorResponse(status));
                ingest->respond = std::move(respond);
                SubmitIngest(std::move(ingest));
              });
}

void HttpApi::SubmitIngest(std::shared_ptr<Ingest> ingest) {
  in_.service.IngestMessage(ingest->call, ingest->request, &ingest->response,
                            [ingest](absl::Status status) {
                              if (!status.ok()) return ingest->respond(http::ErrorResponse(status));
                              const v1::Message& message = ingest->response.message();
                              Json json;
                              json["name"] = message.name();
                              json["customer"] = message.customer();
                              json["seq"] = message.sequence();
                              json["duplicate"] = ingest->response.duplicate();
                              http::Response response;
                              response.status = ingest->response.duplicate() ? 200 : 201;
                              response.body = json.dump();
                              ingest->respond(std::move(response));
                            });
}

// One poll for replies, until it is answered. Held by its timer, or by the look under way.
struct HttpApi::Poll {
  rpc::Call call;
  std::string account;  // resource name
  v1::ListMessagesRequest request;
  v1::ListMessagesResponse response;  // of the look under way
  Respond respond;
  absl::Duration wait;
  MessageFeed::Subscription subscription;

  std::mutex mu;
  bool looking = false;    // guarded by mu
  bool again = false;      // guarded by mu; woken while looking
  bool last_look = false;  // guarded by mu; the next look answers whatever it finds
  bool answered = false;   // guarded by mu
};

void HttpApi::GetMessages(const http::Request& request, Respond respond) {
  auto poll = std::make_shared<Poll>();
  std::string tenant;
  std::string account;
  std::string sender;
  const auto prepare = [&]() -> absl::Status {
    FD_ASSIGN_OR_RETURN(rpc::Caller caller, Authenticate(request));
    FD_ASSIGN_OR_RETURN(tenant, TenantOf(caller, request.Query("tenant")));
    account = request.Query("account");
    FD_RETURN_IF_ERROR(ValidateId(account, "account"));
    sender = request.Query("customer");
    if (sender.empty()) return InvalidField("customer", "is required");
    FD_ASSIGN_OR_RETURN(const int64_t after, NumberOf(request, "after", 0));
    FD_ASSIGN_OR_RETURN(const int64_t wait, NumberOf(request, "wait", 0));
    poll->wait = std::min(absl::Seconds(std::min<int64_t>(wait, 3600)), options_.poll_wait_max);
    poll->account = ChannelAccountName(tenant, account);
    poll->request.set_after_sequence(after);
    poll->request.set_page_size(kPollPageSize);
    poll->request.set_direction(v1::MESSAGE_DIRECTION_OUTBOUND);
    poll->call = NewCall(tenant, std::move(caller), "ListMessages");
    return absl::OkStatus();
  };
  if (absl::Status status = prepare(); !status.ok()) return respond(http::ErrorResponse(status));
  poll->respond = std::move(respond);
  in_.service.FindSender(
      tenant, account, sender, [this, poll](absl::StatusOr<std::string> customer) {
        if (!customer.ok()) return poll->respond(http::ErrorResponse(customer.status()));
        // Nobody of this name has written: there is nobody to wait for.
        if (customer->empty()) return Answer(poll, {});
        poll->request.set_parent(CustomerName(poll->call.tenant, *customer));
        poll->last_look = poll->wait <= absl::ZeroDuration();
        if (!poll->last_look) {
          // Before the first look, so that nothing falls between look and wait.
          poll->subscription = in_.feed.Subscribe(poll->call.tenant, *customer,
                                                  [this, weak = std::weak_ptr<Poll>(poll)] {
                                                    if (auto waiting = weak.lock()) Look(waiting);
                                                  });
          in_.after(poll->wait, [this, poll] {
            {
              const std::lock_guard lock(poll->mu);
              poll->last_look = true;
            }
            Look(poll);
          });
        }
        Look(poll);
      });
}

void HttpApi::Look(const std::shared_ptr<Poll>& poll) {
  {
    const std::lock_guard lock(poll->mu);
    if (poll->answered) return;
    if (poll->looking) {
      poll->again = true;
      return;
    }
    poll->looking = true;
  }
  poll->call.give_up_at = in_.service.clock().Steady() + kCallLife;
  poll->response.Clear();
  in_.service.ListMessages(
      poll->call, poll->request, &poll->response,
      [this, poll](absl::Status status) { OnLooked(poll, std::move(status)); });
}

void HttpApi::OnLooked(const std::shared_ptr<Poll>& poll, absl::Status status) {
  std::vector<const v1::Message*> replies;
  for (const v1::Message& message : poll->response.messages()) {
    const bool shown =
        message.channel_account() == poll->account && message.state() != v1::MESSAGE_STATE_FAILED;
    if (shown) replies.push_back(&message);
  }
  bool again = false;
  bool answered = false;
  {
    const std::lock_guard lock(poll->mu);
    poll->looking = false;
    again = std::exchange(poll->again, false);
    poll->answered = !status.ok() || !replies.empty() || (poll->last_look && !again);
    answered = poll->answered;
    if (!answered && !again) return;
  }
  if (!answered) return Look(poll);
  if (!status.ok()) return std::exchange(poll->respond, nullptr)(http::ErrorResponse(status));
  Answer(poll, replies);
}

void HttpApi::Answer(const std::shared_ptr<Poll>& poll,
                     const std::vector<const v1::Message*>& replies) {
  poll->subscription.Cancel();
  int64_t last = poll->request.after_sequence();
  std::string list;
  for (const v1::Message* message : replies) {
    if (!list.empty()) list += ",";
    list += MessageJson(*message, TextOf(*message, poll->response));
    last = message->sequence();
  }
  http::Response response;
  response.body = fmt::format(R"({{"customer":"{}","messages":[{}],"next_after":{}}})",
                              poll->request.parent(), list, last);
  response.headers = {{"Cache-Control", "no-store"}};
  if (!replies.empty()) {
    // Delivered is what was written; what was not is read again with the same `after`.
    response.on_written = [this, poll, last](bool written) {
      if (written) Acknowledge(*poll, last);
    };
  }
  std::exchange(poll->respond, nullptr)(std::move(response));
}

void HttpApi::Acknowledge(const Poll& poll, int64_t sequence) {
  struct Ack {
    rpc::Call call;
    v1::AcknowledgeMessagesRequest request;
    v1::AcknowledgeMessagesResponse response;
  };
  auto ack = std::make_shared<Ack>();
  ack->call = NewCall(poll.call.tenant, poll.call.caller, "AcknowledgeMessages");
  ack->request.set_parent(poll.request.parent());
  ack->request.set_channel_account(poll.account);
  ack->request.set_sequence(sequence);
  in_.service.AcknowledgeMessages(
      ack->call, ack->request, &ack->response,
      [ack, line = not_acknowledged_line_](const absl::Status& status) {
        if (status.ok()) return;
        const auto repeated = line->Pass(telemetry::StateOf(status), SystemClock().Steady());
        if (!repeated.has_value()) return;
        telemetry::Log(
            telemetry::Level::kWarn, "poll.not_acknowledged",
            {{"customer", ack->request.parent()}, {"error", status}, {"repeated", *repeated}});
      });
}

std::shared_ptr<http::WebSocketSession> HttpApi::OpenWebSocket(
    const http::Request& request, std::weak_ptr<http::WebSocketPeer> peer) {
  return std::make_shared<ChatSession>(
      ChatSession::Collaborators{in_.service, in_.feed, options_.chat_session_life},
      request.Query("tenant"), request.Query("account"), std::move(peer));
}

}  // namespace frontdesk::channel
