#pragma once

#include "libs/bus/event_routes.h"

namespace frontdesk::knowledge {

// What the service listens to: event type -> command.
bus::EventRoutes MakeRoutes();

}  // namespace frontdesk::knowledge
