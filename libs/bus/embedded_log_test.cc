#include "libs/bus/embedded_log.h"

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/store/simulated_disk.h"

using namespace frontdesk;
using namespace frontdesk::bus;

namespace {

struct Fixture {
  SimulatedClock clock;
  SeededRandom random{3};
  telemetry::Metrics metrics;
  store::SimulatedDisk disk;
  std::vector<absl::Status> fatal;
  EmbeddedLog::Options options{
      .directory = "/data/log", .retention_bytes = 20'000, .retention_rows_per_step = 10};
  std::unique_ptr<EmbeddedLog> log;

  void Open() {
    auto opened = EmbeddedLog::Open({disk.environment(), clock, random, metrics,
                                     [this](const absl::Status& s) { fatal.push_back(s); }},
                                    options);
    INFO(opened.status());
    REQUIRE(opened.ok());
    log = *std::move(opened);
  }
  void Reopen() {
    log->Abandon();
    disk.Crash();
    log.reset();
    Open();
  }
  void Create(absl::Duration retention = absl::Hours(1)) {
    Open();
    REQUIRE(log->CreateTopic("t", 2, retention).ok());
  }
  absl::Status Send(int count, size_t bytes, int32_t partition = 0) {
    auto publisher = log->NewPublisher();
    if (!publisher.ok()) return publisher.status();
    for (int i = 1; i <= count; ++i) {
      const std::string value(bytes, 'x');
      CHECK((*publisher)->Offer({"t", partition, "k", {}, value}, static_cast<uint64_t>(i)));
    }
    return (*publisher)->Poll().status();
  }
  int64_t FirstOffset(int32_t partition = 0) {
    auto subscription = log->Subscribe("test", {{"t", partition}});
    const auto records = (*subscription)->Poll(0, 1);
    REQUIRE(records.ok());
    return records->empty() ? (*subscription)->EndOffset(0) : records->front().offset;
  }
  int Retain() {
    clock.Advance(options.retention_interval);
    int steps = 0;
    while (log->Step(clock.Now())) ++steps;
    return steps;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "what is older than the topic's retention goes, and nothing else") {
  Create(absl::Hours(1));
  REQUIRE(Send(5, 10).ok());
  clock.Advance(absl::Minutes(40));
  REQUIRE(Send(3, 10).ok());
  Retain();
  CHECK(FirstOffset() == 0);
  clock.Advance(absl::Minutes(30));
  Retain();
  CHECK(FirstOffset() == 5);
  clock.Advance(absl::Hours(2));
  Retain();
  CHECK(FirstOffset() == 8);
  Reopen();
  CHECK(FirstOffset() == 8);
  REQUIRE(Send(1, 10).ok());
  CHECK(FirstOffset() == 8);
}

TEST_CASE_METHOD(Fixture, "a partition over its size loses its oldest records") {
  Create();
  REQUIRE(Send(30, 1000).ok());
  REQUIRE(Send(2, 1000, 1).ok());
  Retain();
  const int64_t first = FirstOffset();
  CHECK(first >= 10);
  CHECK(first <= 12);
  CHECK(FirstOffset(1) == 0);
  Reopen();
  CHECK(FirstOffset() == first);
}

TEST_CASE_METHOD(Fixture, "retention looks at a bounded number of rows in each step") {
  Create(absl::Hours(1));
  REQUIRE(Send(95, 1).ok());
  clock.Advance(absl::Hours(2));
  CHECK(Retain() >= 10);
  CHECK(FirstOffset() == 95);
}

TEST_CASE_METHOD(Fixture, "a reader that retention overtakes while it reads is told so") {
  Create(absl::Hours(1));
  REQUIRE(Send(5, 10).ok());
  auto subscription = log->Subscribe("test", {{"t", 0}});
  REQUIRE((*subscription)->Poll(0, 2)->size() == 2);
  clock.Advance(absl::Hours(2));
  Retain();
  CHECK(ReasonOf((*subscription)->Poll(0, 2).status()) == "POSITION_OVERTAKEN");
  CHECK(ReasonOf((*subscription)->Poll(0, 2).status()) == "POSITION_OVERTAKEN");
}

TEST_CASE_METHOD(Fixture, "a failed sync kills the log and is never retried") {
  Create();
  REQUIRE(Send(1, 10).ok());
  disk.FailSyncs(1);
  CHECK_FALSE(Send(1, 10).ok());
  REQUIRE(fatal.size() == 1);
  CHECK_FALSE(Send(1, 10).ok());
  CHECK(fatal.size() == 1);
  Reopen();
  CHECK(Send(1, 10).ok());
}

TEST_CASE_METHOD(Fixture, "publishers on several threads keep their own order") {
  Create();
  constexpr int kThreads = 4;
  constexpr int kRounds = 100;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      auto publisher = log->NewPublisher();
      for (int i = 1; i <= kRounds; ++i) {
        (*publisher)
            ->Offer({"t", 0, std::to_string(t), {}, std::to_string(i)}, static_cast<uint64_t>(i));
        if (i % 3 == 0) (void)(*publisher)->Poll();
      }
      (void)(*publisher)->Poll();
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto subscription = log->Subscribe("test", {{"t", 0}});
  std::vector<int> last(kThreads, 0);
  int count = 0;
  while (true) {
    const auto records = (*subscription)->Poll(0, 64);
    REQUIRE(records.ok());
    if (records->empty()) break;
    for (const Record& record : *records) {
      CHECK(record.offset == count++);
      int& before = last[static_cast<size_t>(std::stoi(record.key))];
      CHECK(std::stoi(record.value) == before + 1);
      before = std::stoi(record.value);
    }
  }
  CHECK(count == kThreads * kRounds);
}

TEST_CASE_METHOD(Fixture, "a full buffer refuses records until it was polled") {
  options.publisher_buffer_bytes = 1000;
  Create();
  auto publisher = log->NewPublisher();
  REQUIRE((*publisher)->Offer({"t", 0, "k", {}, std::string(900, 'x')}, 1));
  OutboundRecord refused{"t", 0, "k", {}, std::string(900, 'y')};
  CHECK_FALSE((*publisher)->Offer(std::move(refused), 2));
  CHECK(refused.value.size() == 900);
  CHECK((*publisher)->Poll().value() == 1);
  CHECK((*publisher)->Offer(std::move(refused), 2));
  CHECK((*publisher)->Poll().value() == 2);
}

TEST_CASE_METHOD(Fixture, "a missing log is only made when that is allowed") {
  options.create_if_missing = false;
  const auto opened = EmbeddedLog::Open(
      {disk.environment(), clock, random, metrics, [](const absl::Status&) {}}, options);
  CHECK(opened.status().code() == absl::StatusCode::kNotFound);
}
