#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/text/encoder/encoder.h"
#include "libs/text/encoder/observer.h"

namespace frontdesk::text {

struct BatcherOptions {
  std::string name = "encode";       // of the thread: "fd-<name>"; the kernel keeps 15 bytes
  size_t queue_texts_max = 1024;     // more are refused
  size_t queue_bytes_max = 8 << 20;  // likewise
  size_t batch_texts_max = 32;
  absl::Duration wait_max = absl::Milliseconds(2);
  EncoderObserver* observer = nullptr;  // must outlive the batcher
};

// An encoder for callers that must not block: texts of many callers go to it together, which gives
// several times what single calls give.
//
// How long a text waits for company: not at all while the batcher is idle or texts come one by one. Where the
// last batch held several, the next one waits until as many have come, at most `wait_max` from its
// first text. What comes while a batch is being encoded is the next batch.
//
// Owns at most one thread, between Start and Stop; without Start, Step does its work (tests, the
// simulation). Thread safe. The encoder and the clock must outlive it. Every `done` is called exactly
// once, from the batcher's thread, Step or Stop, and without a lock held; it must be quick. Stop and the
// destructor answer what is still queued with UNAVAILABLE.
class Batcher {
 public:
  using Done = std::function<void(absl::StatusOr<std::vector<float>>)>;

  Batcher(Encoder& encoder, const Clock& clock, BatcherOptions options);
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // Never blocks. A cached text is answered at once, on this thread, before the function returns.
  // RESOURCE_EXHAUSTED when the queue is full, UNAVAILABLE when stopped, INVALID_ARGUMENT for a text
  // that no encoder takes, DEADLINE_EXCEEDED when `deadline` is past: `done` is not called then. A
  // deadline that passes in the queue goes to `done`.
  absl::Status Encode(std::string_view text, absl::Time deadline, Done done);

  // Encodes the batch that is due now, if one is. False when there was nothing to do.
  bool Step();

  // When the batch that is gathering goes at the latest, in the clock's steady time: minus infinity = now,
  // infinity = there is none.
  absl::Duration DueAt() const;

  void Start();
  void Stop();

  size_t depth() const;

 private:
  struct Item {
    std::string text;
    absl::Time deadline;
    absl::Duration queued_at;  // steady
    Done done;
  };

  // With mu_ held.
  absl::Duration DueLocked() const;
  std::vector<Item> TakeLocked();
  void ReportDepthLocked() const;

  void Run();
  void EncodeBatch(std::vector<Item> batch);
  std::vector<Item> DropExpired(std::vector<Item> batch) const;

  Encoder& encoder_;
  const Clock& clock_;
  const BatcherOptions options_;

  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::deque<Item> queue_;     // guarded by mu_
  size_t queued_bytes_ = 0;    // guarded by mu_
  size_t last_batch_ = 1;      // texts; guarded by mu_
  absl::Duration last_ended_;  // guarded by mu_
  bool stopped_ = false;       // guarded by mu_
  std::thread thread_;
};

}  // namespace frontdesk::text
