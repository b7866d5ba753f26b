#pragma once

#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/dialog/conversation_edit.h"
#include "services/dialog/message_handlers.h"

namespace frontdesk::dialog {

// Turns a timer that fired into its command. `scope` and `ask_again` outlive the command.
void MakeTimerCommand(const HandlerScope& scope, const AskAgain& ask_again,
                      const engine::Timer& timer, engine::Command& command);

}  // namespace frontdesk::dialog
