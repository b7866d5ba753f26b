#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "libs/base/absl_interop.h"
#include "libs/base/notifier.h"
#include "libs/base/topics.h"
#include "libs/bus/kafka_log.h"
#include "tests/bus/kafka_broker.h"
#include "tests/bus/service_pair.h"

using namespace frontdesk;
using namespace frontdesk::bus;
using frontdesk::bus::testing::KafkaBroker;
using frontdesk::bus::testing::ServicePair;
using frontdesk::bus::testing::SharedBroker;

namespace {

struct Fixture {
  KafkaBroker& broker = SharedBroker();
  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  std::unique_ptr<KafkaLog> log;

  void Connect(absl::Duration message_timeout) {
    INFO("tools/kafka start must work");
    REQUIRE_FALSE(broker.address().empty());
    auto opened = KafkaLog::Open({clock, random, metrics},
                                 {.brokers = broker.address(), .message_timeout = message_timeout});
    REQUIRE(opened.ok());
    log = *std::move(opened);
    for (const TopicSpec& spec : AllTopics()) (void)log->DeleteTopic(spec.name);
  }
  static void Wait() {
    Notifier never;
    never.WaitFor(absl::Milliseconds(2));
  }
  static void Publish(ServicePair& pair, int from, int to, std::vector<std::string>& texts) {
    for (int i = from; i < to; ++i) {
      texts.push_back("t1/" + std::to_string(i));
      pair.Publish("t1", texts.back());
    }
  }
};

double Restarts(ServicePair& pair) {
  return pair.metrics
      .GetCounter("frontdesk_relay_restarts_total", "Publishers given up after an error",
                  {{"service", "ticket"}, {"shard", "0"}})
      .Value();
}

}  // namespace

TEST_CASE_METHOD(Fixture, "an outage longer than the message timeout loses nothing") {
  // librdkafka then gives records up by itself, as its default does after five minutes.
  Connect(absl::Seconds(1));
  ServicePair pair(*log, clock, Wait);
  std::vector<std::string> texts;
  Publish(pair, 0, 5, texts);
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 5; }));
  broker.Kill();
  Publish(pair, 5, 25, texts);
  REQUIRE(pair.Until([&] { return Restarts(pair) >= 1; }));
  Publish(pair, 25, 30, texts);
  // Between two tries it may look well for a moment.
  CHECK(pair.Until([&] { return !pair.ticket->shard(0).relay().Health().ok(); }));
  CHECK(pair.AppliedCount() == 5);
  broker.Start();
  REQUIRE(pair.Until([&] { return pair.AppliedCount() >= 30; }));
  CHECK(pair.Until([&] { return pair.ticket->shard(0).relay().Flushed(); }));
  CHECK(pair.Applied()["t1"] == texts);
  CHECK(pair.health->BusHealth().ok());
}

TEST_CASE_METHOD(Fixture, "by default a record waits for the broker as long as it takes") {
  Connect(absl::ZeroDuration());
  ServicePair pair(*log, clock, Wait);
  std::vector<std::string> texts;
  Publish(pair, 0, 5, texts);
  REQUIRE(pair.Until([&] { return pair.AppliedCount() == 5; }));
  broker.Kill();
  Publish(pair, 5, 25, texts);
  CHECK_FALSE(pair.Until([&] { return Restarts(pair) > 0; }, absl::Seconds(3)));
  broker.Start();
  REQUIRE(pair.Until([&] { return pair.AppliedCount() >= 25; }));
  CHECK(pair.Applied()["t1"] == texts);
  CHECK(Restarts(pair) == 0);
}

TEST_CASE_METHOD(Fixture, "services that start while the broker is away read and write later") {
  Connect(absl::ZeroDuration());
  broker.Kill();
  auto opened =
      KafkaLog::Open({clock, random, metrics},
                     {.brokers = broker.address(), .request_timeout = absl::Milliseconds(200)});
  REQUIRE(opened.ok());
  ServicePair pair(**opened, clock, Wait);
  std::vector<std::string> texts;
  Publish(pair, 0, 5, texts);
  CHECK_FALSE(pair.ticket->shard(0).relay().Health().ok());
  broker.Start();
  REQUIRE(pair.Until([&] { return pair.AppliedCount() >= 5; }));
  CHECK(pair.Applied()["t1"] == texts);
  pair.Close();
}
