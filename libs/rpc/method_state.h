#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/rpc/host.h"
#include "libs/rpc/method.h"
#include "libs/rpc/request_shape.h"
#include "libs/telemetry/metrics.h"
#include "libs/telemetry/trace.h"

namespace grpc {
class CallbackServerContext;
}

namespace frontdesk::rpc {

// What all calls of one method share: policy, the shape of its request, metrics. Made at start-up,
// outlives the server. Thread safe.
class MethodState {
 public:
  // Aborts when the policy does not fit the request.
  MethodState(Host& host, const std::string& service, const MethodPolicy& policy,
              const google::protobuf::Descriptor& request);

  // Who calls, may they, until when, in which trace. Fills all of `call` but the tenant.
  absl::Status Admit(const grpc::CallbackServerContext& context, absl::Duration now,
                     absl::Duration deadline_max, Call& call, telemetry::TraceContext& trace) const;
  absl::Status CheckRequest(const google::protobuf::Message& request, Call& call) const {
    return shape_.Check(request, call);
  }

  // Of a call that is cut short: SHUTTING_DOWN when the server does it, else `otherwise`.
  absl::Status CutShort(absl::Status otherwise) const;
  // Counts a call that has ended, and logs what is our fault.
  void Ended(const absl::Status& status, const Call& call, absl::Duration took);

  Host& host() const { return host_; }
  const std::string& path() const { return path_; }      // "/frontdesk.ticket.v1.…/CreateTicket"
  const std::string& domain() const { return domain_; }  // "ticket.frontdesk"

 private:
  static constexpr size_t kCodes = 17;
  const telemetry::Counter& CounterOf(absl::StatusCode code);

  Host& host_;
  const MethodPolicy policy_;
  const std::string service_;
  const std::string path_;
  const std::string domain_;
  const RequestShape shape_;
  const telemetry::Histogram seconds_;
  // A code's counter is made when it first happens: most methods see three of the seventeen.
  std::mutex mu_;
  std::array<telemetry::Counter, kCodes> counters_;  // written under mu_, before made_ is set
  std::array<std::atomic<bool>, kCodes> made_{};
};

}  // namespace frontdesk::rpc
