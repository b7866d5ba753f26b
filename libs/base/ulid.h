#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/random.h"

namespace frontdesk {

// ULIDs: 48 bits of milliseconds and 80 random bits as 26 characters of Crockford's base 32, in
// lower case so that they are valid resource ids. Their byte order is their time order.

std::string NewUlid(absl::Time now, RandomSource& random);

// True for the canonical lower-case form only.
bool IsUlid(std::string_view text);

// The time inside; absl::InfinitePast() when `ulid` is not a ULID.
absl::Time UlidTime(std::string_view ulid);

// Gives strictly rising ULIDs: within one millisecond, or when the clock steps back, it counts up
// from the last one. Thread-safe. Order is not kept across restarts beyond what the clock gives.
class UlidSource {
 public:
  explicit UlidSource(RandomSource& random) : random_(random) {}

  std::string Next(absl::Time now);

 private:
  RandomSource& random_;
  std::mutex mu_;
  uint64_t millis_ = 0;     // guarded by mu_
  uint64_t random_hi_ = 0;  // guarded by mu_; upper 16 of the 80 bits
  uint64_t random_lo_ = 0;  // guarded by mu_
  bool started_ = false;    // guarded by mu_
};

}  // namespace frontdesk
