#include "libs/rpc/client.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <optional>

#include "libs/base/error.h"
#include "libs/rpc/testing/probe_server.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;

namespace {

constexpr char kGet[] = "/frontdesk.rpc.testing.ProbeService/GetProbe";

// A client, and what it needs.
struct Remote {
  explicit Remote(const std::string& target, double burst = 10) {
    Client::Options options;
    options.target = target;
    options.token = "platform-service";
    options.backoff_first = absl::Milliseconds(1);
    options.retry_burst = burst;
    client = Client::Connect(options, clock, random, metrics);
    request.set_name("tenants/t1/probes/p");
  }
  absl::StatusOr<GetProbeResponse> Get(absl::Duration cap = absl::Seconds(20)) {
    Outgoing outgoing;
    outgoing.cap = cap;
    outgoing.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    return client->UnaryBlocking<GetProbeResponse>(kGet, outgoing, request);
  }

  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  GetProbeRequest request;
  std::unique_ptr<Client> client;
};

absl::Status Unavailable() {
  return Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "not now");
}

}  // namespace

TEST_CASE("A client sends its token and trace, and gives the answer") {
  ProbeServer server;
  std::string traceparent;
  server.probes.get = [&](const Call& call, const GetProbeRequest& request,
                          GetProbeResponse* response, Finish finish) {
    traceparent = call.traceparent;
    response->mutable_probe()->set_name(request.name());
    finish(absl::OkStatus());
  };
  Remote caller(server.server->address());
  auto answer = caller.Get();
  REQUIRE(answer.ok());
  CHECK(answer->probe().name() == "tenants/t1/probes/p");
  CHECK(traceparent.substr(0, 36) == "00-4bf92f3577b34da6a3ce929d0e0e4736-");
}

TEST_CASE("Only UNAVAILABLE is tried again, a bounded number of times") {
  ProbeServer server;
  std::atomic<int> calls{0};
  absl::Status answer = Unavailable();
  server.probes.get = [&](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish finish) {
    finish(++calls < 3 ? answer : absl::OkStatus());
  };
  Remote caller(server.server->address());
  CHECK(caller.Get().ok());
  CHECK(calls == 3);

  for (const auto code : {absl::StatusCode::kAborted, absl::StatusCode::kResourceExhausted,
                          absl::StatusCode::kInternal, absl::StatusCode::kDeadlineExceeded}) {
    calls = 0;
    answer = Error(code, "REASON", "no");
    CHECK(caller.Get().status().code() == code);
    CHECK(calls == 1);
  }
}

TEST_CASE("Retries stay under a tenth of the calls once the burst is used up") {
  ProbeServer server;
  std::atomic<int> calls{0};
  server.probes.get = [&](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish finish) {
    ++calls;
    finish(Unavailable());
  };
  Remote caller(server.server->address(), /*burst=*/5);
  constexpr int kCalls = 100;
  for (int i = 0; i < kCalls; ++i) CHECK_FALSE(caller.Get().ok());
  CHECK(calls > kCalls);
  CHECK(calls <= kCalls + 5 + kCalls / 10);
}

TEST_CASE("The server's RetryInfo is waited for, unless the deadline comes first") {
  ProbeServer server;
  std::atomic<int> calls{0};
  absl::Duration delay = absl::Milliseconds(60);
  server.probes.get = [&](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish finish) {
    finish(++calls == 1 ? WithRetryDelay(Unavailable(), delay) : absl::OkStatus());
  };
  Remote caller(server.server->address());
  const absl::Duration begin = caller.clock.Steady();
  CHECK(caller.Get().ok());
  CHECK(caller.clock.Steady() - begin >= delay);
  CHECK(calls == 2);

  calls = 0;
  delay = absl::Minutes(5);
  CHECK(caller.Get().status().code() == absl::StatusCode::kUnavailable);
  CHECK(calls == 1);
}

TEST_CASE("The deadline is the smaller of our cap and what is left of the caller's") {
  ProbeServer server;
  Waiter waiter;
  std::vector<Finish> kept;
  server.probes.get = [&](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish finish) {
    waiter.Change([&] { kept.push_back(std::move(finish)); });
  };
  Remote caller(server.server->address());
  CHECK(caller.Get(absl::Milliseconds(50)).status().code() == absl::StatusCode::kDeadlineExceeded);
  Call call;
  call.give_up_at = caller.clock.Steady() + absl::Milliseconds(50);
  CHECK(caller.client
            ->UnaryBlocking<GetProbeResponse>(kGet, Outgoing(call, absl::Hours(1)), caller.request)
            .status()
            .code() == absl::StatusCode::kDeadlineExceeded);
  call.give_up_at = caller.clock.Steady() - absl::Seconds(1);
  const size_t before = kept.size();
  CHECK(caller.client
            ->UnaryBlocking<GetProbeResponse>(kGet, Outgoing(call, absl::Hours(1)), caller.request)
            .status()
            .code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(kept.size() == before);  // expired work is not even sent
}

TEST_CASE("Nobody listens: UNAVAILABLE, and a client that is destroyed ends its calls") {
  Remote nobody("127.0.0.1:1");
  CHECK(nobody.Get().status().code() == absl::StatusCode::kUnavailable);

  ProbeServer server;
  Waiter waiter;
  std::vector<Finish> kept;
  server.probes.get = [&](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish finish) {
    waiter.Change([&] { kept.push_back(std::move(finish)); });
  };
  std::atomic<int> ended{0};
  {
    Remote caller(server.server->address());
    for (int i = 0; i < 10; ++i) {
      caller.client->Unary<GetProbeResponse>(
          kGet, Outgoing(Call(), absl::Minutes(1)), caller.request,
          [&](absl::StatusOr<GetProbeResponse> answer) {
            if (answer.status().code() == absl::StatusCode::kCancelled) ++ended;
          });
    }
    REQUIRE(waiter.Wait([&] { return kept.size() == 10; }));
    // And one that waits for its next attempt.
    Remote retrying("127.0.0.1:1");
    retrying.client->Unary<GetProbeResponse>(kGet, Outgoing(Call(), absl::Minutes(1)),
                                             retrying.request,
                                             [&](absl::StatusOr<GetProbeResponse>) { ++ended; });
  }
  CHECK(ended == 11);
}

TEST_CASE("Clients are closed right after their last answer, again and again") {
  // Whoever lets go of the last channel of a process ends gRPC's callback thread.
  for (int i = 0; i < 200; ++i) {
    Remote caller("127.0.0.1:1", /*burst=*/0);
    CHECK(caller.Get().status().code() == absl::StatusCode::kUnavailable);
  }
}
