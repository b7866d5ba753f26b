#include "libs/rpc/unary_call.h"

#include <grpcpp/generic/generic_stub.h>
#include <catch2/catch.hpp>

#include <optional>
#include <thread>

#include "libs/base/error.h"
#include "libs/rpc/testing/probe_server.h"

using namespace frontdesk;
using namespace frontdesk::rpc;
using namespace frontdesk::rpc::testing;

namespace {

// Keeps the Finish of a call, with the response, for a test to use when it wants.
class Pending {
 public:
  Probes::Get Keep() {
    return [this](const Call& call, const GetProbeRequest&, GetProbeResponse* response,
                  Finish finish) {
      waiter_.Change([&] {
        call_ = &call;
        response_ = response;
        finish_ = std::move(finish);
      });
    };
  }
  bool Arrived() {
    return waiter_.Wait([this] { return finish_ != nullptr; });
  }
  const Call& call() { return *call_; }
  GetProbeResponse& response() { return *response_; }
  void End(absl::Status status) { std::exchange(finish_, nullptr)(std::move(status)); }
  void Drop() { finish_ = nullptr; }

 private:
  Waiter waiter_;
  const Call* call_ = nullptr;
  GetProbeResponse* response_ = nullptr;
  Finish finish_;
};

// One call that a test starts, and later waits for.
class Async {
 public:
  Async(ProbeServer& server, absl::Duration deadline) {
    ProbeServer::Authorize(context_, "t1-agent-token");
    context_.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(deadline));
    Send(server);
  }
  // Without a deadline of the client's.
  explicit Async(ProbeServer& server) {
    context_.AddMetadata("authorization", "Bearer t1-agent-token");
    Send(server);
  }
  absl::Status Wait() {
    REQUIRE(waiter_.Wait([this] { return answer_.has_value(); }));
    return FromGrpcStatus(*answer_);
  }
  void Cancel() { context_.TryCancel(); }
  const GetProbeResponse& response() const { return response_; }

 private:
  void Send(ProbeServer& server) {
    request_.set_name("tenants/t1/probes/p");
    server.stub->async()->GetProbe(&context_, &request_, &response_, [this](grpc::Status answer) {
      waiter_.Change([&] { answer_ = std::move(answer); });
    });
  }

  grpc::ClientContext context_;
  GetProbeRequest request_;
  GetProbeResponse response_;
  Waiter waiter_;
  std::optional<grpc::Status> answer_;
};

double Ended(ProbeServer& server, const std::string& code) {
  return server.metrics
      .GetCounter("frontdesk_rpc_total", "Calls that have ended, by status code.",
                  {{"service", "frontdesk.rpc.testing.ProbeService"},
                   {"method", "GetProbe"},
                   {"code", code}})
      .Value();
}

// Sends bytes that no client library would.
absl::Status SendRaw(ProbeServer& server, const std::string& bytes, const std::string& method) {
  grpc::GenericStub stub(server.channel);
  grpc::ClientContext context;
  ProbeServer::Authorize(context, "t1-agent-token");
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  Waiter waiter;
  std::optional<grpc::Status> answer;
  stub.UnaryCall(&context, method, {}, &request, &response,
                 [&](grpc::Status status) { waiter.Change([&] { answer = std::move(status); }); });
  REQUIRE(waiter.Wait([&] { return answer.has_value(); }));
  return FromGrpcStatus(*answer);
}

constexpr char kGetProbe[] = "/frontdesk.rpc.testing.ProbeService/GetProbe";

}  // namespace

TEST_CASE("A call without a known credential is refused, whatever it asks for") {
  ProbeServer server;
  for (const char* token : {"", "wrong-token", "t1-agent-token "}) {
    const absl::Status status = server.Get(token, "tenants/t1/probes/p");
    CHECK(status.code() == absl::StatusCode::kUnauthenticated);
    CHECK(ReasonOf(status) == "UNAUTHENTICATED");
  }
  CHECK(Ended(server, "UNAUTHENTICATED") == 3);
}

TEST_CASE("A caller reaches its own tenant only, and a platform token every one") {
  ProbeServer server;
  CHECK(server.Get("t1-agent-token", "tenants/t1/probes/p").ok());
  const absl::Status other = server.Get("t2-agent-token", "tenants/t1/probes/p");
  CHECK(other.code() == absl::StatusCode::kPermissionDenied);
  CHECK(ReasonOf(other) == "WRONG_TENANT");
  CHECK(ReasonOf(server.Update("t2-agent-token", "tenants/t1/probes/p", "r")) == "WRONG_TENANT");

  std::string tenant;
  server.probes.get = [&](const Call& call, const GetProbeRequest&, GetProbeResponse*,
                          Finish finish) {
    tenant = call.tenant;
    finish(absl::OkStatus());
  };
  CHECK(server.Get("platform-service", "tenants/t2/probes/p").ok());
  CHECK(tenant == "t2");
}

