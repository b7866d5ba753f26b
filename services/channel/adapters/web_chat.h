#pragma once

#include "services/channel/adapters/adapter.h"
#include "services/channel/message_feed.h"

namespace frontdesk::channel {

// The chat page. Connections pull what they lack from the store in order, so that nothing is lost
// or doubled whatever drops: delivering is waking them, and a message is DELIVERED when the page
// acknowledges it. Never blocks.
class WebChatAdapter final : public Adapter {
 public:
  explicit WebChatAdapter(MessageFeed& feed) : feed_(feed) {}

  Description describe() const override;
  Limits limits() const override;
  bool availability(const Outbound& outbound) override;
  absl::StatusOr<std::string> render(const Outbound& outbound) const override;
  void deliver(const Outbound& outbound, const std::string& rendered, Done done) override;

 private:
  MessageFeed& feed_;
};

}  // namespace frontdesk::channel
