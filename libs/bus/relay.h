#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/base/random.h"
#include "libs/bus/event_log.h"
#include "libs/store/committer.h"
#include "libs/telemetry/metrics.h"
#include "libs/telemetry/repeat_gate.h"

namespace frontdesk::bus {

// Publishes the outbox of one shard in order and trims what is durable on the bus. After any error
// it drops its publisher and begins again at the low-water mark, so that nothing can be published
// after something that was lost; consumers skip what they see twice. Owned by Shard. Step belongs
// to one thread and never blocks but for making a publisher and for the sync of the embedded log.
class Relay {
 public:
  struct Options {
    std::string service = "";
    uint32_t shard = 0;
    uint32_t shard_count = 1;
    size_t read_rows = 2000;
    absl::Duration backoff_min = absl::Milliseconds(100);
    absl::Duration backoff_max = absl::Seconds(5);
  };
  struct Collaborators {
    store::Committer& committer;
    EventLog& log;
    Clock& clock;
    RandomSource& random;
    telemetry::Metrics& metrics;
  };

  Relay(Collaborators collaborators, Options options);
  ~Relay();

  // False when there was nothing to do.
  bool Step(absl::Time now);
  // How long the caller may sleep unless work() is notified, at most `max`.
  absl::Duration UntilNext(absl::Duration max) const;
  Notifier& work() { return work_; }

  // True when everything committed so far is on the bus.
  bool Flushed() const;
  // The newest row of the outbox that is durable on the bus. Thread safe.
  uint64_t acknowledged() const { return acknowledged_.load(std::memory_order_acquire); }
  // Why it does not publish; OK when it does. Thread safe.
  absl::Status Health() const;
  // Age of the oldest event that waits; zero when none does. Thread safe.
  absl::Duration OutboxAge() const { return absl::Microseconds(age_us_.load()); }

 private:
  struct Metrics;
  // A part of the outbox that was read at once: its last row and the age of its first.
  struct Mark {
    uint64_t last_seq;
    absl::Time oldest;
  };

  absl::Status Fill();
  absl::Status Connect();
  absl::Status OfferBuffered(bool* moved);
  absl::Status TakeAcknowledged(bool* moved);
  void Fail(const absl::Status& status);
  void Observe(absl::Time now);

  Collaborators in_;
  Options options_;
  const std::string source_;  // ce_source of what it publishes
  Notifier work_;
  std::unique_ptr<Metrics> metrics_;

  // Step's thread only.
  std::unique_ptr<Publisher> publisher_;
  std::vector<store::Committer::OutboxEntry> rows_;  // read; offered up to next_
  size_t next_ = 0;
  uint64_t read_to_ = 0;  // newest row read from the outbox
  std::deque<Mark> marks_;
  absl::Duration backoff_;
  telemetry::RepeatGate stopped_line_;
  absl::Duration retry_at_ = absl::ZeroDuration();  // steady

  std::atomic<uint64_t> acknowledged_{0};  // durable on the bus up to here
  std::atomic<int64_t> age_us_{0};
  mutable std::mutex health_mu_;
  absl::Status health_;  // guarded by health_mu_
};

}  // namespace frontdesk::bus
