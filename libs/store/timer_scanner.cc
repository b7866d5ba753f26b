#include "libs/store/timer_scanner.h"

#include "libs/store/engine_keys.h"
#include "libs/store/shard_ledger.h"
#include "libs/telemetry/log.h"

namespace frontdesk::store {
namespace {

bool ParseTimerKey(std::string_view key, Timer* timer) {
  KeyReader fields(key);
  return fields.Read(&timer->due) && fields.Read(&timer->kind) && fields.Read(&timer->subject);
}

}  // namespace

TimerScanner::TimerScanner(Committer& committer, MakeCommand make_command, Options options)
    : committer_(committer),
      make_command_(std::move(make_command)),
      options_(options),
      in_flight_(std::make_shared<std::atomic<size_t>>(0)) {}

bool TimerScanner::Paused() const {
  return committer_.clock_jumped() || !committer_.CheckAccepting(Command()).ok();
}

bool TimerScanner::Step(absl::Time now) {
  if (*in_flight_ > 0 || Paused()) return false;
  const absl::Time floor = committer_.ledger_->BeginTimerScan();
  absl::Time next_floor = now;
  std::vector<Command> due;
  const absl::Status status = committer_.store().Read([&](const Reader& reader) {
    return reader.Scan(kTimers.Key(), kTimers.Key(floor),
                       [&](std::string_view key, std::string_view value) {
                         Timer timer;
                         auto row = kTimers.Parse(value);
                         if (!row.ok() || !ParseTimerKey(key, &timer)) return true;
                         if (due.empty()) next_floor = std::min(now, timer.due);
                         if (timer.due > now || due.size() >= options_.batch_max) return false;
                         timer.generation = row->generation();
                         Command command;
                         command.source = Command::Source::kTimer;
                         command.actor = "system";
                         make_command_(timer, command);
                         command.timer = std::move(timer);
                         due.push_back(std::move(command));
                         return true;
                       });
  });
  if (!status.ok()) {
    telemetry::Log(telemetry::Level::kError, "timers.unreadable", {{"error", status}});
    return false;
  }
  committer_.ledger_->RaiseTimerFloor(next_floor);
  if (due.empty()) return false;
  *in_flight_ = due.size();
  for (Command& command : due) {
    // What is refused here (queue full, stopping) is still in the store and is found again.
    command.done = [in_flight = in_flight_](const absl::Status&) { --*in_flight; };
    committer_.Submit(std::move(command));
  }
  return true;
}

absl::Duration TimerScanner::UntilNext(absl::Time now, absl::Duration max) const {
  if (Paused()) return max;
  absl::Duration wait = max;
  const absl::Time floor = committer_.ledger_->timer_floor();
  const absl::Status status = committer_.store().Read([&](const Reader& reader) {
    return reader.Scan(kTimers.Key(), kTimers.Key(floor),
                       [&](std::string_view key, std::string_view) {
                         Timer timer;
                         if (ParseTimerKey(key, &timer)) wait = std::min(max, timer.due - now);
                         return false;
                       });
  });
  if (!status.ok()) return max;
  return std::max(wait, absl::ZeroDuration());
}

}  // namespace frontdesk::store
