#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/clock.h"
#include "libs/bus/event_log.h"
#include "libs/bus/kafka_handle.h"
#include "libs/telemetry/repeat_gate.h"

namespace frontdesk::bus {

// Partitions read from positions of ours. Every partition has a queue of its own in librdkafka,
// which stops fetching when that queue is full; one thread serves the connection and never works.
class KafkaSubscription final : public Subscription {
 public:
  static absl::StatusOr<std::unique_ptr<KafkaSubscription>> Open(
      const KafkaLog::Options& options, const Clock& clock, std::string_view name,
      std::vector<Assignment> assignments);
  ~KafkaSubscription() override;

  absl::StatusOr<std::vector<Record>> Poll(size_t assignment, size_t max) override;
  int64_t EndOffset(size_t assignment) override;
  int64_t FirstOffset(size_t assignment) override;
  absl::Duration SinceLastPoll() const override;
  void OnReady(std::function<void()> wake) override;

 private:
  struct Partition {
    Assignment assignment;
    int64_t next;  // offset expected; kEarliestOffset until the first record
    KafkaPtr<rd_kafka_queue_t> queue;
    absl::Status error;
  };

  KafkaSubscription(const Clock& clock, KafkaPtr<rd_kafka_t> rk);
  absl::Status Assign(std::vector<Assignment> assignments);
  absl::Status Classify(const Partition& partition, const rd_kafka_message_t* message);
  void Serve();
  static void Wake(rd_kafka_t* rk, void* self);

  const Clock& clock_;
  telemetry::RepeatGate error_line_;  // of the thread that serves
  KafkaPtr<rd_kafka_t> rk_;
  std::vector<Partition> partitions_;
  std::vector<rd_kafka_message_t*> batch_;  // reused

  std::mutex mu_;
  std::function<void()> wake_;  // guarded by mu_
  std::atomic<int64_t> served_at_us_;
  std::atomic<bool> stop_{false};
  std::thread server_;
};

}  // namespace frontdesk::bus
