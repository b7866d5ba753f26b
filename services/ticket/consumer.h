#pragma once

#include "libs/bus/event_routes.h"
#include "services/ticket/metrics.h"

namespace frontdesk::ticket {

// Which events the service listens to. `metrics` outlives the routes.
bus::EventRoutes MakeRoutes(const Metrics& metrics);

}  // namespace frontdesk::ticket
