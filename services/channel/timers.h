#pragma once

#include "libs/store/timer_scanner.h"

namespace frontdesk::channel {

// Turns a timer that fired into its command.
::frontdesk::store::TimerScanner::MakeCommand MakeTimerCommands();

}  // namespace frontdesk::channel
