#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/notifier.h"
#include "libs/base/topics.h"
#include "tests/bus/service_pair.h"
#include "tests/contract/bus_under_test.h"

// What every event log keeps to, and relay and consumer on it. Run against the embedded log and
// against a real Kafka broker.

using namespace frontdesk;
using namespace frontdesk::bus;
using frontdesk::bus::testing::ServicePair;

namespace {

constexpr absl::Duration kLimit = absl::Seconds(30);

void Wait() {
  Notifier never;
  never.WaitFor(absl::Milliseconds(2));
}

template <class Condition>
bool Eventually(Clock& clock, Condition reached) {
  const absl::Duration end = clock.Steady() + kLimit;
  while (!reached()) {
    if (clock.Steady() > end) return false;
    Wait();
  }
  return true;
}

struct Fixture {
  std::unique_ptr<contract::BusUnderTest> bus = contract::MakeBus();
  // Of its own: a topic that was deleted may linger on a broker for a moment.
  std::string topic = fmt::format("suite-{}", SystemRandom().Next64());

  ~Fixture() { (void)bus->DeleteTopic(topic); }

  void Create(int partitions) {
    const absl::Status status = bus->CreateTopic(topic, partitions);
    INFO(status);
    REQUIRE(status.ok());
  }
  // Publishes and waits until all is durable.
  void Send(const std::vector<std::pair<int32_t, std::string>>& values) {
    auto publisher = bus->log().NewPublisher();
    REQUIRE(publisher.ok());
    uint64_t seq = 0;
    for (const auto& [partition, value] : values) {
      ++seq;
      REQUIRE(Eventually(bus->clock(), [&] {
        if ((*publisher)->Offer({topic, partition, "key", {{"name", "h-" + value}}, value}, seq)) {
          return true;
        }
        REQUIRE((*publisher)->Poll().ok());  // full: make room
        return false;
      }));
    }
    REQUIRE(Eventually(bus->clock(), [&] {
      const auto durable = (*publisher)->Poll();
      REQUIRE(durable.ok());
      return *durable == seq;
    }));
  }
  std::unique_ptr<Subscription> Read(std::vector<Assignment> assignments) {
    auto subscription = bus->log().Subscribe("suite", std::move(assignments));
    INFO(subscription.status());
    REQUIRE(subscription.ok());
    return *std::move(subscription);
  }
  std::vector<Record> Take(Subscription& subscription, size_t assignment, size_t count) {
    std::vector<Record> taken;
    REQUIRE(Eventually(bus->clock(), [&] {
      auto records = subscription.Poll(assignment, count - taken.size());
      INFO(records.status());
      REQUIRE(records.ok());
      for (Record& record : *records) taken.push_back(std::move(record));
      return taken.size() >= count;
    }));
    return taken;
  }
  absl::Status FirstError(Subscription& subscription, size_t assignment) {
    absl::Status error;
    REQUIRE(Eventually(bus->clock(), [&] {
      error = subscription.Poll(assignment, 10).status();
      return !error.ok();
    }));
    return error;
  }
};

std::vector<std::string> Values(const std::vector<Record>& records) {
  std::vector<std::string> values;
  for (const Record& record : records) values.push_back(record.value);
  return values;
}

// Services over the bus, in real time.
struct Services {
  std::unique_ptr<contract::BusUnderTest> bus = contract::MakeBus();
  ServicePair pair{bus->log(), bus->clock(), Wait};

  ~Services() { pair.Close(); }

