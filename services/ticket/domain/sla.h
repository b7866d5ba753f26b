#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "frontdesk/ticket/v1/ticket.pb.h"

// Service-level clocks as accounted time: a clock keeps what has elapsed up to `update_time` and,
// while it runs, what passes after it. Pauses cost nothing, a new target keeps what has elapsed.
//
// Callers settle a clock up to `now` before they change it at `now`, so that a mark that was
// reached before a change counts although nobody had looked.
namespace frontdesk::ticket {

v1::SlaClock StartClock(v1::ClockKind kind, absl::Duration target, absl::Time now);

// The time that counts against the target.
absl::Duration ElapsedAt(const v1::SlaClock& clock, absl::Time now);

// RUNNING to PAUSED; no effect in other states.
void PauseClock(v1::SlaClock& clock, std::string_view why, absl::Time now);
// PAUSED to RUNNING; no effect in other states.
void ResumeClock(v1::SlaClock& clock, absl::Time now);
// RUNNING or PAUSED to MET; a breach stays.
void MeetClock(v1::SlaClock& clock, absl::Time now);
// MET to RUNNING with what had elapsed; a breach stays.
void RestartClock(v1::SlaClock& clock, absl::Time now);
// Another target for a clock that is RUNNING or PAUSED; it may warn again.
void RetargetClock(v1::SlaClock& clock, absl::Duration target, absl::Time now);

// A mark that a clock has reached.
struct SlaMark {
  v1::ClockKind clock = v1::CLOCK_KIND_UNSPECIFIED;
  bool breach = false;       // else: warning
  absl::Time time;           // when it was reached
  absl::Duration remaining;  // warnings: from `time` to the breach
};

// When the next mark is reached if nothing changes; absl::InfiniteFuture() for none.
absl::Time NextMark(const v1::SlaClock& clock, int32_t warn_bps);

// Takes note of the mark that was reached up to `now`, if one was: a clock that has passed both
// breaches without a warning before it.
std::optional<SlaMark> SettleClock(v1::SlaClock& clock, int32_t warn_bps, absl::Time now);

}  // namespace frontdesk::ticket
