#include "services/dialog/consumer.h"

#include <utility>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/topics.h"
#include "services/dialog/message_handlers.h"

namespace frontdesk::dialog {
namespace {

void PrepareMessage(MessagePreparer& preparer, const channel::v1::Message& message,
                    const std::string& tenant, absl::Duration deadline, bus::PrepareDone done) {
  auto customer = ParseMember(message.customer(), tenant, "customers", "message.customer");
  auto account =
      ParseMember(message.channel_account(), tenant, "channelAccounts", "message.channel_account");
  // The handler refuses it.
  if (!customer.ok() || !account.ok()) return done(bus::Prepared());
  preparer.Prepare(
      {TenantId(tenant), CustomerId(*std::move(customer)), *std::move(account), message.text(),
       message.language()},
      deadline, [done = std::move(done)](absl::StatusOr<PreparedMessage> prepared) mutable {
        done(prepared.ok() ? bus::Prepared::Of(*std::move(prepared)) : bus::Prepared());
      });
}

}  // namespace

bus::EventRoutes MakeRoutes(const HandlerScope& scope, std::shared_ptr<MessagePreparer> preparer) {
  bus::EventRoutes routes;
  routes.On<channel::v1::ChannelEvent>(
      topics::kChannel, "frontdesk.channel.v1.MessageReceived",
      [&scope](const channel::v1::ChannelEvent& event, const bus::Prepared& prepared,
               const engine::Context& ctx, engine::Txn& txn) {
        return TakeMessage(scope, event.message_received(), prepared.Get<PreparedMessage>(), ctx,
                           txn);
      },
      [preparer](std::shared_ptr<const channel::v1::ChannelEvent> event, const bus::EventInfo& info,
                 absl::Duration deadline, bus::PrepareDone done) {
        PrepareMessage(*preparer, event->message_received().message(), info.tenant, deadline,
                       std::move(done));
      });
  routes.On<ticket::v1::TicketEvent>(
      topics::kTicket, "frontdesk.ticket.v1.TicketCreated",
      [&scope](const ticket::v1::TicketEvent& event, const bus::Prepared&,
               const engine::Context& ctx,
               engine::Txn& txn) { return TakeTicket(scope, event.ticket_created(), ctx, txn); });
  return routes;
}

}  // namespace frontdesk::dialog
