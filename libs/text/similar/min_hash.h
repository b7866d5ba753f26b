#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace frontdesk::text {

// What is kept of a text to find others like it: 24 hashes by which candidates are found, and a
// sketch by which they are judged. Pure functions, thread safe, linear in the text; input above
// kMaxTextBytes is cut there. The values are not part of any stored form.
//
// A text is the set of its shingles: all runs of three letters of its match key, of two where Han
// characters are among them (a Chinese word has two), a space before and behind. So case, width
// and spacing do not matter, and "order 12" and "12 order" are much alike.

inline constexpr int kBands = 24;
inline constexpr int kRowsPerBand = 4;         // two texts share a band with probability J^4
inline constexpr size_t kSketchMax = 256;      // shingles kept of one text
inline constexpr size_t kShinglesMax = 65536;  // looked at in one text

// The smallest kSketchMax hashes of a text's shingles, ascending, each once. Shorter texts have
// all of theirs, so that what is computed from two sketches is exact for them.
struct Sketch {
  std::vector<uint32_t> hashes;
  bool complete = true;  // nothing was left out

  bool operator==(const Sketch&) const = default;
};

// Empty when the text's match key is.
Sketch MakeSketch(std::string_view text);

// One number a band; texts of Jaccard similarity J agree in at least one with probability
// 1 - (1 - J^4)^24: 0.5 -> 79 %, 0.6 -> 96 %, 0.7 -> 99.8 %. All zero for an empty sketch.
std::array<uint32_t, kBands> BandsOf(const Sketch& sketch);

// Shared shingles through all shingles, 0 to 1: exact for two complete sketches, otherwise an
// estimate with a standard error of at most 0.032. Symmetric; 1 for a text and itself; 0 when one is
// empty.
double Jaccard(const Sketch& a, const Sketch& b);

}  // namespace frontdesk::text
