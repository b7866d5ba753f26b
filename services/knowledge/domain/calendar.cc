#include "services/knowledge/domain/calendar.h"

#include <algorithm>

namespace frontdesk::knowledge {
namespace {

constexpr int64_t kDaySeconds = 24 * 60 * 60;
constexpr int64_t kFirstMonday = 4;

}  // namespace

uint32_t DayOf(absl::Time time) {
  return static_cast<uint32_t>(std::max<int64_t>(0, absl::ToUnixSeconds(time)) / kDaySeconds);
}

absl::Time StartOfDay(uint32_t day) { return absl::FromUnixSeconds(day * kDaySeconds); }

uint32_t WeekOf(absl::Time time) {
  return static_cast<uint32_t>(std::max<int64_t>(0, DayOf(time) - kFirstMonday) / 7);
}

absl::Time StartOfWeek(uint32_t week) {
  return absl::FromUnixSeconds((week * int64_t{7} + kFirstMonday) * kDaySeconds);
}

bool IsSunday(uint32_t day) { return day % 7 == 3; }

}  // namespace frontdesk::knowledge
