#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/bus/event_log.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::bus {

class KafkaAdmin;

// Apache Kafka through librdkafka. Opening never waits for the broker: while it is away every call
// answers UNAVAILABLE. Owned by the process.
//
// Identity of a topic: librdkafka 2.0 does not show Kafka's topic ids, so a topic of ours carries a
// random number in its own configuration entry `flush.ms` (so large that it means "never", as the
// default does). It dies with the topic; a topic made again, by us or by hand, has another one.
class KafkaLog final : public EventLog {
 public:
  struct Options {
    std::string brokers;                                // host:port,host:port
    int replication_factor = -1;                        // of topics made here; -1: the broker's
    absl::Duration request_timeout = absl::Seconds(5);  // of administrative calls
    absl::Duration linger = absl::Milliseconds(2);
    size_t publisher_records_max = 50'000;  // in flight and waiting, per publisher
    size_t publisher_bytes_max = 64 << 20;
    size_t partition_buffer_bytes = 2 << 20;  // read ahead, per partition
    // 0: never give a record up. Anything else is for tests: librdkafka then fails records locally.
    absl::Duration message_timeout = absl::ZeroDuration();
    // Passed to librdkafka as they are: security.protocol, sasl.*, ssl.*, debug.
    std::vector<std::pair<std::string, std::string>> properties = {};
  };
  struct Collaborators {
    Clock& clock;
    RandomSource& random;
    telemetry::Metrics& metrics;
  };

  // INVALID_ARGUMENT (INVALID_CONFIG).
  static absl::StatusOr<std::unique_ptr<KafkaLog>> Open(Collaborators collaborators,
                                                        Options options);
  ~KafkaLog() override;

  absl::StatusOr<std::string> Id() override;
  absl::StatusOr<TopicInfo> Describe(std::string_view topic) override;
  absl::Status EnsureTopics(uint32_t shard_count) override;
  absl::StatusOr<std::unique_ptr<Publisher>> NewPublisher() override;
  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      std::string_view name, std::vector<Assignment> assignments) override;
  bool Step(absl::Time) override { return false; }

  // For operators and tests.
  absl::Status CreateTopic(std::string_view topic, int partitions, absl::Duration retention);
  absl::Status DeleteTopic(std::string_view topic);
  absl::Status DeleteRecordsBefore(std::string_view topic, int32_t partition, int64_t offset);

 private:
  KafkaLog(Collaborators collaborators, Options options, std::unique_ptr<KafkaAdmin> admin);
  absl::Status CompareTopics(uint32_t shard_count);

  Collaborators in_;
  Options options_;
  std::unique_ptr<KafkaAdmin> admin_;
  std::mutex mu_;
  std::string id_;  // guarded by mu_; empty until the broker was reached
  std::mutex ensure_mu_;
  uint32_t ensured_shards_ = 0;                            // guarded by ensure_mu_
  absl::Status ensure_error_;                              // guarded by ensure_mu_
  absl::Duration ensure_again_at_ = absl::ZeroDuration();  // guarded by ensure_mu_; steady
};

}  // namespace frontdesk::bus
