#include "libs/base/ulid.h"

#include <algorithm>

namespace frontdesk {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kLength = 26;
constexpr size_t kTimeLength = 10;
constexpr uint64_t kMaxMillis = (uint64_t{1} << 48) - 1;

uint64_t MillisOf(absl::Time time) {
  const int64_t millis = absl::ToUnixMillis(time);
  return std::min(static_cast<uint64_t>(std::max<int64_t>(millis, 0)), kMaxMillis);
}

// `hi` holds the upper 16 random bits, `lo` the lower 64.
std::string Encode(uint64_t millis, uint64_t hi, uint64_t lo) {
  std::string out(kLength, '0');
  for (size_t i = kTimeLength; i-- > 0; millis >>= 5) out[i] = kAlphabet[millis & 31];
  for (size_t i = kLength; i-- > kTimeLength;) {
    out[i] = kAlphabet[lo & 31];
    lo = (lo >> 5) | (hi << 59);
    hi >>= 5;
  }
  return out;
}

}  // namespace

std::string NewUlid(absl::Time now, RandomSource& random) {
  const uint64_t hi = random.Next64() & 0xffff;
  return Encode(MillisOf(now), hi, random.Next64());
}

bool IsUlid(std::string_view text) {
  // 26 characters hold 130 bits; the first must leave the two that are too many at zero.
  return text.size() == kLength && text[0] <= '7' &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

absl::Time UlidTime(std::string_view ulid) {
  if (!IsUlid(ulid)) return absl::InfinitePast();
  int64_t millis = 0;
  for (const char c : ulid.substr(0, kTimeLength)) {
    millis = millis << 5 | static_cast<int64_t>(kAlphabet.find(c));
  }
  return absl::FromUnixMillis(millis);
}

std::string UlidSource::Next(absl::Time now) {
  const uint64_t millis = MillisOf(now);
  std::lock_guard lock(mu_);
  if (!started_ || millis > millis_) {
    started_ = true;
    millis_ = millis;
    random_hi_ = random_.Next64() & 0xffff;
    random_lo_ = random_.Next64();
  } else if (++random_lo_ == 0 && ++random_hi_ > 0xffff) {
    random_hi_ = 0;
    ++millis_;
  }
  return Encode(millis_, random_hi_, random_lo_);
}

}  // namespace frontdesk
