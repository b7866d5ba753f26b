#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/rpc/call.h"
#include "libs/telemetry/metrics.h"

namespace frontdesk::rpc {

// On whose behalf a call goes out.
struct Outgoing {
  absl::Duration cap = absl::Seconds(2);                 // our own limit
  absl::Duration give_up_at = absl::InfiniteDuration();  // the caller's, steady clock
  std::string traceparent;

  Outgoing() = default;
  Outgoing(const Call& call, absl::Duration cap)
      : cap(cap), give_up_at(call.give_up_at), traceparent(call.traceparent) {}
};

// Calls of one remote server: a channel, a token and a retry budget. Made by Connect, owned by the
// App, thread safe. Owns the thread "rpc-retry". Only UNAVAILABLE is retried, with full jitter or
// after the server's RetryInfo, within the deadline, and only while retries stay under a tenth of
// the calls; COMMIT_UNKNOWN is UNAVAILABLE, so a mutation must carry a request id.
class Client {
 public:
  struct Options {
    std::string target;  // "127.0.0.1:7000", "dns:///ticket:7000"
    std::string token;   // bearer; never printed
    int attempts_max = 3;
    absl::Duration backoff_first = absl::Milliseconds(50);
    absl::Duration backoff_max = absl::Seconds(2);
    double retry_ratio = 0.1;
    double retry_burst = 10;
    absl::Duration keepalive_time = absl::Seconds(60);  // not under the server's ping interval
    int receive_bytes_max = 16 << 20;
  };

  static std::unique_ptr<Client> Connect(Options options, Clock& clock, RandomSource& random,
                                         telemetry::Metrics& metrics);
  // Cancels what runs; every `done` has been called when it returns. Blocks.
  ~Client();

  // `method` is "/frontdesk.knowledge.v1.KnowledgeService/Answer". Never blocks; `done` is called
  // exactly once, on a gRPC thread or at once on this one, and must not block. Not to be called
  // while the client is being destroyed.
  template <class Resp>
  void Unary(std::string_view method, const Outgoing& outgoing,
             const google::protobuf::Message& request,
             absl::AnyInvocable<void(absl::StatusOr<Resp>)> done) {
    auto response = std::make_unique<Resp>();
    google::protobuf::Message* target = response.get();
    CallUnary(
        method, outgoing, request, target,
        [response = std::move(response), done = std::move(done)](absl::Status status) mutable {
          if (status.ok()) {
            done(std::move(*response));
          } else {
            done(std::move(status));
          }
        });
  }

  // Blocks: for tools and tests.
  template <class Resp>
  absl::StatusOr<Resp> UnaryBlocking(std::string_view method, const Outgoing& outgoing,
                                     const google::protobuf::Message& request) {
    Resp response;
    absl::Status status = CallUnaryBlocking(method, outgoing, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  void CallUnary(std::string_view method, const Outgoing& outgoing,
                 const google::protobuf::Message& request, google::protobuf::Message* response,
                 absl::AnyInvocable<void(absl::Status)> done);

 private:
  absl::Status CallUnaryBlocking(std::string_view method, const Outgoing& outgoing,
                                 const google::protobuf::Message& request,
                                 google::protobuf::Message* response);
  class Impl;
  Client() = default;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frontdesk::rpc
