#pragma once

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "libs/store/command.h"
#include "libs/store/txn.h"
#include "services/billing/keys.h"
#include "services/billing/metrics.h"

// Timer kinds and the commands they become. Kinds are never reused.
//   1  a piece of the backlog is to be rated; subject "{tenant}"; one for each tenant
namespace frontdesk::billing {

db::Timer BacklogTimer(std::string_view tenant, absl::Time due, uint64_t generation);

// Fills method, tenant, actor, cause and handler of the command for a fired timer. `metrics`
// outlives it.
void MakeTimerCommand(const Metrics& metrics, const db::Timer& timer, db::Command& command);

}  // namespace frontdesk::billing
