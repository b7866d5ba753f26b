#include "services/channel/adapters/web_chat.h"

#include "services/channel/domain/message.h"
#include "services/channel/message_json.h"

namespace frontdesk::channel {

Adapter::Description WebChatAdapter::describe() const {
  return {.kind = v1::CHANNEL_KIND_WEB_CHAT, .name = "web_chat", .acknowledges = true};
}

Adapter::Limits WebChatAdapter::limits() const { return {.text_bytes_max = kMaxTextBytes}; }

bool WebChatAdapter::availability(const Outbound& outbound) {
  return feed_.HasListener(outbound.tenant, outbound.customer);
}

absl::StatusOr<std::string> WebChatAdapter::render(const Outbound& outbound) const {
  return MessageFrame(outbound.message, outbound.text);
}

void WebChatAdapter::deliver(const Outbound& outbound, const std::string&, Done done) {
  feed_.Tell(outbound.tenant, outbound.customer);
  done({.kind = DeliveryOutcome::Kind::kWaiting});
}

}  // namespace frontdesk::channel
