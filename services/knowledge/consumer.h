#pragma once

#include "libs/bus/event_routes.h"
#include "services/knowledge/gap_clusters.h"

namespace frontdesk::knowledge {

// What the service listens to: event type -> command. `clusters` outlives the routes.
bus::EventRoutes MakeRoutes(GapClusters& clusters);

}  // namespace frontdesk::knowledge
