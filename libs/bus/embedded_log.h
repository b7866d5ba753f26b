#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/bus/event_log.h"
#include "libs/store/environment.h"
#include "libs/store/raw_db.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::bus {

// The event log inside the process: a RocksDB directory of its own, for one machine. Publishers
// commit together: what waits when the disk is free goes in one batch with one sync. Owned by the
// process; no threads of its own (somebody calls Step for retention). Not for several processes.
class EmbeddedLog final : public EventLog {
 public:
  struct Options {
    std::string directory;
    bool create_if_missing = true;
    // Per partition; older records go first. Age comes from the topic's contract.
    uint64_t retention_bytes = 256 << 20;
    absl::Duration retention_interval = absl::Seconds(10);
    size_t retention_rows_per_step = 10'000;
    size_t publisher_buffer_bytes = 8 << 20;
  };
  struct Collaborators {
    store::Environment& environment;
    Clock& clock;
    RandomSource& random;
    telemetry::Metrics& metrics;
    // A sync failed: the process must exit.
    std::function<void(const absl::Status&)> on_fatal;
  };

  static absl::StatusOr<std::unique_ptr<EmbeddedLog>> Open(Collaborators collaborators,
                                                           Options options);
  ~EmbeddedLog() override;

  absl::StatusOr<std::string> Id() override { return id_; }
  absl::StatusOr<TopicInfo> Describe(std::string_view topic) override;
  absl::Status EnsureTopics(uint32_t shard_count) override;
  absl::StatusOr<std::unique_ptr<Publisher>> NewPublisher() override;
  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      std::string_view name, std::vector<Assignment> assignments) override;
  bool Step(absl::Time now) override;

  // For operators and tests.
  absl::Status CreateTopic(std::string_view topic, int partitions, absl::Duration retention);
  absl::Status DeleteTopic(std::string_view topic);
  absl::Status DeleteRecordsBefore(std::string_view topic, int32_t partition, int64_t offset);

  // For the simulation: gives the log up as a crash would.
  void Abandon();

 private:
  class EmbeddedPublisher;
  class EmbeddedSubscription;
  struct Partition;
  struct Topic;
  struct Append;
  struct Staging;

  EmbeddedLog(Collaborators collaborators, Options options);
  absl::Status Load();
  absl::Status LoadTopics();
  absl::Status LoadPartition(Partition& partition);
  std::shared_ptr<Topic> Find(std::string_view name) const;
  // Commits what all publishers have handed over so far, together. Blocks: one fsync.
  void Commit(const std::shared_ptr<Append>& append);
  void Write(const std::vector<std::shared_ptr<Append>>& appends);
  absl::Status Stage(const OutboundRecord& record, int64_t now_us, Staging& staging);
  absl::Status Trim(Partition& partition, int64_t first_offset, uint64_t bytes_before);
  // Removes what is too old or too much, looking at `rows_max` rows at most. True: there is more.
  absl::StatusOr<bool> Retain(const Topic& topic, Partition& partition, absl::Time now);
  std::vector<std::pair<std::shared_ptr<Topic>, size_t>> AllPartitions() const;

  Collaborators in_;
  Options options_;
  std::string id_;
  std::unique_ptr<store::RawDb> db_;
  telemetry::Histogram sync_seconds_;
  telemetry::Gauge bytes_;
  std::atomic<bool> failed_{false};

  mutable std::mutex topics_mu_;
  std::map<std::string, std::shared_ptr<Topic>, std::less<>> topics_;  // guarded by topics_mu_
  uint32_t next_topic_number_ = 1;                                     // guarded by topics_mu_

  std::mutex pending_mu_;
  std::vector<std::shared_ptr<Append>> pending_;  // guarded by pending_mu_
  std::mutex write_mu_;                           // held while a batch is written
  std::mutex readers_mu_;                         // guards the readers of all partitions

  // Thread of Step only.
  absl::Duration next_retention_;  // steady
  size_t retention_cursor_ = 0;
};

}  // namespace frontdesk::bus
