#include "services/channel/events.h"

#include <utility>

#include <fmt/core.h>

#include "frontdesk/channel/v1/channel_events.pb.h"
#include "libs/base/topics.h"
#include "services/channel/domain/names.h"
#include "services/channel/domain/version.h"

namespace frontdesk::channel {
namespace {

// `customer` and `subject` are resource names; the key is what needs order: one customer.
void Emit(v1::ChannelEvent& event, const google::protobuf::Message& payload,
          std::string_view customer, std::string_view subject, std::string_view correlation,
          const db::Context& ctx, db::Txn& txn) {
  common::v1::EventMetadata& metadata = *event.mutable_metadata();
  metadata.set_event_id(ctx.NewId());
  metadata.set_tenant(TenantName(ctx.tenant));
  *metadata.mutable_time() = ToTimestamp(ctx.now);
  metadata.set_actor(std::string(ctx.actor));
  metadata.set_cause(std::string(ctx.cause));
  metadata.set_correlation(std::string(correlation));

  db::OutgoingEvent out;
  out.topic = topics::kChannel;
  out.key = fmt::format("{}/{}", ctx.tenant, customer.substr(customer.rfind('/') + 1));
  out.type = payload.GetDescriptor()->full_name();
  out.subject = subject;
  out.id = metadata.event_id();
  out.tenant = ctx.tenant;
  out.correlation = correlation;
  out.value = event.SerializeAsString();
  txn.Append(std::move(out));
}

}  // namespace

void EmitMessageReceived(const records::MessageRecord& record, const db::Context& ctx,
                         db::Txn& txn) {
  v1::ChannelEvent event;
  v1::MessageReceived& payload = *event.mutable_message_received();
  const v1::Message& message = record.message();
  *payload.mutable_message() = message;
  payload.set_customer(message.customer());
  payload.set_account(message.account());
  payload.set_channel_account(message.channel_account());
  payload.set_conversation_hint(record.conversation_hint());
  Emit(event, payload, message.customer(), message.name(), message.conversation(), ctx, txn);
}

void EmitMessageDelivered(const v1::Message& message, const db::Context& ctx, db::Txn& txn) {
  v1::ChannelEvent event;
  v1::MessageDelivered& payload = *event.mutable_message_delivered();
  *payload.mutable_message() = message;
  payload.set_customer(message.customer());
  payload.set_account(message.account());
  payload.set_conversation(message.conversation());
  Emit(event, payload, message.customer(), message.name(), message.conversation(), ctx, txn);
}

void EmitMessageFailed(const v1::Message& message, const db::Context& ctx, db::Txn& txn) {
  v1::ChannelEvent event;
  v1::MessageFailed& payload = *event.mutable_message_failed();
  *payload.mutable_message() = message;
  payload.set_customer(message.customer());
  payload.set_account(message.account());
  payload.set_conversation(message.conversation());
  payload.set_reason(message.failure_reason());
  Emit(event, payload, message.customer(), message.name(), message.conversation(), ctx, txn);
}

void EmitIdentityLinked(const v1::Customer& customer, const v1::Identity& identity,
                        const db::Context& ctx, db::Txn& txn) {
  v1::ChannelEvent event;
  v1::IdentityLinked& payload = *event.mutable_identity_linked();
  payload.set_customer(customer.name());
  *payload.mutable_identity() = identity;
  payload.set_account(customer.account());
  Emit(event, payload, customer.name(), customer.name(), {}, ctx, txn);
}

void EmitIdentityUnlinked(const v1::Customer& customer, const v1::Identity& identity,
                          const db::Context& ctx, db::Txn& txn) {
  v1::ChannelEvent event;
  v1::IdentityUnlinked& payload = *event.mutable_identity_unlinked();
  payload.set_customer(customer.name());
  *payload.mutable_identity() = identity;
  payload.set_account(customer.account());
  Emit(event, payload, customer.name(), customer.name(), {}, ctx, txn);
}

}  // namespace frontdesk::channel
