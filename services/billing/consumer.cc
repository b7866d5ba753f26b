#include "services/billing/consumer.h"

#include "libs/base/status_macros.h"
#include "libs/base/topics.h"
#include "services/billing/domain/usage.h"
#include "services/billing/usage_handlers.h"

namespace frontdesk::billing {
namespace {

using channel::v1::ChannelEvent;
using dialog::v1::DialogEvent;

template <class Payload>
absl::Status Meter(const Metrics& metrics, const Payload& payload, const db::Context& ctx,
                   db::Txn& txn) {
  FD_ASSIGN_OR_RETURN(v1::Usage usage, UsageOf(ctx.tenant, payload, ctx.now));
  return RecordEventUsage(metrics, std::move(usage), ctx, txn);
}

}  // namespace

bus::EventRoutes MakeRoutes(const Metrics& metrics) {
  bus::EventRoutes routes;
  routes.On<ChannelEvent>(
      topics::kChannel, kFromReceived,
      [&metrics](const ChannelEvent& event, const bus::Prepared&, const db::Context& ctx,
                 db::Txn& txn) { return Meter(metrics, event.message_received(), ctx, txn); });
  routes.On<ChannelEvent>(
      topics::kChannel, kFromDelivered,
      [&metrics](const ChannelEvent& event, const bus::Prepared&, const db::Context& ctx,
                 db::Txn& txn) { return Meter(metrics, event.message_delivered(), ctx, txn); });
  routes.On<DialogEvent>(
      topics::kDialog, kFromResolved,
      [&metrics](const DialogEvent& event, const bus::Prepared&, const db::Context& ctx,
                 db::Txn& txn) {
        const dialog::v1::ConversationResolved& resolved = event.conversation_resolved();
        return resolved.bot_only() ? Meter(metrics, resolved, ctx, txn) : absl::OkStatus();
      });
  return routes;
}

}  // namespace frontdesk::billing
