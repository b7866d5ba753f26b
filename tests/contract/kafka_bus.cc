#include <catch2/catch.hpp>

#include <string>

#include "libs/base/absl_interop.h"
#include "libs/base/random.h"
#include "libs/base/topics.h"
#include "libs/bus/kafka_log.h"
#include "tests/bus/kafka_broker.h"
#include "tests/contract/bus_under_test.h"

namespace frontdesk::contract {
namespace {

class KafkaBus final : public BusUnderTest {
 public:
  KafkaBus() {
    INFO("tools/kafka start must work: this suite proves nothing without a real broker");
    REQUIRE_FALSE(bus::testing::SharedBroker().address().empty());
    Reopen();
    for (const TopicSpec& spec : AllTopics()) {
      const absl::Status status = log_->DeleteTopic(spec.name);
      INFO(status);
      REQUIRE((status.ok() || status.code() == absl::StatusCode::kNotFound));
    }
    Reopen();
  }

  bus::EventLog& log() override { return *log_; }
  Clock& clock() override { return clock_; }
  absl::Status CreateTopic(std::string_view topic, int partitions) override {
    return log_->CreateTopic(topic, partitions, absl::Hours(24));
  }
  absl::Status DeleteTopic(std::string_view topic) override { return log_->DeleteTopic(topic); }
  absl::Status DeleteRecordsBefore(std::string_view topic, int32_t partition,
                                   int64_t offset) override {
    return log_->DeleteRecordsBefore(topic, partition, offset);
  }
  void Reopen() override {
    auto opened = bus::KafkaLog::Open(
        {clock_, random_, metrics_},
        {.brokers = bus::testing::SharedBroker().address(), .request_timeout = absl::Seconds(20)});
    INFO(opened.status());
    REQUIRE(opened.ok());
    log_ = *std::move(opened);
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  std::unique_ptr<bus::KafkaLog> log_;
};

}  // namespace

std::unique_ptr<BusUnderTest> MakeBus() { return std::make_unique<KafkaBus>(); }

}  // namespace frontdesk::contract
