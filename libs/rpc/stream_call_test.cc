#include "libs/rpc/stream_call.h"

#include <catch2/catch.hpp>

#include <thread>

#include "libs/base/error.h"
#include "libs/rpc/testing/probe_server.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;

namespace {

struct Reading {
  explicit Reading(ProbeServer& server, const std::string& token = "t1-agent-token") {
    ProbeServer::Authorize(context, token);
    WatchProbesRequest request;
    request.set_parent("tenants/t1");
    reader = server.stub->WatchProbes(&context, request);
  }
  // Reads to the end; the numbers it got.
  std::vector<int> ReadAll() {
    std::vector<int> numbers;
    WatchProbesResponse event;
    while (reader->Read(&event)) numbers.push_back(event.number());
    return numbers;
  }
  absl::Status End() { return FromGrpcStatus(reader->Finish()); }

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<WatchProbesResponse>> reader;
};

WatchProbesResponse Event(int number, size_t ballast = 0) {
  WatchProbesResponse event;
  event.set_number(number);
  event.set_text(std::string(ballast, 'x'));
  return event;
}

// Takes the writer of a stream to the test's own thread.
class Taken {
 public:
  Probes::Watch Take() {
    return
        [this](const Call&, const WatchProbesRequest&, StreamWriter<WatchProbesResponse> writer) {
          waiter_.Change([&] { writer_.emplace(std::move(writer)); });
        };
  }
  StreamWriter<WatchProbesResponse>& writer() {
    REQUIRE(waiter_.Wait([this] { return writer_.has_value(); }));
    return *writer_;
  }
  void Drop() { writer_.reset(); }

 private:
  Waiter waiter_;
  std::optional<StreamWriter<WatchProbesResponse>> writer_;
};

}  // namespace

TEST_CASE("A stream delivers what was written in order, then its status") {
  ProbeServer server;
  server.probes.watch = [](const Call&, const WatchProbesRequest&,
                           StreamWriter<WatchProbesResponse> writer) {
    for (int i = 0; i < 100; ++i) CHECK(writer.Write(Event(i)).ok());
    writer.Finish(Error(absl::StatusCode::kAborted, "STALE_RESULT", "enough"));
    CHECK_FALSE(writer.Write(Event(100)).ok());
  };
  Reading reading(server);
  const std::vector<int> numbers = reading.ReadAll();
  REQUIRE(numbers.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(numbers[static_cast<size_t>(i)] == i);
  CHECK(ReasonOf(reading.End()) == "STALE_RESULT");
}

TEST_CASE("A dropped writer ends its stream with OK") {
  ProbeServer server;
  Taken taken;
  server.probes.watch = taken.Take();
  Reading reading(server);
  CHECK(taken.writer().Write(Event(1)).ok());
  taken.Drop();
  CHECK(reading.ReadAll() == std::vector<int>{1});
  CHECK(reading.End().ok());
}

TEST_CASE("A stream checks credential and tenant as a call does") {
  ProbeServer server;
  Reading unknown(server, "nobody-knows");
  CHECK(unknown.ReadAll().empty());
  CHECK(ReasonOf(unknown.End()) == "UNAUTHENTICATED");
  Reading other(server, "t2-agent-token");
  CHECK(other.ReadAll().empty());
  CHECK(ReasonOf(other.End()) == "WRONG_TENANT");
}

TEST_CASE("A slow reader is closed with a clear error instead of filling the memory") {
  ProbeServer server({}, {}, {.buffered_messages_max = 8, .buffered_bytes_max = 1 << 20});
  Taken taken;
  server.probes.watch = taken.Take();
  Reading reading(server);
  Waiter waiter;
  bool closed = false;
  taken.writer().OnClosed([&] { waiter.Change([&] { closed = true; }); });
  // More than gRPC's own windows hold, written while nobody reads.
  absl::Status status;
  int written = 0;
  while (status.ok() && written < 10'000) {
    status = taken.writer().Write(Event(written, 60 << 10));
    if (status.ok()) ++written;
  }
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(ReasonOf(status) == "SLOW_READER");
  CHECK(waiter.Wait([&] { return closed; }));
  // A reader that wakes up learns why.
  CHECK(reading.ReadAll().size() <= static_cast<size_t>(written));
  CHECK(ReasonOf(reading.End()) == "SLOW_READER");
}

TEST_CASE("A reader that goes away closes the stream") {
  ProbeServer server;
  Taken taken;
  server.probes.watch = taken.Take();
  Reading reading(server);
  Waiter waiter;
  bool closed = false;
  taken.writer().OnClosed([&] { waiter.Change([&] { closed = true; }); });
  reading.context.TryCancel();
  CHECK(waiter.Wait([&] { return closed; }));
  CHECK(taken.writer().Write(Event(1)).code() == absl::StatusCode::kCancelled);
  bool again = false;
  taken.writer().OnClosed([&] { again = true; });
  CHECK(again);
}

TEST_CASE("A stream ends when its life is over, and the stop of the server ends it") {
  ProbeServer server({}, {}, {.life_max = absl::Milliseconds(60)});
  Taken taken;
  server.probes.watch = taken.Take();
  Reading reading(server);
  CHECK(reading.ReadAll().empty());
  CHECK(ReasonOf(reading.End()) == "STREAM_EXPIRED");

  ProbeServer other;
  Taken kept;
  other.probes.watch = kept.Take();
  Reading open(other);
  CHECK(kept.writer().Write(Event(1)).ok());
  other.server->Stop(absl::ZeroDuration());
  open.ReadAll();
  CHECK_FALSE(open.End().ok());
  CHECK_FALSE(kept.writer().Write(Event(2)).ok());
}

TEST_CASE("Writers on several threads, the end of life and a leaving reader may race") {
  for (int round = 0; round < 20; ++round) {
    ProbeServer server({}, {}, {.life_max = absl::Milliseconds(20 + round)});
    Taken taken;
    server.probes.watch = taken.Take();
    Reading reading(server);
    auto& writer = taken.writer();
    std::vector<std::thread> writers;
    for (int i = 0; i < 2; ++i) {
      writers.emplace_back([&writer] {
        while (writer.Write(Event(1, 100)).ok()) {
        }
      });
    }
    if (round % 2 == 0) reading.context.TryCancel();
    reading.ReadAll();
    CHECK_FALSE(reading.End().ok());
    for (std::thread& thread : writers) thread.join();
  }
}
