#pragma once

#include "libs/rpc/host.h"
#include "libs/rpc/service.h"
#include "services/dialog/dialog_service.h"
#include "services/dialog/intent_service.h"

namespace frontdesk::dialog {

// The gRPC surface: which method may be called by whom. `dialogs` and `intents` outlive it.
rpc::Service MakeDialogRpc(rpc::Host& host, DialogService& dialogs, IntentService& intents);

}  // namespace frontdesk::dialog
