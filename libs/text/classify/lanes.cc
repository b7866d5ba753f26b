#include "libs/text/classify/lanes.h"

#include "libs/text/classify/vector_math.h"
#include "libs/text/classify/widest.h"

namespace frontdesk::text {
namespace {

constexpr size_t kVectorLanes = 8;
using Vector = float __attribute__((vector_size(kVectorLanes * sizeof(float))));
constexpr size_t kVectors = kLanes / kVectorLanes;

struct Group {
  Vector v[kVectors];
};

// A vector anywhere in an array of floats.
using Anywhere = float
    __attribute__((vector_size(kVectorLanes * sizeof(float)), aligned(alignof(float)), may_alias));

FD_INLINE void Load(const float* from, Group& group) {
#pragma GCC unroll 2
  for (size_t k = 0; k < kVectors; ++k) {
    group.v[k] = *reinterpret_cast<const Anywhere*>(from + k * kVectorLanes);
  }
}

FD_INLINE void Store(const Group& group, float* to) {
#pragma GCC unroll 2
  for (size_t k = 0; k < kVectors; ++k) {
    *reinterpret_cast<Anywhere*>(to + k * kVectorLanes) = group.v[k];
  }
}

FD_INLINE void AddTimes(Group& to, float value, const float* from) {
  Group group;
  Load(from, group);
#pragma GCC unroll 2
  for (size_t k = 0; k < kVectors; ++k) to.v[k] += value * group.v[k];
}

// The place of the i-th number's weights; rows without gaps have no index.
FD_INLINE size_t At(const uint32_t* index, size_t i) {
  return (index != nullptr ? index[i] : i) * kLanes;
}

// Two sums, as additions wait for one another.
FD_INLINE void Sum(const uint32_t* index, const float* value, size_t n, const float* weights,
                   float* sums) {
  Group even = {}, odd = {};
  size_t i = 0;
  for (; i + 2 <= n; i += 2) {
    AddTimes(even, value[i], weights + At(index, i));
    AddTimes(odd, value[i + 1], weights + At(index, i + 1));
  }
  if (i < n) AddTimes(even, value[i], weights + At(index, i));
  Group before;
  Load(sums, before);
#pragma GCC unroll 2
  for (size_t k = 0; k < kVectors; ++k) even.v[k] += odd.v[k] + before.v[k];
  Store(even, sums);
}

FD_INLINE void Add(const uint32_t* index, const float* value, size_t n, const float* steps,
                   float* weights) {
  Group step;
  Load(steps, step);
  for (size_t i = 0; i < n; ++i) {
    float* place = weights + At(index, i);
    Group group;
    Load(place, group);
#pragma GCC unroll 2
    for (size_t k = 0; k < kVectors; ++k) group.v[k] += value[i] * step.v[k];
    Store(group, place);
  }
}

namespace plain {

void SumSparse(const uint32_t* index, const float* value, size_t n, const float* weights,
               float* sums) {
  Sum(index, value, n, weights, sums);
}

void AddSparse(const uint32_t* index, const float* value, size_t n, const float* steps,
               float* weights) {
  Add(index, value, n, steps, weights);
}

void SumDense(const float* value, size_t n, const float* weights, float* sums) {
  Sum(nullptr, value, n, weights, sums);
}

void AddDense(const float* value, size_t n, const float* steps, float* weights) {
  Add(nullptr, value, n, steps, weights);
}

constexpr LaneLoops kLoops = {SumSparse, AddSparse, SumDense, AddDense};

}  // namespace plain

namespace avx2 {

FD_AVX2 void SumSparse(const uint32_t* index, const float* value, size_t n, const float* weights,
                       float* sums) {
  Sum(index, value, n, weights, sums);
}

FD_AVX2 void AddSparse(const uint32_t* index, const float* value, size_t n, const float* steps,
                       float* weights) {
  Add(index, value, n, steps, weights);
}

FD_AVX2 void SumDense(const float* value, size_t n, const float* weights, float* sums) {
  Sum(nullptr, value, n, weights, sums);
}

FD_AVX2 void AddDense(const float* value, size_t n, const float* steps, float* weights) {
  Add(nullptr, value, n, steps, weights);
}

constexpr LaneLoops kLoops = {SumSparse, AddSparse, SumDense, AddDense};

}  // namespace avx2

// One class alone: two-class problems are common and need no sixteenfold weights.
namespace single {

void SumSparse(const uint32_t* index, const float* value, size_t n, const float* weights,
               float* sums) {
  float parts[4] = {};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (size_t k = 0; k < 4; ++k) parts[k] += value[i + k] * weights[index[i + k]];
  }
  for (; i < n; ++i) parts[0] += value[i] * weights[index[i]];
  *sums += (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

void AddSparse(const uint32_t* index, const float* value, size_t n, const float* steps,
               float* weights) {
  for (size_t i = 0; i < n; ++i) weights[index[i]] += value[i] * *steps;
}

void SumDense(const float* value, size_t n, const float* weights, float* sums) {
  *sums += Dot(value, weights, n);
}

void AddDense(const float* value, size_t n, const float* steps, float* weights) {
  AddScaled(*steps, value, weights, n);
}

constexpr LaneLoops kLoops = {SumSparse, AddSparse, SumDense, AddDense};

}  // namespace single

}  // namespace

const LaneLoops& LoopsFor(size_t lanes) {
  if (lanes == 1) return single::kLoops;
  return HasAvx2() ? avx2::kLoops : plain::kLoops;
}

}  // namespace frontdesk::text
