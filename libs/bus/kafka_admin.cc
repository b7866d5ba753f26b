#include "libs/bus/kafka_admin.h"

#include <chrono>
#include <string_view>
#include <thread>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"

namespace frontdesk::bus {
namespace {

constexpr const char* kMarkEntry = "flush.ms";
constexpr std::string_view kUnmarked = "unmarked";
constexpr absl::Duration kPropagationPoll = absl::Milliseconds(20);

absl::Status ResultError(const rd_kafka_topic_result_t* const* results, size_t count,
                         std::string_view what) {
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError(error, what);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaAdmin>> KafkaAdmin::Open(const KafkaLog::Options& options) {
  FD_ASSIGN_OR_RETURN(auto conf, MakeKafkaConf(options, {}));
  FD_ASSIGN_OR_RETURN(auto rk, MakeKafka(RD_KAFKA_PRODUCER, std::move(conf)));
  return std::unique_ptr<KafkaAdmin>(new KafkaAdmin(options, std::move(rk)));
}

absl::StatusOr<KafkaPtr<rd_kafka_event_t>> KafkaAdmin::Call(
    rd_kafka_admin_op_t op, absl::FunctionRef<void(const rd_kafka_AdminOptions_t*)> start) {
  rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(rk_.get(), op);
  char problem[256];
  rd_kafka_AdminOptions_set_request_timeout(options, TimeoutMs(), problem, sizeof(problem));
  start(options);
  rd_kafka_AdminOptions_destroy(options);
  // librdkafka answers each request by its own timeout at the latest.
  KafkaPtr<rd_kafka_event_t> event(rd_kafka_queue_poll(queue_.get(), -1));
  if (event == nullptr) return absl::UnavailableError("no answer from the broker");
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return KafkaError(error, rd_kafka_event_error_string(event.get()));
  }
  return event;
}

absl::StatusOr<std::string> KafkaAdmin::ClusterId() {
  const std::lock_guard lock(mu_);
  char* id = rd_kafka_clusterid(rk_.get(), TimeoutMs());
  if (id == nullptr) {
    return Error(absl::StatusCode::kUnavailable, "BUS_UNAVAILABLE",
                 fmt::format("no answer from {}", options_.brokers));
  }
  std::string result(id);
  rd_kafka_mem_free(rk_.get(), id);
  return result;
}

absl::StatusOr<int> KafkaAdmin::Partitions(const std::string& topic) {
  const std::lock_guard lock(mu_);
  const KafkaPtr<rd_kafka_topic_t> handle(rd_kafka_topic_new(rk_.get(), topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(rk_.get(), 0, handle.get(), &metadata, TimeoutMs());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return KafkaError(error, topic);
  absl::StatusOr<int> result = NotFound("topic", topic);
  if (metadata->topic_cnt == 1) {
    const rd_kafka_metadata_topic_t& found = metadata->topics[0];
    bool usable = found.err == RD_KAFKA_RESP_ERR_NO_ERROR && found.partition_cnt > 0;
    if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) result = KafkaError(found.err, topic);
    for (int i = 0; usable && i < found.partition_cnt; ++i) {
      if (found.partitions[i].leader >= 0) continue;
      usable = false;
      result = KafkaError(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, topic);
    }
    if (usable) result = found.partition_cnt;
  }
  rd_kafka_metadata_destroy(metadata);
  return result;
}

absl::StatusOr<std::string> KafkaAdmin::Mark(const std::string& topic) {
  const std::lock_guard lock(mu_);
  rd_kafka_ConfigResource_t* resource =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  auto event = Call(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, [&](const rd_kafka_AdminOptions_t* options) {
    rd_kafka_DescribeConfigs(rk_.get(), &resource, 1, options, queue_.get());
  });
  rd_kafka_ConfigResource_destroy(resource);
  if (!event.ok()) return event.status();
  size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(event->get());
  const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(result, &count);
  if (count != 1) return NotFound("topic", topic);
  if (const auto error = rd_kafka_ConfigResource_error(resources[0]);
      error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return KafkaError(error, topic);
  }
  const auto* const* entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (size_t i = 0; i < count; ++i) {
    if (std::string_view(rd_kafka_ConfigEntry_name(entries[i])) != kMarkEntry) continue;
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    const bool ours =
        rd_kafka_ConfigEntry_source(entries[i]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
    if (ours && value != nullptr) return std::string(value);
  }
  return std::string(kUnmarked);
}

absl::Status KafkaAdmin::CreateTopic(const std::string& topic, int partitions,
                                     absl::Duration retention, uint64_t mark) {
  {
    const std::lock_guard lock(mu_);
    char problem[256];
    rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(
        topic.c_str(), partitions, options_.replication_factor, problem, sizeof(problem));
    if (wanted == nullptr) return absl::InvalidArgumentError(problem);
    const std::string retention_ms = std::to_string(absl::ToInt64Milliseconds(retention));
    rd_kafka_NewTopic_set_config(wanted, "retention.ms", retention_ms.c_str());
    rd_kafka_NewTopic_set_config(wanted, "cleanup.policy", "delete");
    rd_kafka_NewTopic_set_config(wanted, kMarkEntry, std::to_string(mark).c_str());
    auto event = Call(RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](const rd_kafka_AdminOptions_t* options) {
      rd_kafka_CreateTopics(rk_.get(), &wanted, 1, options, queue_.get());
    });
    rd_kafka_NewTopic_destroy(wanted);
    if (!event.ok()) return event.status();
    size_t count = 0;
    const auto* const* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event->get()), &count);
    const bool exists = count == 1 && rd_kafka_topic_result_error(results[0]) ==
                                          RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS;
    if (!exists) FD_RETURN_IF_ERROR(ResultError(results, count, topic));
  }
  // The controller has made it; the broker learns of it a moment later.
  const absl::Time deadline = absl::Now() + options_.request_timeout;
  while (true) {
    const absl::Status status = Partitions(topic).status();
    if (status.ok() || absl::Now() > deadline) return status;
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(kPropagationPoll));
  }
}

