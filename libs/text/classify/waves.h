#pragma once

#include <cstddef>
#include <vector>

#include "absl/types/span.h"

namespace frontdesk::text {

// Lets a linear model tell vectors apart along curves. A class is a region on the sphere that an
// encoder's vectors lie on, not a half of it; a linear model of the vectors themselves can only cut
// the sphere in halves. So a vector is read as cosines and sines along directions of chance (random
// Fourier features): their product for two vectors is nearly exp(kWaveSharpness * (cosine - 1)),
// which is large for near ones and never negative. The directions are the rows of three Hadamard
// matrices with signs of chance between them, so that nothing is stored and a vector takes
// microseconds.
//
// Pure: the same vector gives the same bits on every machine.
inline constexpr float kWaveSharpness = 2.0f;

// The vector as a model reads it: less `mean` and then of length 1 (what all texts have in common
// says nothing), and its waves behind it. `shaped` gets ShapeOf(values.size()) numbers.
void Shape(absl::Span<const float> values, absl::Span<const float> mean,
           std::vector<float>& shaped);
size_t ShapeOf(size_t dimensions);

// Makes `values` of length 1; nothing of nothing.
void Normalise(absl::Span<float> values);

// How many numbers a vector becomes: twice the power of two that holds it, at least 2 * 512.
size_t WavesOf(size_t dimensions);

// `vector` has length 1 or 0, `waves` WavesOf(vector.size()) places. What comes out has length 1;
// of a vector of length 0 nothing but zeros.
void MakeWaves(absl::Span<const float> vector, absl::Span<float> waves);

}  // namespace frontdesk::text