TEST_CASE("A name outside of any tenant is an error of the field") {
  ProbeServer server;
  for (const char* name : {"", "probes/p", "tenants/"}) {
    const absl::Status status = server.Get("platform-service", name);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    REQUIRE(DetailsOf(status).fields.size() == 1);
    CHECK(DetailsOf(status).fields[0].first == "name");
  }
  const absl::Status nested = server.Update("t1-agent-token", "", "r");
  CHECK(DetailsOf(nested).fields.at(0).first == "probe.name");
}

TEST_CASE("Permission is checked before the request is looked at") {
  ProbeServer server;
  const absl::Status status = server.Update("t1-analyst-token", "", "");
  CHECK(status.code() == absl::StatusCode::kPermissionDenied);
  CHECK(ReasonOf(status) == "PERMISSION_DENIED");
}

TEST_CASE("A mutation needs a request id of 1 to 64 characters") {
  ProbeServer server;
  const std::string name = "tenants/t1/probes/p";
  CHECK(server.Update("t1-agent-token", name, std::string(64, 'r')).ok());
  std::string wide;
  for (int i = 0; i < 64; ++i) wide += "中";
  CHECK(server.Update("t1-agent-token", name, wide).ok());
  for (const std::string& id : {std::string(), std::string(65, 'r')}) {
    const absl::Status status = server.Update("t1-agent-token", name, id);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(ReasonOf(status) == (id.empty() ? "MISSING_REQUEST_ID" : "REQUEST_ID_TOO_LONG"));
  }
}

