#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <memory>

#include "libs/rpc/deadlines.h"
#include "libs/rpc/method_state.h"
#include "libs/rpc/service.h"

namespace frontdesk::rpc {

// One running unary call. Three may end it (the service, the deadline, the caller going away), and
// the first of them wins: a service that finishes late, perhaps seconds after gRPC has forgotten
// the call, still writes to memory that is there. So the call owns request and response and counts
// its references: one of gRPC until OnDone, one of the Finish, one of the deadline list. gRPC's own
// context and response buffer are touched by the winner only, before it calls Finish.
class UnaryCall final : public grpc::ServerUnaryReactor, private Deadline {
 public:
  // Runs the method; the reactor to be returned to gRPC.
  static grpc::ServerUnaryReactor* Start(MethodState& method, std::unique_ptr<Exchange> exchange,
                                         grpc::CallbackServerContext& context,
                                         const grpc::ByteBuffer& request,
                                         grpc::ByteBuffer& response);

  void OnCancel() override;
  void OnDone() override { Unref(); }
  // Both reactions above are short and never block, so gRPC need not move them to its executor;
  // that is 10 % of a small call's time.
  bool InternalInlineable() override { return true; }

  // For FinishToken.
  void Complete(absl::Status status);
  void Ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  enum Phase : uint8_t { kEnded = 1, kListed = 2 };

  UnaryCall(MethodState& method, std::unique_ptr<Exchange> exchange, grpc::ByteBuffer& response)
      : method_(method), exchange_(std::move(exchange)), grpc_response_(response) {}
  virtual ~UnaryCall() = default;

  void Run(grpc::CallbackServerContext& context, const grpc::ByteBuffer& request);
  absl::Status Prepare(grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
                       telemetry::TraceContext& trace);
  // True for the first to call it.
  bool Win();
  void SendAndCount(absl::Status status);

  void OnDeadline() override;
  void RefDeadline() override { Ref(); }
  void UnrefDeadline() override { Unref(); }
  bool StillWanted() override {
    return (phase_.fetch_or(kListed, std::memory_order_acq_rel) & kEnded) == 0;
  }

  MethodState& method_;
  const std::unique_ptr<Exchange> exchange_;
  grpc::ByteBuffer& grpc_response_;  // the winner only
  Call call_;
  absl::Duration started_;
  std::atomic<bool> cancelled_{false};
  std::atomic<uint8_t> phase_{0};
  std::atomic<int> refs_{1};
};

}  // namespace frontdesk::rpc
