#pragma once

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "libs/store/command.h"

// Timers of what is learnt from answers. Kinds are never reused; those of articles are below 20.
//   20  checks an answer threshold; subject "{tenant}"; one for each tenant that has calibrated
//   21  asks for the report on the topics of the day before; subject "{tenant}"; one for each tenant
namespace frontdesk::knowledge {

::frontdesk::store::Timer ThresholdTimer(std::string_view tenant, absl::Time due,
                                         uint64_t generation);
::frontdesk::store::Timer TopicsTimer(std::string_view tenant, absl::Time due, uint64_t generation);

// Fills the command for a fired timer; false when the kind is none of these.
bool MakeInsightCommand(const ::frontdesk::store::Timer& timer,
                        ::frontdesk::store::Command& command);

}  // namespace frontdesk::knowledge
