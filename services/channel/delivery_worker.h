#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/notifier.h"
#include "libs/bus/shard.h"
#include "services/channel/adapters/adapter.h"
#include "services/channel/key_vault.h"
#include "services/channel/message_handlers.h"

namespace frontdesk::channel {

// Hands committed outbound messages to the adapter of their channel account and commits the
// outcome. One customer's messages go one after the other, in order; a failed attempt is repeated
// with growing pauses until the message's expiry timer gives it up. At least once: after a crash
// between the attempt and its outcome the attempt is made again (adapters pass an idempotency key).
//
// What waits is in the store (kUndelivered); the queues here are a bounded picture of it, read
// again at the start and after an overflow. Owned by the App. Enqueue is thread safe and never
// blocks; Step belongs to one thread and may block on disk.
class DeliveryWorker {
 public:
  struct Collaborators {
    bus::ShardSet& shards;
    KeyVault& keys;
    Clock& clock;
    const ChannelMetrics& metrics;
  };
  struct Options {
    size_t queue_max = 10'000;
    absl::Duration retry_min = absl::Seconds(1);
    absl::Duration retry_max = absl::Minutes(5);
  };

  // Adapters outlive the worker.
  DeliveryWorker(Collaborators in, Options options, std::vector<Adapter*> adapters);

  void Enqueue(const StoredMessage& message);
  // One attempt, or a part of the scan. False when nothing is due.
  bool Step(absl::Time now);
  Notifier& work() { return work_; }

 private:
  // The messages of one customer that wait here.
  struct Lane {
    std::deque<StoredMessage> waiting;
    int attempts = 0;  // of the first one
  };
  enum class Attempt { kNext, kPending };

  Adapter* Find(v1::ChannelKind kind) const;
  bool TakeReady(std::string* lane, StoredMessage* message);
  bool ScanSome();
  void AddLocked(const StoredMessage& message);
  // kPending: the outcome comes through OnOutcome.
  Attempt TryDeliver(const std::string& lane, const StoredMessage& message);
  void OnOutcome(const std::string& lane, const StoredMessage& message, DeliveryOutcome outcome);
  void Commit(const std::string& lane, const StoredMessage& message,
              const DeliveryOutcome& outcome);
  void Next(const std::string& lane);
  void Retry(const std::string& lane, absl::Duration at_least);

  Collaborators in_;
  const Options options_;
  const std::vector<Adapter*> adapters_;
  Notifier work_;

  std::mutex mu_;
  // All guarded by mu_.
  absl::flat_hash_map<std::string, Lane> lanes_;
  std::deque<std::string> ready_;
  std::multimap<absl::Duration, std::string> later_;  // by the steady clock
  size_t queued_ = 0;
  size_t scan_shard_ = 0;  // next shard to scan; the number of shards: done
  std::string scan_after_;
};

}  // namespace frontdesk::channel
