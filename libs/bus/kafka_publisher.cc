#include "libs/bus/kafka_publisher.h"

#include <utility>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"

namespace frontdesk::bus {

absl::StatusOr<std::unique_ptr<KafkaPublisher>> KafkaPublisher::Open(
    const KafkaLog::Options& options) {
  const auto ms = [](absl::Duration d) { return std::to_string(absl::ToInt64Milliseconds(d)); };
  FD_ASSIGN_OR_RETURN(
      auto conf,
      MakeKafkaConf(
          options,
          {{"enable.idempotence", "true"},
           {"enable.gapless.guarantee", "true"},
           {"acks", "all"},
           {"message.timeout.ms", ms(options.message_timeout)},
           {"linger.ms", ms(options.linger)},
           {"queue.buffering.max.messages", std::to_string(options.publisher_records_max)},
           {"queue.buffering.max.kbytes", std::to_string(options.publisher_bytes_max >> 10)}}));
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  FD_ASSIGN_OR_RETURN(auto rk, MakeKafka(RD_KAFKA_PRODUCER, std::move(conf)));
  return std::unique_ptr<KafkaPublisher>(
      new KafkaPublisher(std::move(rk), options.message_timeout / 2));
}

KafkaPublisher::KafkaPublisher(KafkaPtr<rd_kafka_t> rk, absl::Duration patience)
    : rk_(std::move(rk)), reports_(rd_kafka_queue_get_main(rk_.get())), patience_(patience) {
  rd_kafka_queue_cb_event_enable(reports_.get(), &KafkaPublisher::Wake, this);
}

KafkaPublisher::~KafkaPublisher() {
  rd_kafka_queue_cb_event_enable(reports_.get(), nullptr, nullptr);
  // What is not acknowledged is offered to the next publisher.
  rd_kafka_purge(rk_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  topics_.clear();
  reports_.reset();
}

void KafkaPublisher::OnReady(std::function<void()> wake) {
  const std::lock_guard lock(mu_);
  wake_ = std::move(wake);
}

void KafkaPublisher::Wake(rd_kafka_t*, void* self) {
  auto* publisher = static_cast<KafkaPublisher*>(self);
  const std::lock_guard lock(publisher->mu_);
  if (publisher->wake_) publisher->wake_();
}

rd_kafka_topic_t* KafkaPublisher::Handle(const std::string& topic) {
  auto& handle = topics_[topic];
  if (handle == nullptr) {
    handle.reset(rd_kafka_topic_new(rk_.get(), topic.c_str(), nullptr));
  }
  return handle.get();
}

bool KafkaPublisher::Offer(OutboundRecord&& record, uint64_t seq) {
  if (!dead_.ok()) return false;
  KafkaPtr<rd_kafka_headers_t> headers(rd_kafka_headers_new(record.headers.size()));
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  const uint64_t ordinal = first_ordinal_ + in_flight_.size();
  const auto error = rd_kafka_producev(
      rk_.get(), RD_KAFKA_V_RKT(Handle(record.topic)), RD_KAFKA_V_PARTITION(record.partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
      RD_KAFKA_V_VALUE(record.value.data(), record.value.size()), RD_KAFKA_V_HEADERS(headers.get()),
      RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(ordinal)), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    dead_ = KafkaError(error, record.topic);
    return false;
  }
  (void)headers.release();  // belongs to the message now
  const bool timed = patience_ > absl::ZeroDuration();
  in_flight_.push_back({seq, false, timed ? clock_.Steady() : absl::ZeroDuration()});
  return true;
}

absl::StatusOr<uint64_t> KafkaPublisher::Poll() {
  while (dead_.ok()) {
    const KafkaPtr<rd_kafka_event_t> event(rd_kafka_queue_poll(reports_.get(), 0));
    if (event == nullptr) break;
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_DR:
        TakeReports(event.get());
        break;
      case RD_KAFKA_EVENT_ERROR:
        TakeError(event.get());
        break;
      default:
        break;
    }
  }
  if (dead_.ok() && patience_ > absl::ZeroDuration() && !in_flight_.empty() &&
      clock_.Steady() - in_flight_.front().offered > patience_) {
    dead_ = absl::UnavailableError("a record waits for half of the message timeout");
  }
  if (!dead_.ok()) return dead_;
  return acknowledged_;
}

void KafkaPublisher::TakeReports(rd_kafka_event_t* event) {
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (dead_.ok()) {
        dead_ = KafkaError(message->err, fmt::format("{}/{}", rd_kafka_topic_name(message->rkt),
                                                     message->partition));
      }
      continue;
    }
    const auto ordinal = reinterpret_cast<uint64_t>(message->_private);
    if (ordinal >= first_ordinal_ && ordinal - first_ordinal_ < in_flight_.size()) {
      in_flight_[ordinal - first_ordinal_].durable = true;
    }
  }
  // Partitions are acknowledged independently: only what has no gap before it counts.
  while (!in_flight_.empty() && in_flight_.front().durable) {
    acknowledged_ = in_flight_.front().seq;
    in_flight_.pop_front();
    ++first_ordinal_;
  }
}

void KafkaPublisher::TakeError(rd_kafka_event_t* event) {
  const auto error = rd_kafka_event_error(event);
  if (rd_kafka_event_error_is_fatal(event)) {
    dead_ = KafkaError(error, rd_kafka_event_error_string(event));
    return;
  }
  // A broker that is away comes back; nothing is given up for it.
  const auto repeated = error_line_.Pass(rd_kafka_err2name(error), clock_.Steady());
  if (!repeated.has_value()) return;
  telemetry::Log(telemetry::Level::kWarn, "kafka.publisher",
                 {{"error", rd_kafka_err2name(error)},
                  {"text", rd_kafka_event_error_string(event)},
                  {"repeated", *repeated}});
}

}  // namespace frontdesk::bus
