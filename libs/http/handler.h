#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "libs/http/message.h"

namespace frontdesk::http {

// The other end of a WebSocket.
class WebSocketPeer {
 public:
  virtual ~WebSocketPeer() = default;
  virtual void Send(std::string frame) = 0;
  virtual void Close(std::string_view why) = 0;
  // Frames not yet written.
  virtual size_t queued() const = 0;
  // Runs it later on the strand; any thread.
  virtual void Post(absl::AnyInvocable<void()> task) = 0;
};

// Our end of it. All methods run on the peer's strand.
class WebSocketSession {
 public:
  virtual ~WebSocketSession() = default;
  virtual void OnFrame(std::string_view frame) = 0;
  // The peer's queue has run empty.
  virtual void OnDrained() = 0;
};

// What a server serves, free of sockets. Thread safe, never blocks; outlives the server's Stop.
class Handler {
 public:
  virtual ~Handler() = default;

  virtual void Handle(Request request, Respond respond) = 0;

  // The one path that speaks WebSocket; empty = none does.
  virtual std::string_view web_socket_path() const { return {}; }
  // Whether this request may open one. Called once, on any thread.
  virtual void CheckWebSocket(const Request&, absl::AnyInvocable<void(absl::Status)> done) {
    done(NoSuchPage("web socket"));
  }
  // After CheckWebSocket was OK, on the peer's strand.
  virtual std::shared_ptr<WebSocketSession> OpenWebSocket(const Request&,
                                                          std::weak_ptr<WebSocketPeer>) {
    return nullptr;
  }
};

}  // namespace frontdesk::http