  std::vector<std::string> PublishMany(const std::string& subject, int from, int to) {
    std::vector<std::string> texts;
    for (int i = from; i < to; ++i) {
      texts.push_back(fmt::format("{}/{}", subject, i));
      pair.Publish(subject, texts.back());
    }
    return texts;
  }
  bool AppliedReaches(size_t count) {
    return pair.Until([&] { return pair.AppliedCount() >= count; });
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a record comes back as it was sent, with its headers") {
  Create(1);
  const absl::Time before = bus->clock().Now();
  Send({{0, std::string("a\0b", 3)}});
  const auto subscription = Read({{topic, 0}});
  const Record record = Take(*subscription, 0, 1).front();
  CHECK(record.topic == topic);
  CHECK(record.partition == 0);
  CHECK(record.offset == 0);
  CHECK(record.key == "key");
  CHECK(record.value == std::string("a\0b", 3));
  CHECK(record.headers == Headers{{"name", std::string("h-a\0b", 5)}});
  CHECK(record.time >= before - absl::Seconds(1));
  CHECK(record.time <= bus->clock().Now() + absl::Seconds(1));
}

TEST_CASE_METHOD(Fixture, "order holds within each partition") {
  Create(3);
  std::vector<std::pair<int32_t, std::string>> values;
  for (int i = 0; i < 300; ++i) values.emplace_back(i % 3, std::to_string(i));
  Send(values);
  const auto subscription = Read({{topic, 0}, {topic, 1}, {topic, 2}});
  for (size_t partition = 0; partition < 3; ++partition) {
    const auto records = Take(*subscription, partition, 100);
    for (size_t i = 0; i < 100; ++i) {
      CHECK(records[i].value == std::to_string(i * 3 + partition));
      CHECK(records[i].offset == static_cast<int64_t>(i));
    }
  }
}

TEST_CASE_METHOD(Fixture, "several consumers read the same records, each at its own pace") {
  Create(1);
  Send({{0, "a"}, {0, "b"}, {0, "c"}});
  const auto first = Read({{topic, 0}});
  const auto second = Read({{topic, 0}});
  CHECK(Values(Take(*first, 0, 3)) == std::vector<std::string>{"a", "b", "c"});
  CHECK(Values(Take(*second, 0, 1)) == std::vector<std::string>{"a"});
  CHECK(Values(Take(*second, 0, 2)) == std::vector<std::string>{"b", "c"});
}

TEST_CASE_METHOD(Fixture, "reading begins at the position given and sees what comes later") {
  Create(1);
  Send({{0, "a"}, {0, "b"}, {0, "c"}});
  const auto subscription = Read({{topic, 0, 2}});
  CHECK(Values(Take(*subscription, 0, 1)) == std::vector<std::string>{"c"});
  Send({{0, "d"}});
  CHECK(Values(Take(*subscription, 0, 1)) == std::vector<std::string>{"d"});
  CHECK(Eventually(bus->clock(), [&] { return subscription->EndOffset(0) == 4; }));
}

TEST_CASE_METHOD(Fixture, "a subscription wakes its reader when records come") {
  Create(1);
  const auto subscription = Read({{topic, 0}});
  Notifier wake;
  subscription->OnReady([&wake] { wake.Notify(); });
  while (wake.WaitFor(absl::Milliseconds(300))) REQUIRE(subscription->Poll(0, 10).ok());
  Send({{0, "a"}});
  CHECK(wake.WaitFor(kLimit));
  CHECK(Values(Take(*subscription, 0, 1)) == std::vector<std::string>{"a"});
}

TEST_CASE_METHOD(Fixture, "a partition that is not polled holds up no other") {
  Create(2);
  const std::string large(10'000, 'x');
  std::vector<std::pair<int32_t, std::string>> values;
  for (int i = 0; i < 500; ++i) values.emplace_back(0, large);
  Send(values);
  const auto subscription = Read({{topic, 0}, {topic, 1}});
  for (int i = 0; i < 20; ++i) {
    Send({{1, std::to_string(i)}});
    CHECK(Take(*subscription, 1, 1).front().value == std::to_string(i));
  }
  CHECK(Take(*subscription, 0, 500).size() == 500);
}

TEST_CASE_METHOD(Fixture, "a position that retention has overtaken is refused") {
  Create(2);
  Send({{0, "a"}, {0, "b"}, {0, "c"}, {1, "x"}});
  const absl::Status status = bus->DeleteRecordsBefore(topic, 0, 2);
  INFO(status);
  REQUIRE(status.ok());
  const auto subscription = Read({{topic, 0, 1}, {topic, 1, 0}});
  const absl::Status error = FirstError(*subscription, 0);
  CHECK(error.code() == absl::StatusCode::kDataLoss);
  CHECK(ReasonOf(error) == "POSITION_OVERTAKEN");
  CHECK(Values(Take(*subscription, 1, 1)) == std::vector<std::string>{"x"});
  const auto earliest = Read({{topic, 0}});
  CHECK(earliest->FirstOffset(0) == 2);
  CHECK(Take(*earliest, 0, 1).front().offset == 2);
  REQUIRE(bus->DeleteRecordsBefore(topic, 0, 3).ok());
  CHECK(Read({{topic, 0}})->FirstOffset(0) == 3);  // nothing left: where the next one goes
}

TEST_CASE_METHOD(Fixture, "a topic that was made again has another identity") {
  Create(1);
  Send({{0, "a"}, {0, "b"}});
  const auto before = bus->log().Describe(topic);
  REQUIRE(before.ok());
  REQUIRE(bus->DeleteTopic(topic).ok());
  CHECK(bus->log().Describe(topic).status().code() == absl::StatusCode::kNotFound);
  Create(1);
  const auto after = bus->log().Describe(topic);
  INFO(after.status());
  REQUIRE(after.ok());
  CHECK(after->id != before->id);
  CHECK(after->partitions == 1);
  const auto subscription = Read({{topic, 0, 2}});
  CHECK(ReasonOf(FirstError(*subscription, 0)) == "BUS_MISMATCH");
}

TEST_CASE_METHOD(Fixture, "what was acknowledged is there after the process ended") {
  Create(2);
  Send({{0, "a"}, {1, "b"}});
  const auto id = bus->log().Id();
  const auto topic_before = bus->log().Describe(topic);
  bus->Reopen();
  CHECK(bus->log().Id().value() == id.value());
  CHECK(bus->log().Describe(topic)->id == topic_before->id);
  const auto subscription = Read({{topic, 0}, {topic, 1}});
  CHECK(Values(Take(*subscription, 0, 1)) == std::vector<std::string>{"a"});
  CHECK(Values(Take(*subscription, 1, 1)) == std::vector<std::string>{"b"});
  Send({{0, "c"}});
  CHECK(Take(*subscription, 0, 1).front().offset == 1);
}

TEST_CASE_METHOD(Fixture, "a publisher whose record can't be delivered is dead") {
  Create(1);
  auto publisher = bus->log().NewPublisher();
  REQUIRE(publisher.ok());
  REQUIRE((*publisher)->Offer({topic, 7, "key", {}, "to a partition that does not exist"}, 1));
  absl::Status error;
  CHECK(Eventually(bus->clock(), [&] {
    error = (*publisher)->Poll().status();
    return !error.ok();
  }));
  CHECK_FALSE((*publisher)->Poll().ok());
}

TEST_CASE_METHOD(Fixture, "topics of the contract are made once and compared afterwards") {
  REQUIRE(bus->log().EnsureTopics(2).ok());
  for (const TopicSpec& spec : AllTopics()) {
    CHECK(bus->log().Describe(spec.name)->partitions == 2 * spec.partitions_per_shard);
  }
  bus->Reopen();
  CHECK(bus->log().EnsureTopics(2).ok());
  CHECK(ReasonOf(bus->log().EnsureTopics(3)) == "BUS_MISMATCH");
}

TEST_CASE_METHOD(Services, "every committed event takes effect once and in order") {
  std::map<std::string, std::vector<std::string>> published;
  for (const std::string subject : {"t1", "t2", "t3", "t4", "t5"}) {
    published[subject] = PublishMany(subject, 0, 40);
  }
  REQUIRE(AppliedReaches(200));
  CHECK(pair.Applied() == published);
  CHECK(pair.Until([&] { return pair.ticket->shard(0).relay().Flushed(); }));
}

TEST_CASE_METHOD(Services, "events published twice take effect once, also after a crash") {
  const auto texts = PublishMany("t1", 0, 20);
  // On the bus, but the outbox is not trimmed durably: the restart publishes them again.
  REQUIRE(pair.Until([&] { return pair.ticket->shard(0).relay().Flushed(); }));
  pair.Crash();
  pair.Open();
  auto more = PublishMany("t1", 20, 25);
  REQUIRE(AppliedReaches(25));
  auto all = texts;
  all.insert(all.end(), more.begin(), more.end());
  CHECK(pair.Applied()["t1"] == all);
  const int32_t partition = ServicePair::PartitionOfSubject("t1");
  CHECK(pair.Until([&] {
    const PartitionStatus status = pair.StatusOf(partition);
    return status.end_offset >= 25 && status.next_offset == status.end_offset;
  }));
  CHECK(pair.AppliedCount() == 25);
}

TEST_CASE_METHOD(Services, "a consumer that restarts goes on where its effects end") {
  PublishMany("t1", 0, 10);
  REQUIRE(AppliedReaches(10));
  pair.Crash();
  bus->Reopen();
  pair.set_log(bus->log());
  pair.Open();
  CHECK(pair.AppliedCount() == 10);
  const auto later = PublishMany("t1", 10, 15);
  REQUIRE(AppliedReaches(15));
  CHECK(pair.Applied()["t1"].back() == later.back());
  CHECK(pair.AppliedCount() == 15);
}

TEST_CASE_METHOD(Services, "a poisoned event becomes a dead letter and those behind it pass") {
  REQUIRE(bus->log().EnsureTopics(1).ok());
  const int32_t partition = ServicePair::PartitionOfSubject("t1");
  {
    auto publisher = bus->log().NewPublisher();
    REQUIRE(publisher.ok());
    REQUIRE(
        (*publisher)
            ->Offer({std::string(topics::kTicket), partition, "k", {{"x", "y"}}, "\xff not ours"},
                    1));
    REQUIRE(Eventually(bus->clock(), [&] { return (*publisher)->Poll().value() == 1; }));
  }
  PublishMany("t1", 0, 3);
  REQUIRE(AppliedReaches(3));
  CHECK(pair.Counter("undecodable") == 1);
  const auto letters = pair.health->shard(0).dead_letters().List("", 10, false);
  REQUIRE(letters.ok());
  REQUIRE(letters->rows.size() == 1);
  CHECK(letters->rows[0].reason() == "EVENT_UNDECODABLE");
  CHECK(letters->rows[0].value() == "\xff not ours");
}

TEST_CASE_METHOD(Services, "no record from elsewhere can stop consumer or relay") {
  REQUIRE(bus->log().EnsureTopics(1).ok());
  const int32_t partition = ServicePair::PartitionOfSubject("t1");
  const std::string huge(900'000, 'x');
  const std::string garbage = "\xff\xfe\x01";
  const std::vector<OutboundRecord> records = {
      {std::string(topics::kTicket), partition, "k", {}, huge},
      {std::string(topics::kTicket), partition, std::string(60'000, 'k'), {}, ""},
      {std::string(topics::kTicket),
       partition,
       garbage,
       {{"ce_type", garbage},
        {"ce_id", garbage},
        {"ce_subject", garbage},
        {"fd_tenant", garbage},
        {"fd_" + garbage, garbage}},
       garbage},
      {std::string(topics::kTicket),
       partition,
       "k",
       {{"ce_id", std::string(100'000, 'i')}, {"fd_x", std::string(100'000, 'y')}},
       ""},
      {std::string(topics::kTicket), partition, "k", Headers(5000, {"fd_x", "y"}), ""},
  };
  {
    auto publisher = bus->log().NewPublisher();
    REQUIRE(publisher.ok());
    uint64_t seq = 0;
    for (OutboundRecord record : records) REQUIRE((*publisher)->Offer(std::move(record), ++seq));
    REQUIRE(Eventually(bus->clock(), [&] { return (*publisher)->Poll().value() == seq; }));
  }
  PublishMany("t1", 0, 3);
  REQUIRE(AppliedReaches(3));
  CHECK(pair.Until(
      [&] { return pair.Counter("undecodable") == static_cast<double>(records.size()); }));
  const auto letters = pair.health->shard(0).dead_letters().List("", 10, false);
  INFO(letters.status());
  REQUIRE(letters.ok());
  CHECK(letters->rows.size() == records.size());
  // Their copies leave through the relay of health.
  CHECK(pair.Until([&] { return pair.health->shard(0).relay().Flushed(); }));
  const auto copies = bus->log().Subscribe("suite", {{std::string(topics::kDeadLetter), 0}});
  REQUIRE(copies.ok());
  size_t count = 0;
  CHECK(Eventually(bus->clock(), [&] {
    const auto taken = (*copies)->Poll(0, 10);
    REQUIRE(taken.ok());
    count += taken->size();
    return count == records.size();
  }));
}

TEST_CASE_METHOD(Services, "a passing failure pauses its partition alone and nothing overtakes") {
  const auto subjects = ServicePair::Subjects(2, /*together=*/false);
  const std::string failing = subjects[0];
  const std::string other = subjects[1];
  bool broken = true;
  pair.decide = [&](const std::string& text, const Prepared&, const store::Context&) {
    return broken && text == failing + "/1" ? absl::UnavailableError("later") : absl::OkStatus();
  };
  const auto texts = PublishMany(failing, 0, 5);
  const auto others = PublishMany(other, 0, 5);
  REQUIRE(AppliedReaches(6));
  REQUIRE(pair.Becomes(ServicePair::PartitionOfSubject(failing), PartitionStatus::State::kPaused));
  CHECK(pair.Applied()[failing] == std::vector<std::string>{failing + "/0"});
  CHECK(pair.Applied()[other] == others);
  broken = false;
  REQUIRE(AppliedReaches(10));
  CHECK(pair.Applied()[failing] == texts);
}

TEST_CASE_METHOD(Services, "a gap in the sequence stops the partition") {
  PublishMany("t1", 0, 2);
  REQUIRE(AppliedReaches(2));
  const int32_t partition = ServicePair::PartitionOfSubject("t1");
  {
    auto publisher = bus->log().NewPublisher();
    REQUIRE(publisher.ok());
    const Headers headers = {{"ce_id", "e1"},    {"ce_source", "/frontdesk/ticket/0"},
                             {"ce_type", "x.Y"}, {"fd_tenant", "acme"},
                             {"fd_epoch", "1"},  {"fd_seq", "9"},
                             {"fd_prev", "8"}};
    REQUIRE((*publisher)->Offer({std::string(topics::kTicket), partition, "k", headers, ""}, 1));
    REQUIRE(Eventually(bus->clock(), [&] { return (*publisher)->Poll().value() == 1; }));
  }
  REQUIRE(pair.Becomes(partition, PartitionStatus::State::kStopped));
  CHECK(ReasonOf(pair.StatusOf(partition).reason) == "SEQUENCE_GAP");
  CHECK(ReasonOf(pair.health->BusHealth()) == "SEQUENCE_GAP");
  // A person decides to go on behind it.
  bool done = false;
  pair.health->shard(0).consumer().Reposition(std::string(topics::kTicket), partition, 3,
                                              [&](absl::Status status) {
                                                CHECK(status.ok());
                                                done = true;
                                              });
  REQUIRE(pair.Until([&] { return done; }));
  REQUIRE(pair.Becomes(partition, PartitionStatus::State::kReading));
  PublishMany("t1", 2, 4);
  CHECK(AppliedReaches(4));
}

TEST_CASE_METHOD(Services, "a recreated topic stops its consumers until the bus is switched") {
  PublishMany("t1", 0, 5);
  REQUIRE(AppliedReaches(5));
  REQUIRE(pair.Until([&] { return pair.ticket->shard(0).relay().Flushed(); }));
  const int32_t partition = ServicePair::PartitionOfSubject("t1");
  pair.Crash();
  REQUIRE(bus->DeleteTopic(topics::kTicket).ok());
  bus->Reopen();
  pair.set_log(bus->log());
  pair.Open();
  REQUIRE(pair.Becomes(partition, PartitionStatus::State::kStopped));
  CHECK(ReasonOf(pair.StatusOf(partition).reason) == "BUS_MISMATCH");
  bool done = false;
  pair.health->shard(0).consumer().SwitchBus([&](absl::Status status) {
    CHECK(status.ok());
    done = true;
  });
  REQUIRE(pair.Until([&] { return done; }));
  const size_t before = pair.AppliedCount();
  const auto texts = PublishMany("t1", 5, 8);
  REQUIRE(pair.Until([&] { return pair.Applied()["t1"].back() == texts.back(); }));
  CHECK(pair.AppliedCount() >= before + 3);
}