TEST_CASE("A malformed request is told from one with text that is not UTF-8") {
  ProbeServer server;
  const absl::Status garbage = SendRaw(server, "\xff\xff\xff", kGetProbe);
  CHECK(garbage.code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(garbage.message()).find("GetProbeRequest") != std::string::npos);

  std::string bytes("\x12\x02\xc3\x28", 4);  // field 2, "\xc3\x28"
  const absl::Status text = SendRaw(server, bytes, kGetProbe);
  CHECK(text.code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(DetailsOf(text).fields.size() == 1);
  CHECK(DetailsOf(text).fields[0].first == "frontdesk.rpc.testing.GetProbeRequest.text");
}

TEST_CASE("Unknown fields of a newer client are no error, an unknown method is") {
  ProbeServer server;
  GetProbeRequest request;
  request.set_name("tenants/t1/probes/p");
  CHECK(SendRaw(server, request.SerializeAsString() + "\x7a\x01x", kGetProbe).ok());
  CHECK(SendRaw(server, "", "/frontdesk.rpc.testing.ProbeService/Nothing").code() ==
        absl::StatusCode::kUnimplemented);
}

TEST_CASE("A request over the limit is refused and the server goes on") {
  ProbeServer server({}, {.receive_bytes_max = 64 << 10});
  const absl::Status status = SendRaw(server, std::string(128 << 10, 'x'), kGetProbe);
  CHECK(status.code() == absl::StatusCode::kResourceExhausted);
  CHECK(server.Get("t1-agent-token", "tenants/t1/probes/p").ok());
}

TEST_CASE("A call that nobody finishes ends at the server's deadline, and a late finish is safe") {
  ProbeServer server({.default_deadline = absl::Milliseconds(60)});
  Pending pending;
  server.probes.get = pending.Keep();
  Async call(server);
  const absl::Status status = call.Wait();
  CHECK(status.code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(ReasonOf(status) == "DEADLINE_EXCEEDED");

  REQUIRE(pending.Arrived());
  CHECK(pending.call().cancelled());
  pending.response().mutable_probe()->set_text("too late");
  pending.End(absl::OkStatus());
  CHECK(Ended(server, "OK") == 0);
  CHECK(Ended(server, "DEADLINE_EXCEEDED") == 1);
}

TEST_CASE("A caller that goes away cancels its call; the work may still end") {
  ProbeServer server;
  Pending pending;
  server.probes.get = pending.Keep();
  Async call(server, absl::Seconds(20));
  REQUIRE(pending.Arrived());
  CHECK_FALSE(pending.call().cancelled());
  call.Cancel();
  CHECK(call.Wait().code() == absl::StatusCode::kCancelled);
  server.server->Stop(absl::Seconds(10));  // returns: the cancelled call does not hang it
  CHECK(pending.call().cancelled());
  pending.response().mutable_probe()->set_text("nobody reads this");
  pending.End(absl::OkStatus());
  CHECK(Ended(server, "CANCELLED") == 1);
  CHECK(Ended(server, "OK") == 0);
}

TEST_CASE("A Finish that is dropped ends the call with INTERNAL") {
  ProbeServer server;
  server.probes.get = [](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish) {};
  const absl::Status status = server.Get("t1-agent-token", "tenants/t1/probes/p");
  CHECK(status.code() == absl::StatusCode::kInternal);
  CHECK(Ended(server, "INTERNAL") == 1);
}

TEST_CASE("An exception out of a service's function is INTERNAL, and the next call works") {
  ProbeServer server;
  server.probes.get = [](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish) {
    (void)std::string().at(1);  // throws as a library would
  };
  const absl::Status status = server.Get("t1-agent-token", "tenants/t1/probes/p");
  CHECK(status.code() == absl::StatusCode::kInternal);
  CHECK(server.Update("t1-agent-token", "tenants/t1/probes/p", "r").ok());
}

TEST_CASE("Only the first of two finishes counts") {
  ProbeServer server;
  server.probes.get = [](const Call&, const GetProbeRequest&, GetProbeResponse*, Finish finish) {
    finish(absl::OkStatus());
    finish(absl::InternalError("second"));
  };
  CHECK(server.Get("t1-agent-token", "tenants/t1/probes/p").ok());
  CHECK(Ended(server, "OK") == 1);
  CHECK(Ended(server, "INTERNAL") == 0);
}

TEST_CASE("An answer given on another thread arrives") {
  ProbeServer server;
  Pending pending;
  server.probes.get = pending.Keep();
  Async call(server, absl::Seconds(20));
  REQUIRE(pending.Arrived());
  pending.response().mutable_probe()->set_text("hello");
  pending.End(absl::OkStatus());
  CHECK(call.Wait().ok());
  CHECK(call.response().probe().text() == "hello");
}

TEST_CASE("Finish, deadline and cancellation may race: each call ends once") {
  ProbeServer server({.default_deadline = absl::Milliseconds(40)});
  std::mutex mu;
  std::vector<std::pair<GetProbeResponse*, Finish>> waiting;
  std::atomic<bool> stop{false};
  server.probes.get = [&](const Call&, const GetProbeRequest&, GetProbeResponse* response,
                          Finish finish) {
    std::lock_guard lock(mu);
    waiting.emplace_back(response, std::move(finish));
  };
  // Ends what waits, a batch at a time, as a committer does; some of it late.
  std::thread finisher([&] {
    while (!stop.load()) {
      std::vector<std::pair<GetProbeResponse*, Finish>> batch;
      {
        std::lock_guard lock(mu);
        if (waiting.size() > 20) batch.swap(waiting);
      }
      for (auto& [response, finish] : batch) {
        response->mutable_probe()->set_text("done");
        finish(absl::OkStatus());
      }
      std::this_thread::yield();
    }
  });
  constexpr int kCalls = 600;
  std::vector<std::unique_ptr<Async>> calls;
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(std::make_unique<Async>(server));
    if (i % 7 == 0) calls.back()->Cancel();
  }
  int ok = 0;
  int refused = 0;
  for (auto& call : calls) {
    const absl::Status status = call->Wait();
    const bool known = status.ok() || status.code() == absl::StatusCode::kDeadlineExceeded ||
                       status.code() == absl::StatusCode::kCancelled;
    CHECK(known);
    ++(status.ok() ? ok : refused);
  }
  CHECK(ok + refused == kCalls);
  CHECK(ok > 0);
  server.server->Stop(absl::Seconds(10));
  stop.store(true);
  finisher.join();
}

TEST_CASE("The trace of the caller goes on in a span of its own, a bad one starts anew") {
  ProbeServer server;
  std::string seen;
  server.probes.get = [&](const Call& call, const GetProbeRequest&, GetProbeResponse*,
                          Finish finish) {
    seen = call.traceparent;
    finish(absl::OkStatus());
  };
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  for (const std::string& sent : {trace, std::string("garbage")}) {
    grpc::ClientContext context;
    ProbeServer::Authorize(context, "t1-agent-token");
    context.AddMetadata("traceparent", sent);
    GetProbeRequest request;
    request.set_name("tenants/t1/probes/p");
    GetProbeResponse response;
    CHECK(server.stub->GetProbe(&context, request, &response).ok());
    REQUIRE(telemetry::ParseTraceparent(seen).has_value());
    CHECK(seen != sent);
    CHECK((seen.substr(0, 36) == trace.substr(0, 36)) == (sent == trace));
  }
}
