#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/bus/kafka_log.h"

namespace frontdesk::bus {

// Ownership of librdkafka's objects, for the files of the Kafka log only.
struct KafkaDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_t* rk) const {
    // A consumer of ours is no member of a group: there is nothing to leave.
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};
template <class T>
using KafkaPtr = std::unique_ptr<T, KafkaDeleter>;

using KafkaProperties = std::vector<std::pair<std::string, std::string>>;

// What every client shares (brokers, logging), then `properties`, then those of the options.
// INVALID_ARGUMENT (INVALID_CONFIG).
absl::StatusOr<KafkaPtr<rd_kafka_conf_t>> MakeKafkaConf(const KafkaLog::Options& options,
                                                        const KafkaProperties& properties);

// Consumes the configuration.
absl::StatusOr<KafkaPtr<rd_kafka_t>> MakeKafka(rd_kafka_type_t type,
                                               KafkaPtr<rd_kafka_conf_t> conf);

// UNAVAILABLE (BUS_UNAVAILABLE); NOT_FOUND for an unknown topic or partition.
absl::Status KafkaError(rd_kafka_resp_err_t error, std::string_view what);

}  // namespace frontdesk::bus
