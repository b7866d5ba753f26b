#pragma once

#include "libs/bus/event_routes.h"

namespace frontdesk::knowledge {

// What the service listens to: event type -> command.
// `propose`: articles are drafted from what was resolved; else those events are only passed by.
bus::EventRoutes MakeRoutes(bool propose);

}  // namespace frontdesk::knowledge
