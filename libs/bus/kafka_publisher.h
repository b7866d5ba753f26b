#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/base/clock.h"
#include "libs/bus/event_log.h"
#include "libs/bus/kafka_handle.h"
#include "libs/telemetry/repeat_gate.h"

namespace frontdesk::bus {

// An idempotent producer with a bounded buffer. The first delivery error or fatal error kills it;
// see Publisher. With a message timeout (tests only) it dies before librdkafka gives a record up:
// librdkafka would go on with later records of the partition at once, out of order, and its gapless
// guarantee does not cover that.
class KafkaPublisher final : public Publisher {
 public:
  static absl::StatusOr<std::unique_ptr<KafkaPublisher>> Open(const KafkaLog::Options& options);
  ~KafkaPublisher() override;

  bool Offer(OutboundRecord&& record, uint64_t seq) override;
  absl::StatusOr<uint64_t> Poll() override;
  void OnReady(std::function<void()> wake) override;

 private:
  struct InFlight {
    uint64_t seq;
    bool durable;
    absl::Duration offered;  // steady; only kept with a message timeout
  };

  // `patience`: how long a record may wait; 0 = as long as it takes.
  KafkaPublisher(KafkaPtr<rd_kafka_t> rk, absl::Duration patience);
  rd_kafka_topic_t* Handle(const std::string& topic);
  void TakeReports(rd_kafka_event_t* event);
  void TakeError(rd_kafka_event_t* event);
  static void Wake(rd_kafka_t* rk, void* self);

  KafkaPtr<rd_kafka_t> rk_;
  KafkaPtr<rd_kafka_queue_t> reports_;
  std::map<std::string, KafkaPtr<rd_kafka_topic_t>> topics_;
  std::deque<InFlight> in_flight_;  // in the order offered; a record's opaque is its ordinal
  uint64_t first_ordinal_ = 1;      // of in_flight_.front()
  uint64_t acknowledged_ = 0;
  const absl::Duration patience_;
  SystemClock clock_;
  telemetry::RepeatGate error_line_;
  absl::Status dead_;

  std::mutex mu_;
  std::function<void()> wake_;  // guarded by mu_
};

}  // namespace frontdesk::bus
