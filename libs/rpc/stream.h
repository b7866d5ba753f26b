#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace google::protobuf {
class Message;
}

namespace frontdesk::rpc {

// A reader that falls behind by more than this is closed: RESOURCE_EXHAUSTED, SLOW_READER.
struct StreamOptions {
  size_t buffered_messages_max = 256;
  size_t buffered_bytes_max = 1 << 20;
  // A stream ends with UNAVAILABLE after this, so that clients spread over new servers.
  absl::Duration life_max = absl::Hours(1);
};

// Where the events of one stream go. Thread safe; implemented in stream_call.cc.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual absl::Status Write(const google::protobuf::Message& event) = 0;
  virtual void Finish(absl::Status status) = 0;
  virtual void OnClosed(absl::AnyInvocable<void()> closed) = 0;
};

// The sending end of a server stream. Move-only, thread safe, never blocks. Dropping it without
// Finish ends the stream with OK.
template <class Event>
class StreamWriter {
 public:
  explicit StreamWriter(std::shared_ptr<StreamSink> sink) : sink_(std::move(sink)) {}
  StreamWriter(StreamWriter&&) noexcept = default;
  StreamWriter& operator=(StreamWriter&& other) noexcept {
    std::swap(sink_, other.sink_);
    return *this;
  }
  ~StreamWriter() {
    if (sink_ != nullptr) sink_->Finish(absl::OkStatus());
  }

  // Not OK when the stream is closed, and why: stop writing then.
  absl::Status Write(const Event& event) { return sink_->Write(event); }
  // What was written before is still sent.
  void Finish(absl::Status status) { sink_->Finish(std::move(status)); }
  // `closed` is called once, on any thread, when the stream is over for whatever reason; at once
  // when it already is. Must not block.
  void OnClosed(absl::AnyInvocable<void()> closed) { sink_->OnClosed(std::move(closed)); }

 private:
  std::shared_ptr<StreamSink> sink_;
};

}  // namespace frontdesk::rpc
