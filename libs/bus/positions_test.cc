// Where a consumer stands, whatever the bus does with offsets.
#include <catch2/catch.hpp>

#include <map>
#include <string>

#include "frontdesk/store/v1/engine.pb.h"
#include "libs/store/outbox.h"
#include "tests/bus/simulated_bus.h"

using namespace frontdesk;
using namespace frontdesk::bus;
using frontdesk::bus::testing::ServicePair;
using frontdesk::bus::testing::SimulatedBus;

namespace {

constexpr int32_t kPartition = 2;

// A log of one partition with records as a test puts them: offsets may have gaps, records may stand
// there twice, and a reader may be given again what it has had. Takes what is published to nowhere.
class ScriptedLog final : public EventLog {
 public:
  explicit ScriptedLog(RandomSource& random) : random_(random) {}

  std::map<int64_t, Record> records;
  int64_t first = 0;
  int64_t end = 0;

  absl::StatusOr<std::string> Id() override { return "scripted"; }
  absl::StatusOr<TopicInfo> Describe(std::string_view) override { return TopicInfo{"topic", 4}; }
  absl::Status EnsureTopics(uint32_t) override { return absl::OkStatus(); }
  absl::StatusOr<std::unique_ptr<Publisher>> NewPublisher() override {
    return absl::UnavailableError("nobody publishes here");
  }
  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      std::string_view, std::vector<Assignment> assignments) override {
    return std::make_unique<Reading>(*this, std::move(assignments));
  }
  bool Step(absl::Time) override { return false; }

 private:
  class Reading final : public Subscription {
   public:
    Reading(ScriptedLog& log, std::vector<Assignment> assignments)
        : log_(log), assignments_(std::move(assignments)) {}

    absl::StatusOr<std::vector<Record>> Poll(size_t assignment, size_t max) override {
      std::vector<Record> taken;
      Assignment& at = assignments_[assignment];
      if (at.partition != kPartition) return taken;
      if (log_.random_.Bool(0.02)) return absl::UnavailableError("the connection broke");
      if (at.offset >= 0 && at.offset < log_.first) {
        return Error(absl::StatusCode::kDataLoss, "POSITION_OVERTAKEN", "it is gone");
      }
      const size_t few = std::min<size_t>(max, 1 + log_.random_.Uniform(8));
      for (auto it = log_.records.lower_bound(at.offset);
           it != log_.records.end() && taken.size() < few; ++it) {
        taken.push_back(it->second);
        at.offset = it->first + 1;
      }
      // Next time some of it again.
      if (!taken.empty() && log_.random_.Bool(0.2)) {
        at.offset = std::max(log_.first, at.offset - static_cast<int64_t>(log_.random_.Uniform(6)));
      }
      return taken;
    }
    int64_t EndOffset(size_t assignment) override {
      return assignments_[assignment].partition == kPartition ? log_.end : 0;
    }
    int64_t FirstOffset(size_t assignment) override {
      return assignments_[assignment].partition == kPartition ? log_.first : 0;
    }
    absl::Duration SinceLastPoll() const override { return absl::ZeroDuration(); }
    void OnReady(std::function<void()>) override {}

   private:
    ScriptedLog& log_;
    std::vector<Assignment> assignments_;
  };

  RandomSource& random_;
};

// What a relay would publish as the event `seq` of the partition.
Record MakeRecord(uint64_t seq, bool known) {
  store::v1::OutboxRow row;
  row.set_epoch(1);
  row.set_prev(seq - 1);
  row.set_id("event-" + std::to_string(seq));
  row.set_tenant(ServicePair::kTenant);
  row.set_subject("s");
  ticket::v1::TicketEvent event;
  if (known) {
    event.mutable_ticket_created()->set_ticket_request("s/" + std::to_string(seq));
    row.set_type(ticket::v1::TicketCreated::descriptor()->full_name());
  } else {
    event.mutable_ticket_resolved();
    row.set_type(ticket::v1::TicketResolved::descriptor()->full_name());
  }
  Record record;
  record.topic = "frontdesk.ticket.v1";
  record.partition = kPartition;
  record.key = "acme/s" + std::to_string(seq % 3);
  record.headers = store::EventHeaders(row, "/frontdesk/ticket/0", seq);
  record.value = event.SerializeAsString();
  return record;
}

store::Committer::Position Committed(ServicePair& pair) {
  const auto position =
      pair.health->shard(0).committer().FindPosition("scripted", "frontdesk.ticket.v1", kPartition);
  REQUIRE(position.ok());
  return *position;
}

}  // namespace

