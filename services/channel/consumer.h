#pragma once

#include "libs/bus/event_routes.h"
#include "services/channel/message_handlers.h"

namespace frontdesk::channel {

// What channel listens to. `rules` must outlive the routes.
bus::EventRoutes MakeRoutes(const MessageRules& rules);

}  // namespace frontdesk::channel
