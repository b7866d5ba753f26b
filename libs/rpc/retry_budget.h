#pragma once

#include <algorithm>
#include <mutex>

namespace frontdesk::rpc {

// Keeps retries under a share of the calls, so that they can't turn a hiccup into an overload: each
// call puts `ratio` of a token into a bucket, each retry takes one. Thread safe.
class RetryBudget {
 public:
  RetryBudget(double ratio, double burst) : ratio_(ratio), burst_(burst), tokens_(burst) {}

  void OnCall() {
    std::lock_guard lock(mu_);
    tokens_ = std::min(burst_, tokens_ + ratio_);
  }
  // True when a retry may be made; takes its token.
  bool TryTake() {
    std::lock_guard lock(mu_);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  const double ratio_;
  const double burst_;
  std::mutex mu_;
  double tokens_;  // guarded by mu_
};

}  // namespace frontdesk::rpc
