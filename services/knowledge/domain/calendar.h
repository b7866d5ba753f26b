#pragma once

#include <cstdint>

#include "absl/time/time.h"

// Days and weeks in UTC, as numbers. What lies before 1970 is in the first one.
namespace frontdesk::knowledge {

// Days since 1 January 1970.
uint32_t DayOf(absl::Time time);
absl::Time StartOfDay(uint32_t day);
// Weeks since Monday, 5 January 1970; the four days before are in week 0.
uint32_t WeekOf(absl::Time time);
absl::Time StartOfWeek(uint32_t week);
bool IsSunday(uint32_t day);

}  // namespace frontdesk::knowledge
