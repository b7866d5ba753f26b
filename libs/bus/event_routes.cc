#include "libs/bus/event_routes.h"

#include <fmt/core.h>

#include "libs/base/check.h"
#include "libs/base/error.h"

namespace frontdesk::bus {
namespace {

absl::Status Undecodable(const EventRoutes::Route& route, std::string_view what) {
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "EVENT_UNDECODABLE",
                            fmt::format("{}: {}", route.type, what)),
                      "topic", route.topic);
}

// Every event message has its payload in a oneof of this name (DESIGN section 4).
bool PayloadIs(const google::protobuf::Message& event, const std::string& type) {
  const auto* oneof = event.GetDescriptor()->FindOneofByName("payload");
  if (oneof == nullptr) return false;
  const auto* field = event.GetReflection()->GetOneofFieldDescriptor(event, oneof);
  return field != nullptr && field->message_type() != nullptr &&
         field->message_type()->full_name() == type;
}

}  // namespace

void EventRoutes::Add(Route route) {
  topics_.insert(route.topic);
  std::unique_ptr<Route>& place = routes_[route.topic][route.type];
  FD_CHECK(place == nullptr, "two routes for {}", route.type);
  place = std::make_unique<Route>(std::move(route));
}

const EventRoutes::Route* EventRoutes::Find(std::string_view topic, std::string_view type) const {
  const auto by_type = routes_.find(topic);
  if (by_type == routes_.end()) return nullptr;
  const auto route = by_type->second.find(type);
  return route == by_type->second.end() ? nullptr : route->second.get();
}

absl::StatusOr<std::shared_ptr<const google::protobuf::Message>> DecodeEvent(
    const EventRoutes::Route& route, std::string_view value) {
  std::shared_ptr<google::protobuf::Message> event = route.make();
  if (!event->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return Undecodable(route, "the value is no protobuf of this topic");
  }
  if (!PayloadIs(*event, route.type)) {
    return Undecodable(route, "the payload is not what the type says");
  }
  return std::shared_ptr<const google::protobuf::Message>(std::move(event));
}

}  // namespace frontdesk::bus
