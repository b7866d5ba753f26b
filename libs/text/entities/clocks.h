#pragma once

#include <cstddef>
#include <optional>

#include "absl/time/time.h"
#include "libs/text/entities/dates.h"
#include "libs/text/entities/tokens.h"

namespace frontdesk::text {

// A time of day as it was written.
struct ClockExpr {
  int hour = 0;  // 0 to 24
  int minute = 0;
  int second = 0;
  Grain grain = Grain::kHour;
  bool open = false;  // 1 to 12 without saying which half of the day
  bool bare = false;  // a lone number, a clock only by what stands around it
  std::optional<absl::Duration> offset = {};  // from UTC, "Z", "+08:00"
  size_t next = 0;
};

// The clock that starts at token `i`: "14:30", "2:30 pm", "3pm", "half past two", "quarter to six",
// "five o'clock", "noon", "三点半", "15点20分", "差五分三点", "十二点整". Pure.
std::optional<ClockExpr> ParseClock(const Tokens& tokens, size_t i);
// A lone hour ("3", "five") where the words around announce one. Pure.
std::optional<ClockExpr> ParseBareHour(const Tokens& tokens, size_t i);

struct DayPartExpr {
  DayPart part;
  size_t next;
};

// "下午", "早上", "in the morning", "at night", "afternoon". Pure.
std::optional<DayPartExpr> ParseDayPart(const Tokens& tokens, size_t i);

// The hour of the day (0 to 28: hours above 24 are of the next morning) that `clock` means beside
// `part`; without a part an open hour is taken in the afternoon from 1 to 6 and as written from 7 to
// 12.
struct HourOfDay {
  int hour;
  bool guessed;
};
HourOfDay ResolveHour(const ClockExpr& clock, std::optional<DayPart> part);

}  // namespace frontdesk::text
