#pragma once

namespace frontdesk::text {

// For loops that are compiled twice: an inline body, once with FD_AVX2 before a function around it and
// once without. Never with FMA, so that both give the same bits.
#if defined(__x86_64__)
#define FD_AVX2 __attribute__((target("avx2")))
inline bool HasAvx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}
#else
#define FD_AVX2
inline bool HasAvx2() { return false; }
#endif
#define FD_INLINE inline __attribute__((always_inline))

}  // namespace frontdesk::text
