#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/health/metrics.h"
#include "services/health/names.h"

// Timer kinds and the commands they become. Kinds are never reused.
//   1  something that counts for an account becomes too old; subject "{tenant}/{account}"; one for
//      each account
namespace frontdesk::health {

::frontdesk::store::Timer DecayTimer(const AccountRef& ref, absl::Time due, uint64_t generation);

// Fills method, tenant, actor, cause and handler of the command for a fired timer. `metrics`
// outlives it.
void MakeTimerCommand(const Metrics& metrics, const ::frontdesk::store::Timer& timer,
                      ::frontdesk::store::Command& command);

}  // namespace frontdesk::health
