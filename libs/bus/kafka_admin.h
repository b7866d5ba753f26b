#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/bus/kafka_handle.h"

namespace frontdesk::bus {

// The administrative calls of the Kafka log. Thread safe; one call at a time; each blocks up to the
// request timeout.
class KafkaAdmin {
 public:
  static absl::StatusOr<std::unique_ptr<KafkaAdmin>> Open(const KafkaLog::Options& options);

  absl::StatusOr<std::string> ClusterId();
  // NOT_FOUND.
  absl::StatusOr<int> Partitions(const std::string& topic);
  // The mark that CreateTopic has left, or "unmarked".
  absl::StatusOr<std::string> Mark(const std::string& topic);
  // OK also when it exists. Waits until it can be used.
  absl::Status CreateTopic(const std::string& topic, int partitions, absl::Duration retention,
                           uint64_t mark);
  absl::Status DeleteTopic(const std::string& topic);
  absl::Status DeleteRecordsBefore(const std::string& topic, int32_t partition, int64_t offset);

 private:
  KafkaAdmin(const KafkaLog::Options& options, KafkaPtr<rd_kafka_t> rk)
      : options_(options), rk_(std::move(rk)), queue_(rd_kafka_queue_new(rk_.get())) {}
  int TimeoutMs() const {
    return static_cast<int>(absl::ToInt64Milliseconds(options_.request_timeout));
  }
  // Starts a request and waits for its result. Under mu_.
  absl::StatusOr<KafkaPtr<rd_kafka_event_t>> Call(
      rd_kafka_admin_op_t op, absl::FunctionRef<void(const rd_kafka_AdminOptions_t*)> start);

  const KafkaLog::Options options_;
  std::mutex mu_;
  KafkaPtr<rd_kafka_t> rk_;
  KafkaPtr<rd_kafka_queue_t> queue_;
};

}  // namespace frontdesk::bus
