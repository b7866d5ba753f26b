#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/ticket/metrics.h"
#include "services/ticket/names.h"

// Timer kinds and the commands they become. Kinds are never reused.
//   1  the next mark of a ticket's clocks; subject "{tenant}/{ticket}"; one for each ticket
namespace frontdesk::ticket {

::frontdesk::store::Timer ClockTimer(const TicketRef& ref, absl::Time due, uint64_t generation);

// Fills method, tenant, actor, cause and handler of the command for a fired timer. `metrics`
// outlives it.
void MakeTimerCommand(const Metrics& metrics, const ::frontdesk::store::Timer& timer,
                      ::frontdesk::store::Command& command);

}  // namespace frontdesk::ticket
