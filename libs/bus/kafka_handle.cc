#include "libs/bus/kafka_handle.h"

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"

namespace frontdesk::bus {
namespace {

// Threads of librdkafka call it. An error there is a warning here: it goes on by itself.
void LogLine(const rd_kafka_t* rk, int level, const char* facility, const char* text) {
  // That a property is called experimental is known and was decided.
  if (std::string_view(facility) == "CONFWARN") level = 7;
  const auto severity = level <= 4   ? telemetry::Level::kWarn
                        : level <= 6 ? telemetry::Level::kInfo
                                     : telemetry::Level::kDebug;
  telemetry::Log(
      severity, "kafka.client",
      {{"client", rk == nullptr ? "" : rd_kafka_name(rk)}, {"facility", facility}, {"text", text}});
}

absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char problem[256];
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), problem, sizeof(problem)) ==
      RD_KAFKA_CONF_OK) {
    return absl::OkStatus();
  }
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                            fmt::format("kafka property {}: {}", name, problem)),
                      "key", name);
}

}  // namespace

absl::StatusOr<KafkaPtr<rd_kafka_conf_t>> MakeKafkaConf(const KafkaLog::Options& options,
                                                        const KafkaProperties& properties) {
  KafkaPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), LogLine);
  const KafkaProperties common = {
      {"bootstrap.servers", options.brokers},
      {"client.id", "frontdesk"},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      // Back soon after a broker has been away; the default waits up to 10 s.
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      {"log.connection.close", "false"},
  };
  for (const auto* list : {&common, &properties, &options.properties}) {
    for (const auto& [name, value] : *list) FD_RETURN_IF_ERROR(Set(conf.get(), name, value));
  }
  return conf;
}

absl::StatusOr<KafkaPtr<rd_kafka_t>> MakeKafka(rd_kafka_type_t type,
                                               KafkaPtr<rd_kafka_conf_t> conf) {
  char problem[512];
  rd_kafka_t* rk = rd_kafka_new(type, conf.get(), problem, sizeof(problem));
  if (rk == nullptr) {
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG",
                 fmt::format("kafka client: {}", problem));
  }
  (void)conf.release();  // belongs to rk now
  return KafkaPtr<rd_kafka_t>(rk);
}

absl::Status KafkaError(rd_kafka_resp_err_t error, std::string_view what) {
  const std::string text = fmt::format("{}: {}", what, rd_kafka_err2str(error));
  switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Error(absl::StatusCode::kNotFound, "NOT_FOUND", text);
    default:
      return Error(absl::StatusCode::kUnavailable, "BUS_UNAVAILABLE", text);
  }
}

}  // namespace frontdesk::bus
