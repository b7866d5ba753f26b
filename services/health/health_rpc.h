#pragma once

#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/health/health_service.h"

namespace frontdesk::health {

// The gRPC surface: which method is whose, and who may call it.
rpc::Service MakeHealthRpc(rpc::Host& host, HealthService& health);

}  // namespace frontdesk::health
