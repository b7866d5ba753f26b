#include "services/ticket/domain/sla.h"

#include <algorithm>
#include <string>

#include "services/ticket/domain/proto_time.h"

namespace frontdesk::ticket {
namespace {

constexpr int64_t kAllBps = 10'000;

absl::Duration Target(const v1::SlaClock& clock) { return FromProto(clock.target()); }

absl::Duration WarnMark(const v1::SlaClock& clock, int32_t warn_bps) {
  // Targets are at most 365 days, so this stays far below 2^63.
  return absl::Microseconds(absl::ToInt64Microseconds(Target(clock)) * warn_bps / kAllBps);
}

bool Counts(const v1::SlaClock& clock) {
  return clock.state() == v1::CLOCK_STATE_RUNNING || clock.state() == v1::CLOCK_STATE_PAUSED;
}

// When a running clock reaches `mark` of elapsed time: at once, when it has it already.
absl::Time TimeOf(const v1::SlaClock& clock, absl::Duration mark) {
  return FromProto(clock.update_time()) +
         std::max(absl::ZeroDuration(), mark - FromProto(clock.elapsed()));
}

void Account(v1::SlaClock& clock, absl::Time now) {
  ToProto(ElapsedAt(clock, now), clock.mutable_elapsed());
  ToProto(now, clock.mutable_update_time());
}

void Run(v1::SlaClock& clock) {
  clock.set_state(v1::CLOCK_STATE_RUNNING);
  ToProto(TimeOf(clock, Target(clock)), clock.mutable_due_time());
}

// Ends the pause of a paused clock, so that `update_time` may move on.
void EndPause(v1::SlaClock& clock, absl::Time now) {
  ToProto(FromProto(clock.paused_total()) + (Micros(now) - FromProto(clock.update_time())),
          clock.mutable_paused_total());
  clock.clear_pause_reason();
  ToProto(now, clock.mutable_update_time());
}

void Finish(v1::SlaClock& clock, v1::ClockState state, absl::Time time) {
  if (clock.state() == v1::CLOCK_STATE_PAUSED) {
    EndPause(clock, time);
  } else {
    Account(clock, time);
  }
  clock.set_state(state);
  clock.clear_due_time();
  ToProto(time, clock.mutable_final_time());
}

}  // namespace

v1::SlaClock StartClock(v1::ClockKind kind, absl::Duration target, absl::Time now) {
  v1::SlaClock clock;
  clock.set_kind(kind);
  ToProto(target, clock.mutable_target());
  ToProto(absl::ZeroDuration(), clock.mutable_elapsed());
  ToProto(now, clock.mutable_update_time());
  Run(clock);
  return clock;
}

absl::Duration ElapsedAt(const v1::SlaClock& clock, absl::Time now) {
  const absl::Duration elapsed = FromProto(clock.elapsed());
  if (clock.state() != v1::CLOCK_STATE_RUNNING) return elapsed;
  return elapsed + std::max(absl::ZeroDuration(), Micros(now) - FromProto(clock.update_time()));
}

void PauseClock(v1::SlaClock& clock, std::string_view why, absl::Time now) {
  if (clock.state() != v1::CLOCK_STATE_RUNNING) return;
  Account(clock, now);
  clock.set_state(v1::CLOCK_STATE_PAUSED);
  clock.set_pause_reason(std::string(why));
  clock.clear_due_time();
}

void ResumeClock(v1::SlaClock& clock, absl::Time now) {
  if (clock.state() != v1::CLOCK_STATE_PAUSED) return;
  EndPause(clock, now);
  Run(clock);
}

void MeetClock(v1::SlaClock& clock, absl::Time now) {
  if (Counts(clock)) Finish(clock, v1::CLOCK_STATE_MET, now);
}

void RestartClock(v1::SlaClock& clock, absl::Time now) {
  if (clock.state() != v1::CLOCK_STATE_MET) return;
  clock.clear_final_time();
  ToProto(now, clock.mutable_update_time());
  Run(clock);
}

void RetargetClock(v1::SlaClock& clock, absl::Duration target, absl::Time now) {
  if (!Counts(clock) || target == Target(clock)) return;
  ToProto(target, clock.mutable_target());
  clock.set_warned(false);
  if (clock.state() == v1::CLOCK_STATE_PAUSED) return;
  Account(clock, now);
  Run(clock);
}

absl::Time NextMark(const v1::SlaClock& clock, int32_t warn_bps) {
  if (clock.state() != v1::CLOCK_STATE_RUNNING) return absl::InfiniteFuture();
  return TimeOf(clock, clock.warned() ? Target(clock) : WarnMark(clock, warn_bps));
}

std::optional<SlaMark> SettleClock(v1::SlaClock& clock, int32_t warn_bps, absl::Time now) {
  if (!Counts(clock)) return std::nullopt;
  const absl::Duration elapsed = ElapsedAt(clock, now);
  const bool breach = elapsed >= Target(clock);
  if (!breach && (clock.warned() || elapsed < WarnMark(clock, warn_bps))) return std::nullopt;

  SlaMark mark;
  mark.clock = clock.kind();
  mark.breach = breach;
  // A paused clock can only have reached a mark because the mark was moved, just now.
  mark.time = clock.state() == v1::CLOCK_STATE_PAUSED
                  ? Micros(now)
                  : TimeOf(clock, breach ? Target(clock) : WarnMark(clock, warn_bps));
  mark.remaining =
      Target(clock) -
      (clock.state() == v1::CLOCK_STATE_PAUSED ? elapsed : ElapsedAt(clock, mark.time));
  clock.set_warned(true);
  if (breach) {
    mark.remaining = absl::ZeroDuration();
    Finish(clock, v1::CLOCK_STATE_BREACHED, mark.time);
  }
  return mark;
}

}  // namespace frontdesk::ticket
