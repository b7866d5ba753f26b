#include "libs/rpc/stream_call.h"

#include <grpc/grpc.h>
#include <grpcpp/server_context.h>

#include <chrono>
#include <exception>
#include <utility>

#include "libs/base/error.h"
#include "libs/rpc/message_codec.h"
#include "libs/rpc/status.h"
#include "libs/telemetry/log.h"

namespace frontdesk::rpc {

grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamCall::Start(MethodState& method,
                                                              const StreamOptions& options,
                                                              StreamExchange& exchange,
                                                              grpc::CallbackServerContext& context,
                                                              const grpc::ByteBuffer& request) {
  auto* call = new StreamCall(method, options, context);
  call->Run(context, exchange, request);
  return call;  // gRPC's reference keeps it: OnDone comes after we have returned
}

StreamCall::StreamCall(MethodState& method, const StreamOptions& options,
                       grpc::CallbackServerContext& context)
    : method_(method), options_(options), grpc_call_(context.c_call()) {
  grpc_call_ref(grpc_call_);
}

StreamCall::~StreamCall() { grpc_call_unref(grpc_call_); }

void StreamCall::Run(grpc::CallbackServerContext& context, StreamExchange& exchange,
                     const grpc::ByteBuffer& request) {
  telemetry::TraceContext trace;
  started_ = method_.host().clock().Steady();
  call_.cancel_flag = &cancelled_;
  absl::Status status = method_.Admit(context, started_, options_.life_max, call_, trace);
  if (status.ok()) status = ParseMessage(request, exchange.request());
  if (status.ok()) status = method_.CheckRequest(exchange.request(), call_);
  if (!status.ok()) {
    Close(std::move(status), /*flush=*/false);
    return;
  }
  // Without a deadline of the caller a stream lives its whole life, not five seconds.
  if (context.deadline() == std::chrono::system_clock::time_point::max()) {
    call_.give_up_at = started_ + options_.life_max;
  }
  // Before the method runs: it may finish at once, and Close sets a deadline of its own.
  method_.host().deadlines().Add(*this, call_.give_up_at);
  Ref();
  std::shared_ptr<StreamSink> sink(this, [](StreamCall* call) { call->Unref(); });
  try {
    telemetry::ScopedTrace scope(trace);
    exchange.Run(call_, sink);
  } catch (const std::exception& e) {
    telemetry::Log(telemetry::Level::kError, "rpc.exception",
                   {{"method", method_.path()}, {"what", std::string_view(e.what())}});
    Close(Error(absl::StatusCode::kInternal, "INTERNAL", "the call failed"), /*flush=*/false);
  }
}

absl::Status StreamCall::Write(const google::protobuf::Message& event) {
  grpc::ByteBuffer bytes;
  absl::Status status = SerializeMessage(event, bytes);
  if (!status.ok()) {
    Close(status, /*flush=*/true);
    return status;
  }
  const size_t size = bytes.Length();
  {
    std::lock_guard lock(mu_);
    if (closed_.has_value()) {
      return closed_->ok() ? absl::CancelledError("the stream was finished") : *closed_;
    }
    if (buffered_.size() < options_.buffered_messages_max &&
        buffered_bytes_ + size <= options_.buffered_bytes_max) {
      buffered_.push_back(std::move(bytes));
      buffered_bytes_ += size;
    } else {
      status = Error(absl::StatusCode::kResourceExhausted, "SLOW_READER",
                     "the reader fell behind; list again and open a new stream");
    }
  }
  if (!status.ok()) {
    Close(status, /*flush=*/false);
    return status;
  }
  Pump();
  return absl::OkStatus();
}

void StreamCall::Finish(absl::Status status) { Close(std::move(status), /*flush=*/true); }

void StreamCall::OnClosed(absl::AnyInvocable<void()> closed) {
  {
    std::lock_guard lock(mu_);
    if (!closed_.has_value()) {
      on_closed_ = std::move(closed);
      return;
    }
  }
  closed();
}

void StreamCall::Close(absl::Status status, bool flush) {
  absl::AnyInvocable<void()> on_closed;
  bool waits_for_reader = false;
  {
    std::lock_guard lock(mu_);
    if (!flush) {
      buffered_.clear();
      buffered_bytes_ = 0;
    }
    if (!closed_.has_value()) {
      closed_ = std::move(status);
      on_closed = std::exchange(on_closed_, nullptr);
      waits_for_reader = writing_ || !buffered_.empty();
    }
  }
  if (waits_for_reader) {
    Deadlines& deadlines = method_.host().deadlines();
    deadlines.Remove(*this);
    deadlines.Add(*this, method_.host().clock().Steady() + kStuckGrace);
  }
  Pump();
  if (on_closed) on_closed();
}

void StreamCall::Pump() {
  std::optional<absl::Status> finish;
  {
    std::lock_guard lock(mu_);
    if (writing_ || finish_sent_) return;
    if (!buffered_.empty()) {
      sending_ = std::move(buffered_.front());
      buffered_.pop_front();
      buffered_bytes_ -= sending_.Length();
      writing_ = true;
    } else if (closed_.has_value()) {
      finish_sent_ = true;
      finish = closed_;
    } else {
      return;
    }
  }
  if (!finish.has_value()) {
    StartWrite(&sending_);
    return;
  }
  method_.Ended(*finish, call_, method_.host().clock().Steady() - started_);
  grpc::ServerWriteReactor<grpc::ByteBuffer>::Finish(ToGrpcStatus(*finish, method_.domain()));
}

void StreamCall::OnWriteDone(bool ok) {
  {
    std::lock_guard lock(mu_);
    writing_ = false;
  }
  if (ok) {
    Pump();
  } else {
    Close(Error(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away"),
          /*flush=*/false);
  }
}

void StreamCall::OnCancel() {
  cancelled_.store(true, std::memory_order_relaxed);
  Close(method_.CutShort(Error(absl::StatusCode::kCancelled, "CANCELLED", "the caller went away")),
        /*flush=*/false);
}

void StreamCall::OnDone() {
  done_.store(true, std::memory_order_release);
  method_.host().deadlines().Remove(*this);
  Unref();
}

void StreamCall::OnDeadline() {
  cancelled_.store(true, std::memory_order_relaxed);
  bool stuck = false;
  {
    std::lock_guard lock(mu_);
    stuck = closed_.has_value();
  }
  if (stuck) {
    grpc_call_cancel(grpc_call_, nullptr);
    return;
  }
  Close(method_.CutShort(Error(absl::StatusCode::kUnavailable, "STREAM_EXPIRED",
                               "the stream has reached the end of its life; open a new one")),
        /*flush=*/false);
}

}  // namespace frontdesk::rpc
