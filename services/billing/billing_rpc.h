#pragma once

#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/billing/billing_service.h"

namespace frontdesk::billing {

// The gRPC surface: which method is whose, and who may call it.
rpc::Service MakeBillingRpc(rpc::Host& host, BillingService& billing);

}  // namespace frontdesk::billing
