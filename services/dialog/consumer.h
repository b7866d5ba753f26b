#pragma once

#include <memory>

#include "libs/bus/event_routes.h"
#include "services/dialog/conversation_edit.h"
#include "services/dialog/message_preparer.h"

namespace frontdesk::dialog {

// What dialog listens to. `scope` outlives the routes.
bus::EventRoutes MakeRoutes(const HandlerScope& scope, std::shared_ptr<MessagePreparer> preparer);

}  // namespace frontdesk::dialog
