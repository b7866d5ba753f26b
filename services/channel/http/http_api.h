#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/rpc/authenticator.h"
#include "libs/telemetry/repeat_gate.h"
#include "services/channel/channel_service.h"
#include "services/channel/message_feed.h"

namespace frontdesk::channel {

// A request as the server has read it, its limits checked.
struct HttpRequest {
  std::string method;
  std::string path;                            // decoded, without the query
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // Called once with whether all of it was written; may be null.
  absl::AnyInvocable<void(bool)> on_written;
};

// The routes of the HTTP port, free of sockets:
//   GET  /, /chat                          the chat page
//   POST /v1/messages                      a customer's message; Bearer token, role CHANNEL
//   GET  /v1/messages                      replies after a sequence, with a long poll
//   POST /v1/webhooks/{tenant}/{account}   a customer's message; Standard Webhooks signature
//   GET  /healthz
// (GET /v1/chat is the WebSocket and belongs to the server.) Owned by the App. Thread safe, never
// blocks. Errors are JSON: {"code", "reason", "message", "fields"}.
class HttpApi {
 public:
  struct Collaborators {
    ChannelService& service;
    MessageFeed& feed;
    rpc::Authenticator& authenticator;
    // OK, or why the service can't do its work.
    std::function<absl::Status()> ready;
    // Runs the task later, on any thread.
    std::function<void(absl::Duration, std::function<void()>)> after;
  };
  struct Options {
    absl::Duration poll_wait_max = absl::Seconds(25);
    // Of the chat page when its address names none.
    std::string chat_tenant = "demo";
    std::string chat_account = "web";
  };
  // Called once, on any thread.
  using Respond = absl::AnyInvocable<void(HttpResponse)>;

  HttpApi(Collaborators in, Options options) : in_(std::move(in)), options_(std::move(options)) {}

  void Handle(HttpRequest request, Respond respond);
  // Whether this page may open a chat: the account exists and its allowed origins name the page's.
  // Called once, on any thread.
  void CheckChat(const HttpRequest& request, absl::AnyInvocable<void(absl::Status)> done);

 private:
  struct Ingest;
  struct Poll;

  void Page(const HttpRequest& request, Respond respond);
  void PostMessage(const HttpRequest& request, Respond respond);
  void PostWebhook(HttpRequest request, const std::string& tenant, const std::string& account,
                   Respond respond);
  void SubmitIngest(std::shared_ptr<Ingest> ingest);
  void GetMessages(const HttpRequest& request, Respond respond);
  void Look(const std::shared_ptr<Poll>& poll);
  void OnLooked(const std::shared_ptr<Poll>& poll, absl::Status status);
  void Answer(const std::shared_ptr<Poll>& poll, const std::vector<const v1::Message*>& replies);
  void Acknowledge(const Poll& poll, int64_t sequence);
  void FindAccount(const std::string& tenant, const std::string& account,
                   absl::AnyInvocable<void(absl::StatusOr<v1::ChannelAccount>)> done);
  absl::StatusOr<rpc::Caller> Authenticate(const HttpRequest& request) const;
  // What messages need may not be there yet; a 404 would tell their sender to give up.
  absl::Status Loaded() const;
  rpc::Call NewCall(std::string tenant, rpc::Caller caller, std::string_view method) const;

  Collaborators in_;
  const Options options_;
  // Shared with answers that come when this is gone.
  const std::shared_ptr<telemetry::RepeatGate> not_acknowledged_line_ =
      std::make_shared<telemetry::RepeatGate>();
};

// Splits a target ("/v1/messages?after=3") and decodes it. INVALID_ARGUMENT when it is garbled.
absl::Status ParseTarget(std::string_view target, HttpRequest* request);
HttpResponse ErrorResponse(const absl::Status& status);

}  // namespace frontdesk::channel
