#include "libs/text/classify/lanes.h"

#include <cstring>

namespace frontdesk::text {
namespace {

#define FD_INLINE inline __attribute__((always_inline))

// A group of lanes as one value; GCC cuts it to the vectors of the function's target.
template <size_t L>
struct Group;
template <>
struct Group<1> {
  using Values = float;
};
template <>
struct Group<16> {
  using Values = float __attribute__((vector_size(16 * sizeof(float))));
};

template <size_t L>
FD_INLINE void Load(const float* from, typename Group<L>::Values& to) {
  std::memcpy(&to, from, sizeof(to));
}

template <size_t L>
FD_INLINE void Store(const typename Group<L>::Values& from, float* to) {
  std::memcpy(to, &from, sizeof(from));
}

// `At(i)` is the place of the i-th number's weights. Two sums, as additions wait for one another.
template <size_t L, typename At>
FD_INLINE void Sum(const float* value, size_t n, At at, float* sums) {
  typename Group<L>::Values even = {}, odd = {}, w = {};
  size_t i = 0;
  for (; i + 2 <= n; i += 2) {
    Load<L>(at(i), w);
    even += value[i] * w;
    Load<L>(at(i + 1), w);
    odd += value[i + 1] * w;
  }
  if (i < n) {
    Load<L>(at(i), w);
    even += value[i] * w;
  }
  Load<L>(sums, w);
  w += even + odd;
  Store<L>(w, sums);
}

template <size_t L, typename At>
FD_INLINE void Add(const float* value, size_t n, const float* steps, At at) {
  typename Group<L>::Values step = {}, w = {};
  Load<L>(steps, step);
  for (size_t i = 0; i < n; ++i) {
    Load<L>(at(i), w);
    w += value[i] * step;
    Store<L>(w, at(i));
  }
}

// The four loops for one number of lanes and one target.
#define FD_LANE_LOOPS(name, lanes, target)                                                         \
  struct name {                                                                                    \
    target static void SumSparse(const uint32_t* index, const float* value, size_t n,              \
                                 const float* weights, float* sums) {                              \
      Sum<lanes>(                                                                                  \
          value, n, [&](size_t i) FD_AT { return weights + index[i] * (lanes); }, sums);           \
    }                                                                                              \
    target static void AddSparse(const uint32_t* index, const float* value, size_t n,              \
                                 const float* steps, float* weights) {                             \
      Add<lanes>(value, n, steps, [&](size_t i) FD_AT { return weights + index[i] * (lanes); });   \
    }                                                                                              \
    target static void SumDense(const float* value, size_t n, const float* weights, float* sums) { \
      Sum<lanes>(                                                                                  \
          value, n, [&](size_t i) FD_AT { return weights + i * (lanes); }, sums);                  \
    }                                                                                              \
    target static void AddDense(const float* value, size_t n, const float* steps,                  \
                                float* weights) {                                                  \
      Add<lanes>(value, n, steps, [&](size_t i) FD_AT { return weights + i * (lanes); });          \
    }                                                                                              \
    static constexpr LaneLoops kLoops = {SumSparse, AddSparse, SumDense, AddDense};                \
  }
#define FD_AT __attribute__((always_inline))
#define FD_ANY_CPU

FD_LANE_LOOPS(Narrow16, 16, FD_ANY_CPU);
FD_LANE_LOOPS(Narrow1, 1, FD_ANY_CPU);
#if defined(__x86_64__)
FD_LANE_LOOPS(Wide16, 16, __attribute__((target("avx2"))));
#endif

}  // namespace

const LaneLoops& LoopsFor(size_t lanes, bool wide) {
  static_assert(kLanes == 16);
  if (lanes == 1) return Narrow1::kLoops;
#if defined(__x86_64__)
  static const bool has_wide = __builtin_cpu_supports("avx2") != 0;
  if (wide && has_wide) return Wide16::kLoops;
#else
  (void)wide;
#endif
  return Narrow16::kLoops;
}

}  // namespace frontdesk::text
