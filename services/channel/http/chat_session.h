#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/http/handler.h"
#include "services/channel/channel_service.h"
#include "services/channel/http/resume_token.h"
#include "services/channel/message_feed.h"

namespace frontdesk::channel {

// One chat connection without its socket: frames in, frames out. JSON, one object a frame.
//   client: {"type":"hello","resume_token":"…","last_seq":7}   both may be left out
//           {"type":"message","id":"1 to 64 characters","text":"…"}
//           {"type":"ack","seq":9}                              everything up to 9 was shown
//           {"type":"ping"}
//   server: {"type":"welcome","resume_token","expires","customer","greeting","last_seq"}
//           {"type":"ack","id","seq","duplicate","customer"}    the message is stored
//           {"type":"message","seq","direction","id","text","author",…}
//           {"type":"error","id"?,"code","reason","message","fields"}   {"type":"pong"}
//
// What goes out is read from the store behind a cursor that only rises, whatever woke the session:
// after hello it starts at last_seq, so nothing is lost or sent twice. A message that this
// connection brought in is acknowledged and not sent back. Messages are read on only while the
// peer's queue is short. All methods run on the peer's strand.
class ChatSession final : public http::WebSocketSession,
                          public std::enable_shared_from_this<ChatSession> {
 public:
  using Peer = http::WebSocketPeer;
  struct Collaborators {
    ChannelService& service;
    MessageFeed& feed;
    absl::Duration session_life = absl::Hours(24 * 30);
  };

  ChatSession(Collaborators in, std::string tenant, std::string channel_account,
              std::weak_ptr<Peer> peer);

  void OnFrame(std::string_view frame) override;
  void OnDrained() override;

 private:
  template <class Request, class Response>
  struct Exchange {
    rpc::Call call;
    Request request;
    Response response;
  };
  struct Hello;
  struct Frame;

  void OnHello(const Frame& frame);
  void FinishHello(std::shared_ptr<Hello> hello);
  void OnMessage(const Frame& frame);
  void OnIngested(const std::string& id, const absl::Status& status,
                  const v1::IngestMessageResponse& response);
  void OnAck(int64_t sequence);
  void SendAcknowledgement();
  void KnowCustomer(const std::string& customer);
  // Reads and sends what comes after the cursor.
  void Pump();
  void OnPage(const absl::Status& status, const v1::ListMessagesResponse& page);
  void SendMessageFrame(const v1::Message& message, const v1::ListMessagesResponse& page);

  void Send(std::string frame);
  void Refuse(const absl::Status& status, std::string_view id = {});
  rpc::Call NewCall(std::string_view method) const;
  // Runs `task` on the strand if the session lives then.
  void Post(absl::AnyInvocable<void(ChatSession&)> task);

  Collaborators in_;
  const std::string tenant_;
  const std::string channel_account_;
  const std::weak_ptr<Peer> peer_;

  enum class State { kNew, kGreeting, kOpen };
  State state_ = State::kNew;
  std::string visitor_;
  std::string customer_;  // id; empty until somebody has written
  MessageFeed::Subscription subscription_;
  int64_t cursor_ = 0;  // everything up to it was sent or is not for this page
  bool pumping_ = false;
  bool pump_again_ = false;
  int ingesting_ = 0;
  absl::flat_hash_set<std::string> own_;  // channel message ids brought in by this connection
  int64_t acknowledged_ = 0;
  int64_t acknowledge_ = 0;  // the newest that was asked for
  bool acknowledging_ = false;
  int bad_frames_ = 0;
};

}  // namespace frontdesk::channel
