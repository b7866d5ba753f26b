#pragma once

#include "libs/bus/event_routes.h"
#include "services/knowledge/gap_clusters.h"

namespace frontdesk::knowledge {

// What the service listens to: event type -> command. `clusters` outlives the routes. `propose`:
// articles are drafted from what was resolved; else that is passed by.
bus::EventRoutes MakeRoutes(GapClusters& clusters, bool propose);

}  // namespace frontdesk::knowledge
