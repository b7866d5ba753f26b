#include "libs/rpc/unary_call.h"

#include <exception>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/message_codec.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/log.h"

namespace frontdesk::rpc {
namespace {

// The callable inside a Finish: one pointer, so that it needs no allocation.
class FinishToken {
 public:
  explicit FinishToken(UnaryCall* call) : call_(call) { call_->Ref(); }
  FinishToken(FinishToken&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
  FinishToken& operator=(FinishToken&&) = delete;
  ~FinishToken() {
    if (call_ != nullptr) {
      (*this)(Error(absl::StatusCode::kInternal, "INTERNAL", "the call was dropped"));
    }
  }

  void operator()(absl::Status status) {
    UnaryCall* call = std::exchange(call_, nullptr);
    if (call == nullptr) return;
    call->Complete(std::move(status));
    call->Unref();
  }

 private:
  UnaryCall* call_;
};

}  // namespace

grpc::ServerUnaryReactor* UnaryCall::Start(MethodState& method, std::unique_ptr<Exchange> exchange,
                                           grpc::CallbackServerContext& context,
                                           const grpc::ByteBuffer& request,
                                           grpc::ByteBuffer& response) {
  auto* call = new UnaryCall(method, std::move(exchange), response);
  call->Run(context, request);
  return call;
}

void UnaryCall::Run(grpc::CallbackServerContext& context, const grpc::ByteBuffer& request) {
  telemetry::TraceContext trace;
  started_ = method_.host().clock().Steady();
  absl::Status status = Prepare(context, request, trace);
  if (!status.ok()) {
    Complete(std::move(status));
    return;
  }
  try {
    telemetry::ScopedTrace scope(trace);
    exchange_->Run(call_, FinishToken(this));
  } catch (const std::exception& e) {
    // A library's exception that nobody caught: unwinding has dropped the Finish, which answers
    // INTERNAL. It must not reach gRPC, which would answer UNIMPLEMENTED for a reactor it never
    // got.
    telemetry::Log(telemetry::Level::kError, "rpc.exception",
                   {{"method", method_.path()}, {"what", std::string_view(e.what())}});
  }
  // gRPC's reference holds until we return, so `this` is good even when the call has ended. Most
  // reads have: they never see the deadline list.
  if ((phase_.load(std::memory_order_acquire) & kEnded) == 0) {
    method_.host().deadlines().Add(*this, call_.give_up_at);
  }
}

absl::Status UnaryCall::Prepare(grpc::CallbackServerContext& context,
                                const grpc::ByteBuffer& request, telemetry::TraceContext& trace) {
  call_.cancel_flag = &cancelled_;
  FD_RETURN_IF_ERROR(
      method_.Admit(context, started_, method_.host().options().deadline_max, call_, trace));
  FD_RETURN_IF_ERROR(ParseMessage(request, exchange_->request()));
  return method_.CheckRequest(exchange_->request(), call_);
}

bool UnaryCall::Win() {
  const uint8_t before = phase_.fetch_or(kEnded, std::memory_order_acq_rel);
  if ((before & kEnded) != 0) return false;
  if ((before & kListed) != 0) method_.host().deadlines().Remove(*this);
  return true;
}

void UnaryCall::Complete(absl::Status status) {
  if (!Win()) return;
  if (status.ok()) status = SerializeMessage(exchange_->response(), grpc_response_);
  SendAndCount(std::move(status));
}

void UnaryCall::SendAndCount(absl::Status status) {
  method_.Ended(status, call_, method_.host().clock().Steady() - started_);
  // May run OnDone at once: nothing of this object is touched after it.
  Finish(ToGrpcStatus(status, method_.domain()));
}

void UnaryCall::OnDeadline() {
  cancelled_.store(true, std::memory_order_relaxed);
  if (!Win()) return;
  SendAndCount(method_.CutShort(Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                                      "the deadline passed before there was an answer")));
}

void UnaryCall::OnCancel() {
  cancelled_.store(true, std::memory_order_relaxed);
  if (!Win()) return;
  SendAndCount(
      method_.CutShort(Error(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away")));
}

}  // namespace frontdesk::rpc
