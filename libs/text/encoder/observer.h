#pragma once

#include <cstddef>

#include "absl/time/time.h"

namespace frontdesk::text {

// Told of what happens in caches and batchers, for metrics: this library knows no registry. Called
// from any thread, sometimes under a lock: only add to atomics.
class EncoderObserver {
 public:
  virtual ~EncoderObserver() = default;
  virtual void OnCache(size_t hits, size_t misses) { (void)hits, (void)misses; }
  // Texts that wait in a batcher.
  virtual void OnDepth(size_t depth) { (void)depth; }
  // A batch went to the encoder; its oldest text had waited so long.
  virtual void OnBatch(size_t texts, absl::Duration waited) { (void)texts, (void)waited; }
  // A text was refused: the queue is full.
  virtual void OnRejected() {}
  // A text's deadline passed before its turn came.
  virtual void OnExpired() {}
};

}  // namespace frontdesk::text
