#pragma once

#include "libs/bus/event_routes.h"
#include "services/health/metrics.h"

namespace frontdesk::health {

// Which events the service listens to; what each does to a score is the table in domain/signals.cc.
// `metrics` outlives the routes.
bus::EventRoutes MakeRoutes(const Metrics& metrics);

}  // namespace frontdesk::health
