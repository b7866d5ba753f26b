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
#include "libs/http/handler.h"
#include "libs/rpc/authenticator.h"
#include "libs/telemetry/repeat_gate.h"
#include "services/channel/channel_service.h"
#include "services/channel/message_feed.h"

namespace frontdesk::channel {

// The routes of the HTTP port, free of sockets:
//   GET  /, /chat                          the chat page
//   POST /v1/messages                      a customer's message; Bearer token, role CHANNEL
//   GET  /v1/messages                      replies after a sequence, with a long poll
//   POST /v1/webhooks/{tenant}/{account}   a customer's message; Standard Webhooks signature
//   GET  /healthz
//   GET  /v1/chat                          the chat's WebSocket
// Owned by the App. Thread safe, never blocks. Errors are JSON: {"code", "reason", "message", "fields"}.
class HttpApi final : public http::Handler {
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
    absl::Duration chat_session_life = absl::Hours(24 * 30);
  };
  using Respond = http::Respond;

  HttpApi(Collaborators in, Options options) : in_(std::move(in)), options_(std::move(options)) {}

  void Handle(http::Request request, Respond respond) override;
  std::string_view web_socket_path() const override { return "/v1/chat"; }
  // Whether this page may open a chat: the account exists and its allowed origins name the page's.
  // Called once, on any thread.
  void CheckWebSocket(const http::Request& request,
                      absl::AnyInvocable<void(absl::Status)> done) override;
  std::shared_ptr<http::WebSocketSession> OpenWebSocket(
      const http::Request& request, std::weak_ptr<http::WebSocketPeer> peer) override;

 private:
  struct Ingest;
  struct Poll;

  void Page(const http::Request& request, Respond respond);
  void PostMessage(const http::Request& request, Respond respond);
  void PostWebhook(http::Request request, const std::string& tenant, const std::string& account,
                   Respond respond);
  void SubmitIngest(std::shared_ptr<Ingest> ingest);
  void GetMessages(const http::Request& request, Respond respond);
  void Look(const std::shared_ptr<Poll>& poll);
  void OnLooked(const std::shared_ptr<Poll>& poll, absl::Status status);
  void Answer(const std::shared_ptr<Poll>& poll, const std::vector<const v1::Message*>& replies);
  void Acknowledge(const Poll& poll, int64_t sequence);
  void FindAccount(const std::string& tenant, const std::string& account,
                   absl::AnyInvocable<void(absl::StatusOr<v1::ChannelAccount>)> done);
  absl::StatusOr<rpc::Caller> Authenticate(const http::Request& request) const;
  // What messages need may not be there yet; a 404 would tell their sender to give up.
  absl::Status Loaded() const;
  rpc::Call NewCall(std::string tenant, rpc::Caller caller, std::string_view method) const;

  Collaborators in_;
  const Options options_;
  // Shared with answers that come when this is gone.
  const std::shared_ptr<telemetry::RepeatGate> not_acknowledged_line_ =
      std::make_shared<telemetry::RepeatGate>();
};

}  // namespace frontdesk::channel
