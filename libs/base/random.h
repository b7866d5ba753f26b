#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace frontdesk {

// Where randomness comes from; always a constructor argument, so that a simulation can replay it.
class RandomSource {
 public:
  virtual ~RandomSource() = default;

  virtual uint64_t Next64() = 0;

  // Uniform in [0, n), without modulo bias. `n` = 0 gives 0.
  uint64_t Uniform(uint64_t n);
  // True with probability `p`.
  bool Bool(double p);
  std::string Bytes(size_t count);
};

// The kernel's generator (getrandom), read ahead in small blocks. Cryptographic quality.
// Thread-safe. Aborts if the kernel gives none: ids and keys must never be predictable.
class SystemRandom : public RandomSource {
 public:
  uint64_t Next64() override;

 private:
  std::mutex mu_;
  std::array<uint64_t, 32> block_{};  // guarded by mu_
  size_t left_ = 0;                   // guarded by mu_
};

// xoshiro256** seeded by four steps of splitmix64. The algorithm is fixed: a seed replays the same
// sequence on every machine and in every release. Not thread-safe. Not for secrets.
class SeededRandom : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed);
  uint64_t Next64() override;

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace frontdesk
