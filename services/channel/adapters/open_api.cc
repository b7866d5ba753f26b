#include "services/channel/adapters/open_api.h"

#include "services/channel/domain/message.h"
#include "services/channel/message_json.h"

namespace frontdesk::channel {

Adapter::Description OpenApiAdapter::describe() const {
  return {.kind = v1::CHANNEL_KIND_OPEN_API, .name = "open_api", .acknowledges = true};
}

Adapter::Limits OpenApiAdapter::limits() const { return {.text_bytes_max = kMaxTextBytes}; }

bool OpenApiAdapter::availability(const Outbound& outbound) {
  return feed_.HasListener(outbound.tenant, outbound.customer);
}

absl::StatusOr<std::string> OpenApiAdapter::render(const Outbound& outbound) const {
  return MessageJson(outbound.message, outbound.text);
}

void OpenApiAdapter::deliver(const Outbound& outbound, const std::string&, Done done) {
  feed_.Tell(outbound.tenant, outbound.customer);
  done({.kind = DeliveryOutcome::Kind::kWaiting});
}

}  // namespace frontdesk::channel
