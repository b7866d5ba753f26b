#pragma once

#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/dialog/dialog_service.h"

namespace frontdesk::dialog {

// The gRPC surface: which method may be called by whom. `dialogs` outlives it.
rpc::Service MakeDialogRpc(rpc::Host& host, DialogService& dialogs);

}  // namespace frontdesk::dialog
