#pragma once

#include "libs/bus/event_routes.h"
#include "services/billing/metrics.h"

namespace frontdesk::billing {

// Which events the service listens to. `metrics` outlives the routes.
bus::EventRoutes MakeRoutes(const Metrics& metrics);

}  // namespace frontdesk::billing
