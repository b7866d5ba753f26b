#pragma once

#include "services/channel/adapters/adapter.h"
#include "services/channel/message_feed.h"

namespace frontdesk::channel {

// The customer's own system reads its replies: GET /v1/messages (DELIVERED once the response was
// written) or ListMessages and AcknowledgeMessages. Delivering is waking a long poll. Never blocks.
class OpenApiAdapter final : public Adapter {
 public:
  explicit OpenApiAdapter(MessageFeed& feed) : feed_(feed) {}

  Description describe() const override;
  Limits limits() const override;
  bool availability(const Outbound& outbound) override;
  absl::StatusOr<std::string> render(const Outbound& outbound) const override;
  void deliver(const Outbound& outbound, const std::string& rendered, Done done) override;

 private:
  MessageFeed& feed_;
};

}  // namespace frontdesk::channel
