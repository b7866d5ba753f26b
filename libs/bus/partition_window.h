#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/bus/consumer_inbox.h"
#include "libs/bus/event_log.h"
#include "libs/bus/event_routes.h"
#include "libs/bus/prepare_pool.h"
#include "libs/bus/wire.h"
#include "libs/store/committer.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::bus {

// The records of one partition between the bus and the commit. Prepares up to a number ahead, never
// two of one key at once; submits in offset order; on a passing failure waits for every answer,
// backs off and submits again from the event that failed. Owned by the consumer, on whose thread it
// lives.
class PartitionWindow {
 public:
  struct Options {
    std::string topic;
    int32_t partition = 0;
    std::string bus_id;
    std::string topic_id;
    size_t index = 0;         // in the inbox
    uint64_t first_item = 1;  // other than in earlier windows: late results must not be mistaken
    size_t prepare_ahead_max = 64;
    size_t window_max = 512;
    size_t window_bytes_max = 4 << 20;
    absl::Duration prepare_deadline;
    absl::Duration backoff_min;
    absl::Duration backoff_max;
  };
  struct Metrics {
    telemetry::Counter handled, skipped, undecodable, unprepared, retried;
  };
  struct Collaborators {
    store::Committer& committer;
    const EventRoutes& routes;
    PreparePool& pool;
    Clock& clock;
    RandomSource& random;
    Metrics& metrics;
    std::shared_ptr<ConsumerInbox> inbox;
  };

  PartitionWindow(Collaborators collaborators, Options options,
                  store::Committer::Position position);

  const Options& options() const { return options_; }
  // How many more records fit.
  size_t Room() const;
  void Take(Record&& record);

  // Where the first record will be, when nothing was ever read: there is no other news of it while
  // none comes.
  void Start(int64_t first) { next_offset_ = std::max(next_offset_, first); }

  // Starts prepare steps and submits what is ready, as far as `budget` goes, which it lowers. False
  // when nothing moved.
  bool Advance(size_t* budget);
  void OnAnswer(uint64_t item, const absl::Status& status);
  void OnPrepared(const ConsumerInbox::Result& result);

  // Stops for good: until a person acts and a new window is made.
  void Stop(absl::Status reason);
  bool stopped() const { return !stop_reason_.ok(); }
  const absl::Status& stop_reason() const { return stop_reason_; }
  // Why it waits at the moment; OK when it does not.
  const absl::Status& wait_reason() const { return wait_reason_; }
  // Steady time at which Advance has something to do even if nobody answers.
  absl::Duration WakeAt() const;
  size_t in_flight() const { return in_flight_; }

  int64_t next_offset() const { return next_offset_; }
  uint64_t epoch() const { return epoch_; }
  uint64_t seq() const { return seq_; }

 private:
  struct Item {
    enum class State { kWaiting, kPreparing, kReady, kSubmitted, kDone };
    State state = State::kReady;
    uint32_t attempt = 0;  // of preparing
    uint64_t key_hash = 0;
    bool unprepared = false;
    absl::Duration deadline;  // of preparing, steady
    std::shared_ptr<const EventInfo> info;
    store::Delivery delivery;
    const EventRoutes::Route* route = nullptr;
    absl::Status undecodable;
    std::shared_ptr<const google::protobuf::Message> event;
    Prepared prepared;
  };

  Item* Find(uint64_t item);
  bool Prepare(absl::Duration now);
  bool StartPrepare(Item& item, uint64_t id, absl::Duration now);
  bool KeyBusyBefore(size_t index) const;
  bool Submit(size_t* budget);
  void SubmitItem(Item& item, uint64_t id);
  void PopDone();
  void BeginRetry(absl::Duration now);

  Collaborators in_;
  const Options options_;
  std::deque<Item> items_;
  uint64_t first_id_;     // of items_.front()
  size_t submitted_ = 0;  // items_ up to here are with the committer or done
  size_t in_flight_ = 0;
  size_t preparing_ = 0;
  size_t bytes_ = 0;
  int64_t next_offset_;
  uint64_t epoch_;
  uint64_t seq_;

  // Set by callbacks of refused commands before Submit returns, so that nothing is submitted behind
  // one that the committer never saw.
  std::shared_ptr<std::atomic<bool>> refused_ = std::make_shared<std::atomic<bool>>(false);
  bool retrying_ = false;
  absl::Duration backoff_;
  absl::Duration resume_at_ = absl::ZeroDuration();  // steady
  absl::Duration pool_retry_at_ = absl::InfiniteDuration();
  absl::Status wait_reason_;
  absl::Status stop_reason_;
};

}  // namespace frontdesk::bus
