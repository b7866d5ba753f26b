#include "services/dialog/events.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "libs/base/resource_name.h"
#include "libs/base/topics.h"
#include "services/dialog/domain/proto_time.h"
#include "services/dialog/domain/speaker.h"

namespace frontdesk::dialog {
namespace {

std::string PayloadType(const v1::DialogEvent& event) {
  const auto* payload = event.GetReflection()->GetOneofFieldDescriptor(
      event, event.GetDescriptor()->FindOneofByName("payload"));
  return payload == nullptr ? event.GetTypeName() : payload->message_type()->full_name();
}

}  // namespace

void AppendEvent(const ::frontdesk::store::Context& context, std::string_view customer,
                 std::string_view conversation, v1::DialogEvent event,
                 ::frontdesk::store::Txn& txn) {
  ::frontdesk::store::OutgoingEvent out;
  out.topic = topics::kDialog;
  out.key = fmt::format("{}/{}", context.tenant, customer.substr(customer.rfind('/') + 1));
  out.type = PayloadType(event);
  out.subject = conversation;
  out.id = context.NewId();
  out.tenant = context.tenant;
  out.correlation = conversation;
  common::v1::EventMetadata& metadata = *event.mutable_metadata();
  metadata.set_event_id(out.id);
  metadata.set_tenant(ResourceName({{"tenants", context.tenant}}));
  ToProto(context.now, metadata.mutable_time());
  const bool own = context.actor.empty() || context.actor == "system";
  metadata.set_actor(std::string(own ? kBotSpeaker : context.actor));
  metadata.set_cause(std::string(context.cause.substr(0, 128)));
  metadata.set_correlation(out.correlation);
  out.value = event.SerializeAsString();
  txn.Append(std::move(out));
}

}  // namespace frontdesk::dialog
