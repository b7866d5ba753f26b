#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "libs/text/encoder/encoder.h"
#include "libs/text/encoder/observer.h"

namespace frontdesk::text {

// For tests: two dimensions, the text's length and one; remembers what it was asked for. A text
// "fail" fails the whole call. Thread safe.
class CountingEncoder final : public Encoder {
 public:
  CountingEncoder() {
    info_.name = "counting";
    info_.fingerprint = "counting-1";
    info_.dimensions = 2;
    info_.tokens_max = 20;
  }
  const EncoderInfo& info() const override { return info_; }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const std::string_view> texts) override {
    const std::lock_guard lock(mu_);
    calls_.push_back(texts.size());
    std::vector<float> vectors;
    for (const std::string_view text : texts) {
      if (text == "fail") return absl::InternalError("asked to");
      texts_.emplace_back(text);
      vectors.push_back(static_cast<float>(text.size()));
      vectors.push_back(1);
    }
    return vectors;
  }

  // Texts a call, in order.
  std::vector<size_t> calls() const {
    const std::lock_guard lock(mu_);
    return calls_;
  }
  std::vector<std::string> texts() const {
    const std::lock_guard lock(mu_);
    return texts_;
  }

 private:
  EncoderInfo info_;
  mutable std::mutex mu_;
  std::vector<size_t> calls_;       // guarded by mu_
  std::vector<std::string> texts_;  // guarded by mu_
};

// Sums up what it is told.
class CountingObserver final : public EncoderObserver {
 public:
  void OnCache(size_t hits, size_t misses) override {
    const std::lock_guard lock(mu_);
    hits_ += hits;
    misses_ += misses;
  }
  void OnDepth(size_t depth) override {
    const std::lock_guard lock(mu_);
    deepest_ = std::max(deepest_, depth);
  }
  void OnBatch(size_t texts, absl::Duration waited) override {
    const std::lock_guard lock(mu_);
    batched_ += texts;
    longest_ = std::max(longest_, waited);
  }
  void OnRejected() override {
    const std::lock_guard lock(mu_);
    ++rejected_;
  }
  void OnExpired() override {
    const std::lock_guard lock(mu_);
    ++expired_;
  }

  struct Sums {
    size_t hits, misses, deepest, batched, rejected, expired;
    absl::Duration longest;
  };
  Sums sums() const {
    const std::lock_guard lock(mu_);
    return {hits_, misses_, deepest_, batched_, rejected_, expired_, longest_};
  }

 private:
  mutable std::mutex mu_;
  size_t hits_ = 0, misses_ = 0, deepest_ = 0, batched_ = 0, rejected_ = 0, expired_ = 0;
  absl::Duration longest_;
};

}  // namespace frontdesk::text