TEST_CASE("a position follows what took effect over gaps, repetitions, refusals and crashes") {
  const uint64_t seed = GENERATE(range(1, 41));
  INFO("seed " << seed);
  SeededRandom dice(seed);
  SimulatedClock clock;
  ScriptedLog log(dice);
  ServicePair pair(log, clock, [&] { clock.Advance(absl::Milliseconds(10)); });
  pair.decide = [&](const std::string&, const Prepared&, const store::Context&) {
    return dice.Bool(0.05) ? absl::UnavailableError("later") : absl::OkStatus();
  };
  std::vector<std::string> expected;
  uint64_t seq = 0;
  int64_t before = -1;  // never read
  for (int i = 0; i < 80; ++i) {
    log.end += dice.Bool(0.2) ? static_cast<int64_t>(dice.Uniform(4)) : 0;
    // A relay that began again: some of the newest events stand there once more.
    const uint64_t from =
        seq > 0 && dice.Bool(0.1) ? seq - dice.Uniform(std::min(seq, uint64_t{4})) : seq + 1;
    for (uint64_t number = from; number <= seq + 1; ++number) {
      const bool known = number % 5 != 0;
      Record record = MakeRecord(number, known);
      record.offset = log.end++;
      log.records[record.offset] = std::move(record);
      if (number == seq + 1 && known) expected.push_back("s/" + std::to_string(number));
    }
    ++seq;
    for (uint64_t steps = dice.Uniform(4); steps > 0; --steps) pair.Step();
    clock.Advance(absl::Milliseconds(dice.Uniform(60)));
    if (dice.Bool(0.03)) {
      pair.Crash();
      pair.Open();
      before = -1;  // a batch that moves positions alone is not synced
    }
    const int64_t now = Committed(pair).next_offset;
    CHECK(now >= before);
    before = now;
  }
  const auto caught_up = [&] {
    return Committed(pair).next_offset == log.records.rbegin()->first + 1;
  };
  REQUIRE(pair.Until(caught_up, absl::Minutes(10)));
  CHECK(pair.Applied()["s"] == expected);
  CHECK(Committed(pair).seq == seq);
  CHECK(pair.Until(
      [&] { return pair.StatusOf(kPartition).next_offset == Committed(pair).next_offset; }));
  CHECK(pair.StatusOf(kPartition).seq == seq);
  CHECK(pair.health->shard(0).dead_letters().List("", 9, true)->rows.empty());
}

TEST_CASE_METHOD(SimulatedBus, "a consumer of a topic that retention has emptied is not behind") {
  for (int i = 0; i < 3; ++i) pair.Publish("t1", "t1/" + std::to_string(i));
  const int32_t partition = ServicePair::PartitionOfSubject("t1");
  while (pair.ticket->Step(clock.Now())) {  // health is not there yet
  }
  REQUIRE(embedded->DeleteRecordsBefore("frontdesk.ticket.v1", partition, 3).ok());
  REQUIRE(pair.Until([&] { return pair.StatusOf(partition).end_offset == 3; }));
  CHECK(pair.Until([&] { return pair.StatusOf(partition).next_offset == 3; }));
  CHECK(pair.metrics.Text().find("frontdesk_consumer_lag{partition=\"" + std::to_string(partition) +
                                 "\",service=\"health\",topic=\"frontdesk.ticket.v1\"} 0") !=
        std::string::npos);
  CHECK(pair.AppliedCount() == 0);
  pair.Publish("t1", "t1/3");
  CHECK(pair.Until([&] { return pair.AppliedCount() == 1; }));
}

TEST_CASE_METHOD(SimulatedBus,
                 "what came and went while a consumer was away is a loss, also for a "
                 "partition it had never read from") {
  pair.Settle();  // health has looked and found nothing
  const int32_t partition = ServicePair::PartitionOfSubject("t1");
  pair.Crash();
  pair.Open();
  for (int i = 0; i < 3; ++i) pair.Publish("t1", "t1/" + std::to_string(i));
  while (pair.ticket->Step(clock.Now())) {
  }
  REQUIRE(embedded->DeleteRecordsBefore("frontdesk.ticket.v1", partition, 2).ok());
  REQUIRE(pair.Becomes(partition, PartitionStatus::State::kStopped));
  CHECK(ReasonOf(pair.StatusOf(partition).reason) == "POSITION_OVERTAKEN");
  CHECK(pair.AppliedCount() == 0);
}
