#include "libs/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "libs/base/check.h"

namespace frontdesk {
namespace {

constexpr uint64_t RotateLeft(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

void FillFromKernel(char* out, size_t size) {
  while (size > 0) {
    const ssize_t got = getrandom(out, size, 0);
    if (got < 0 && errno == EINTR) continue;
    FD_CHECK(got > 0, "getrandom: {}", std::strerror(errno));
    out += got;
    size -= static_cast<size_t>(got);
  }
}

}  // namespace

uint64_t RandomSource::Uniform(uint64_t n) {
  if (n == 0) return 0;
  // The values below `rejected` would make the low results likelier.
  const uint64_t rejected = (0 - n) % n;
  uint64_t value = Next64();
  while (value < rejected) value = Next64();
  return value % n;
}

bool RandomSource::Bool(double p) {
  constexpr double kTwoToMinus53 = 1.0 / 9007199254740992.0;
  return static_cast<double>(Next64() >> 11) * kTwoToMinus53 < p;
}

std::string RandomSource::Bytes(size_t count) {
  std::string bytes;
  bytes.reserve(count);
  while (bytes.size() < count) {
    uint64_t word = Next64();
    for (int i = 0; i < 8 && bytes.size() < count; ++i, word >>= 8) {
      bytes.push_back(static_cast<char>(word & 0xff));
    }
  }
  return bytes;
}

uint64_t SystemRandom::Next64() {
  std::lock_guard lock(mu_);
  if (left_ == 0) {
    FillFromKernel(reinterpret_cast<char*>(block_.data()), sizeof(block_));
    left_ = block_.size();
  }
  // What was given out is wiped, so that a later look into memory does not show it.
  const uint64_t value = block_[--left_];
  block_[left_] = 0;
  return value;
}

SeededRandom::SeededRandom(uint64_t seed) {
  for (uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15ULL;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    word = z ^ (z >> 31);
  }
}

uint64_t SeededRandom::Next64() {
  const uint64_t result = RotateLeft(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = RotateLeft(state_[3], 45);
  return result;
}

}  // namespace frontdesk
