#include "libs/bus/kafka_subscription.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/thread_name.h"

namespace frontdesk::bus {
namespace {

constexpr int kServeWaitMs = 100;
constexpr int kWatermarkTimeoutMs = 2000;

Record ToRecord(const std::string& topic, const rd_kafka_message_t* message) {
  Record record;
  record.topic = topic;
  record.partition = message->partition;
  record.offset = message->offset;
  if (message->key != nullptr) {
    record.key.assign(static_cast<const char*>(message->key), message->key_len);
  }
  if (message->payload != nullptr) {
    record.value.assign(static_cast<const char*>(message->payload), message->len);
  }
  rd_kafka_timestamp_type_t type;
  const int64_t time_ms = rd_kafka_message_timestamp(message, &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.time = absl::FromUnixMillis(time_ms);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    record.headers.reserve(rd_kafka_header_cnt(headers));
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
    }
  }
  return record;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaSubscription>> KafkaSubscription::Open(
    const KafkaLog::Options& options, const Clock& clock, std::string_view name,
    std::vector<Assignment> assignments) {
  FD_ASSIGN_OR_RETURN(
      auto conf,
      MakeKafkaConf(options,
                    {// Needed for assign, but nothing is ever committed to the group: positions
                     // live in the store, beside the effects.
                     {"group.id", std::string(name)},
                     {"enable.auto.commit", "false"},
                     {"enable.auto.offset.store", "false"},
                     {"auto.offset.reset", "error"},
                     {"queued.max.messages.kbytes",
                      std::to_string(std::max<size_t>(1, options.partition_buffer_bytes >> 10))},
                     {"queued.min.messages", "10000"},
                     {"fetch.wait.max.ms", "250"},
                     {"fetch.error.backoff.ms", "100"}}));
  FD_ASSIGN_OR_RETURN(auto rk, MakeKafka(RD_KAFKA_CONSUMER, std::move(conf)));
  std::unique_ptr<KafkaSubscription> subscription(new KafkaSubscription(clock, std::move(rk)));
  FD_RETURN_IF_ERROR(subscription->Assign(std::move(assignments)));
  return subscription;
}

KafkaSubscription::KafkaSubscription(const Clock& clock, KafkaPtr<rd_kafka_t> rk)
    : clock_(clock), rk_(std::move(rk)), served_at_us_(absl::ToInt64Microseconds(clock.Steady())) {
  rd_kafka_poll_set_consumer(rk_.get());
}

absl::Status KafkaSubscription::Assign(std::vector<Assignment> assignments) {
  const KafkaPtr<rd_kafka_topic_partition_list_t> list(
      rd_kafka_topic_partition_list_new(static_cast<int>(assignments.size())));
  for (Assignment& assignment : assignments) {
    const char* topic = assignment.topic.c_str();
    const int64_t offset = assignment.offset;
    rd_kafka_topic_partition_list_add(list.get(), topic, assignment.partition)->offset =
        offset == kEarliestOffset ? RD_KAFKA_OFFSET_BEGINNING : offset;
    // Taken out of the common queue, so that a partition nobody polls holds up no other.
    KafkaPtr<rd_kafka_queue_t> queue(
        rd_kafka_queue_get_partition(rk_.get(), topic, assignment.partition));
    if (queue == nullptr) return absl::UnavailableError("no queue for the partition");
    rd_kafka_queue_forward(queue.get(), nullptr);
    rd_kafka_queue_cb_event_enable(queue.get(), &KafkaSubscription::Wake, this);
    partitions_.push_back({std::move(assignment), offset, std::move(queue), absl::OkStatus()});
  }
  const auto error = rd_kafka_assign(rk_.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError(error, "assign");
  server_ = std::thread([this] { Serve(); });
  return absl::OkStatus();
}

KafkaSubscription::~KafkaSubscription() {
  stop_ = true;
  if (server_.joinable()) server_.join();
  for (Partition& partition : partitions_) {
    rd_kafka_queue_cb_event_enable(partition.queue.get(), nullptr, nullptr);
  }
  partitions_.clear();
}

void KafkaSubscription::Serve() {
  telemetry::NameThread("fd-kafka-poll");
  while (!stop_.load()) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(rk_.get(), kServeWaitMs);
    served_at_us_.store(absl::ToInt64Microseconds(clock_.Steady()), std::memory_order_relaxed);
    if (message == nullptr) continue;
    // Records come by the partitions' own queues; here are only errors of the connection, from
    // which librdkafka recovers by itself.
    const auto repeated = error_line_.Pass(rd_kafka_err2name(message->err), clock_.Steady());
    if (repeated.has_value()) {
      telemetry::Log(telemetry::Level::kWarn, "kafka.subscription",
                     {{"error", rd_kafka_err2name(message->err)},
                      {"text", rd_kafka_message_errstr(message)},
                      {"repeated", *repeated}});
    }
    rd_kafka_message_destroy(message);
  }
}

void KafkaSubscription::Wake(rd_kafka_t*, void* self) {
  auto* subscription = static_cast<KafkaSubscription*>(self);
  const std::lock_guard lock(subscription->mu_);
  if (subscription->wake_) subscription->wake_();
}

void KafkaSubscription::OnReady(std::function<void()> wake) {
  const std::lock_guard lock(mu_);
  wake_ = std::move(wake);
  wake_();  // something may have come before
}

absl::StatusOr<std::vector<Record>> KafkaSubscription::Poll(size_t assignment, size_t max) {
  Partition& partition = partitions_[assignment];
  std::vector<Record> records;
  if (!partition.error.ok()) return partition.error;
  if (max == 0) return records;
  batch_.resize(max);
  const ssize_t count = rd_kafka_consume_batch_queue(partition.queue.get(), 0, batch_.data(), max);
  records.reserve(static_cast<size_t>(std::max<ssize_t>(0, count)));
  for (ssize_t i = 0; i < count; ++i) {
    rd_kafka_message_t* message = batch_[static_cast<size_t>(i)];
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && partition.error.ok()) {
      records.push_back(ToRecord(partition.assignment.topic, message));
      partition.next = message->offset + 1;
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && partition.error.ok()) {
      partition.error = Classify(partition, message);
    }
    rd_kafka_message_destroy(message);
  }
  if (records.empty() && !partition.error.ok()) return partition.error;
  return records;
}

absl::Status KafkaSubscription::Classify(const Partition& partition,
                                         const rd_kafka_message_t* message) {
  const std::string& topic = partition.assignment.topic;
  const int32_t number = partition.assignment.partition;
  if (message->err != RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET &&
      message->err != RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    // Also an unknown topic: a broker that has just started may not know it yet. Whoever
    // subscribes again compares the topic's identity first.
    return Error(absl::StatusCode::kUnavailable, "BUS_UNAVAILABLE",
                 fmt::format("{}/{}: {}", topic, number, rd_kafka_message_errstr(message)));
  }
  int64_t first = 0;
  int64_t end = 0;
  const auto error = rd_kafka_query_watermark_offsets(rk_.get(), topic.c_str(), number, &first,
                                                      &end, kWatermarkTimeoutMs);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && partition.next < first) {
    return WithMetadata(
        Error(absl::StatusCode::kDataLoss, "POSITION_OVERTAKEN",
              fmt::format("{}/{}: offset {} was removed by retention, the first one is {}", topic,
                          number, partition.next, first)),
        "topic", topic);
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && partition.next > end) {
    return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "BUS_MISMATCH",
                              fmt::format("{}/{}: offset {} is past the end {}", topic, number,
                                          partition.next, end)),
                        "topic", topic);
  }
  return Error(absl::StatusCode::kUnavailable, "BUS_UNAVAILABLE",
               fmt::format("{}/{}: {}", topic, number, rd_kafka_message_errstr(message)));
}

int64_t KafkaSubscription::EndOffset(size_t assignment) {
  const Partition& partition = partitions_[assignment];
  int64_t first = 0;
  int64_t end = 0;
  const auto error = rd_kafka_get_watermark_offsets(rk_.get(), partition.assignment.topic.c_str(),
                                                    partition.assignment.partition, &first, &end);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && end >= 0 ? end : -1;
}

int64_t KafkaSubscription::FirstOffset(size_t assignment) {
  const Assignment& asked = partitions_[assignment].assignment;
  int64_t first = 0;
  int64_t end = 0;
  const auto error = rd_kafka_query_watermark_offsets(
      rk_.get(), asked.topic.c_str(), asked.partition, &first, &end, kWatermarkTimeoutMs);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && first >= 0 ? first : -1;
}

absl::Duration KafkaSubscription::SinceLastPoll() const {
  return clock_.Steady() - absl::Microseconds(served_at_us_.load(std::memory_order_relaxed));
}

}  // namespace frontdesk::bus