absl::Status KafkaAdmin::DeleteTopic(const std::string& topic) {
  {
    const std::lock_guard lock(mu_);
    rd_kafka_DeleteTopic_t* wanted = rd_kafka_DeleteTopic_new(topic.c_str());
    auto event = Call(RD_KAFKA_ADMIN_OP_DELETETOPICS, [&](const rd_kafka_AdminOptions_t* options) {
      rd_kafka_DeleteTopics(rk_.get(), &wanted, 1, options, queue_.get());
    });
    rd_kafka_DeleteTopic_destroy(wanted);
    if (!event.ok()) return event.status();
    size_t count = 0;
    const auto* const* results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event->get()), &count);
    FD_RETURN_IF_ERROR(ResultError(results, count, topic));
  }
  const absl::Time deadline = absl::Now() + options_.request_timeout;
  while (true) {
    const auto left = Partitions(topic);
    if (left.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
    if (absl::Now() > deadline) return absl::UnavailableError("the topic is still there");
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(kPropagationPoll));
  }
}

absl::Status KafkaAdmin::DeleteRecordsBefore(const std::string& topic, int32_t partition,
                                             int64_t offset) {
  const std::lock_guard lock(mu_);
  const KafkaPtr<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(list.get());
  auto event = Call(RD_KAFKA_ADMIN_OP_DELETERECORDS, [&](const rd_kafka_AdminOptions_t* options) {
    rd_kafka_DeleteRecords(rk_.get(), &wanted, 1, options, queue_.get());
  });
  rd_kafka_DeleteRecords_destroy(wanted);
  if (!event.ok()) return event.status();
  const auto* offsets =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event->get()));
  for (int i = 0; i < offsets->cnt; ++i) {
    if (offsets->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return KafkaError(offsets->elems[i].err, topic);
    }
  }
  return absl::OkStatus();
}

}  // namespace frontdesk::bus
