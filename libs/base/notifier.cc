#include "libs/base/notifier.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace frontdesk {

void Notifier::Notify() {
  {
    std::lock_guard lock(mu_);
    notified_ = true;
  }
  woken_.notify_one();
}

bool Notifier::WaitFor(absl::Duration timeout) {
  // A longer wait would overflow the time point; loops look again long before.
  constexpr absl::Duration kLongest = absl::Hours(24);
  const auto bounded = std::clamp(timeout, absl::ZeroDuration(), kLongest);
  std::unique_lock lock(mu_);
  woken_.wait_until(lock, std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(bounded),
                    [this] { return notified_; });
  return std::exchange(notified_, false);
}

}  // namespace frontdesk
