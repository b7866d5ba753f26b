#pragma once

#include <functional>

#include "libs/store/committer.h"

namespace frontdesk::store {

// Turns due timers into commands, oldest first, at most one batch at a time, so catching up after
// a stop is bounded. Owned by bus::Shard; Step belongs to one thread.
class TimerScanner {
 public:
  // Fills method, handle and tenant of the command for a fired timer; runs on the scanning thread.
  using MakeCommand = std::function<void(const Timer&, Command&)>;
  struct Options {
    size_t batch_max = 256;
  };

  TimerScanner(Committer& committer, MakeCommand make_command, Options options);

  // Submits what is due. False when nothing was due, timers are paused, or the last batch is
  // still being handled.
  bool Step(absl::Time now);
  // How long until the next timer is due, at most `max`; `max` while timers are paused.
  absl::Duration UntilNext(absl::Time now, absl::Duration max) const;

 private:
  // Nothing would be taken: the clock has jumped, the disk or the outbox is full, a sync failed.
  bool Paused() const;

  Committer& committer_;
  MakeCommand make_command_;
  Options options_;
  std::shared_ptr<std::atomic<size_t>> in_flight_;
};

}  // namespace frontdesk::store
