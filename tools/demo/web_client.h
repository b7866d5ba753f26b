#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

// A customer's side of the HTTP port. Everything blocks, with a deadline.
namespace frontdesk::demo {

struct WebCitation {
  std::string article_version;
  std::string title;
  std::string quote;
};

// A message as the HTTP port shows it: a frame of the chat, or an entry of GET /v1/messages.
struct WebMessage {
  int64_t seq = 0;
  std::string direction;  // "inbound", "outbound"
  std::string id;         // inbound: the sender's
  std::string text;
  std::string author;  // "customer", "bot", "agent", "system"
  std::string language;
  std::string conversation;
  std::vector<WebCitation> citations;
};

struct WebReply {
  int status = 0;
  std::string body;
};

// One request over a connection of its own. `token` is a bearer token, or empty.
absl::StatusOr<WebReply> WebRequest(const std::string& server, std::string_view method,
                                    const std::string& target, const std::string& token,
                                    const std::string& body,
                                    absl::Duration longest = absl::Seconds(10));

// What POST /v1/messages answers.
struct PostedMessage {
  int status = 0;
  std::string customer;
  int64_t seq = 0;
  bool duplicate = false;
};

// A customer of an OPEN_API channel account: POST and GET /v1/messages.
class ApiCustomer {
 public:
  ApiCustomer(std::string server, std::string token, std::string account, std::string customer)
      : server_(std::move(server)),
        token_(std::move(token)),
        account_(std::move(account)),
        customer_(std::move(customer)) {}

  absl::StatusOr<PostedMessage> Post(const std::string& message_id, const std::string& text);
  // The next messages after those seen so far, in order; waits for the first of them.
  absl::StatusOr<std::vector<WebMessage>> Poll(absl::Duration longest);
  // Asks without waiting whether there is anything.
  absl::StatusOr<std::vector<WebMessage>> Look();

 private:
  absl::StatusOr<std::vector<WebMessage>> Get(int wait_seconds);

  const std::string server_;
  const std::string token_;
  const std::string account_;
  const std::string customer_;
  int64_t after_ = 0;
};

// One frame of the server.
struct ChatFrame {
  std::string type;  // "welcome", "ack", "message", "error", "pong"
  WebMessage message;
  std::string id;            // ack, error
  int64_t seq = 0;           // ack
  bool duplicate = false;    // ack
  std::string customer;      // ack, welcome
  std::string resume_token;  // welcome
  std::string greeting;      // welcome
  int64_t last_seq = 0;      // welcome
  std::string reason;        // error
};

// A WebSocket of the chat page. An error closes it.
class ChatClient {
 public:
  // Connects and says hello; `resume_token` empty: as a new visitor. The frame is the welcome.
  static absl::StatusOr<std::unique_ptr<ChatClient>> Connect(const std::string& server,
                                                             const std::string& tenant,
                                                             const std::string& account,
                                                             const std::string& resume_token,
                                                             int64_t last_seq, ChatFrame* welcome);
  ~ChatClient();

  absl::Status SendMessage(const std::string& id, const std::string& text);
  absl::Status Acknowledge(int64_t seq);
  absl::Status SendRaw(const std::string& frame);
  absl::StatusOr<ChatFrame> Next(absl::Duration longest);
  // Cuts the connection without a word, as a train in a tunnel does.
  void Drop();

 private:
  class Impl;
  explicit ChatClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace frontdesk::demo
