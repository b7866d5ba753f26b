#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "libs/rpc/deadlines.h"
#include "libs/rpc/method_state.h"
#include "libs/rpc/service.h"
#include "libs/rpc/stream.h"

namespace frontdesk::rpc {

// One running server stream: a bounded buffer between writers on any thread and gRPC, which takes
// one message at a time as the reader has room. Whoever closes it first (writer, slow reader, end
// of life, caller going away) decides the status. A status waits for the messages before it; where
// the reader does not take them within kStuckGrace, the call is cancelled instead. References are
// held by gRPC until OnDone, by the StreamWriter and by the deadline list.
class StreamCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                         public StreamSink,
                         private Deadline {
 public:
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Start(MethodState& method,
                                                           const StreamOptions& options,
                                                           StreamExchange& exchange,
                                                           grpc::CallbackServerContext& context,
                                                           const grpc::ByteBuffer& request);

  absl::Status Write(const google::protobuf::Message& event) override;
  void Finish(absl::Status status) override;
  void OnClosed(absl::AnyInvocable<void()> closed) override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  static constexpr absl::Duration kStuckGrace = absl::Seconds(10);

  StreamCall(MethodState& method, const StreamOptions& options,
             grpc::CallbackServerContext& context);
  ~StreamCall() override;

  void Run(grpc::CallbackServerContext& context, StreamExchange& exchange,
           const grpc::ByteBuffer& request);
  // Closes for writers; what is buffered is kept only if `flush`.
  void Close(absl::Status status, bool flush);
  // Sends the next message or the status, if neither is on its way.
  void Pump();

  void Ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  void OnDeadline() override;
  void RefDeadline() override { Ref(); }
  void UnrefDeadline() override { Unref(); }
  bool StillWanted() override { return !done_.load(std::memory_order_acquire); }

  MethodState& method_;
  const StreamOptions options_;
  grpc_call* const grpc_call_;  // a reference of ours: cancelling must be safe at any time
  Call call_;
  absl::Duration started_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> done_{false};

  std::atomic<int> refs_{1};

  std::mutex mu_;
  std::deque<grpc::ByteBuffer> buffered_;  // guarded by mu_
  size_t buffered_bytes_ = 0;              // guarded by mu_
  grpc::ByteBuffer sending_;               // gRPC's while writing_
  bool writing_ = false;                   // guarded by mu_
  bool finish_sent_ = false;               // guarded by mu_
  std::optional<absl::Status> closed_;     // guarded by mu_; why, once it is
  absl::AnyInvocable<void()> on_closed_;   // guarded by mu_
};

}  // namespace frontdesk::rpc
