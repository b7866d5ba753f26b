#pragma once

#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/ticket/ticket_service.h"

namespace frontdesk::ticket {

// The gRPC surface: which method is whose, and who may call it.
rpc::Service MakeTicketRpc(rpc::Host& host, TicketService& tickets);

}  // namespace frontdesk::ticket
