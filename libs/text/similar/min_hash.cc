#include "libs/text/similar/min_hash.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <limits>
#include <string>

#include "libs/text/normalize.h"

namespace frontdesk::text {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
constexpr int kHashes = kBands * kRowsPerBand;

// The finaliser of murmur3, 64 bits: every input bit reaches every output bit.
uint64_t Mix(uint64_t x) {
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDULL;
  x ^= x >> 33;
  x *= 0xC4CEB9FE1A85EC53ULL;
  return x ^ (x >> 33);
}

bool IsHan(UChar32 c) { return c >= 0x2E80 && u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC); }

// A space, the characters of the match key, a space.
std::vector<UChar32> Padded(const std::string& key) {
  std::vector<UChar32> out{' '};
  const auto* bytes = reinterpret_cast<const uint8_t*>(key.data());
  const auto size = static_cast<int32_t>(key.size());
  for (int32_t i = 0; i < size && out.size() < kShinglesMax;) {
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    out.push_back(c < 0 ? 0xFFFD : c);
  }
  out.push_back(' ');
  return out;
}

struct SharedCount {
  size_t shared = 0;
  size_t all = 0;
};

// Merges two ascending lists until `limit` different hashes were seen.
SharedCount Merge(const Sketch& a, const Sketch& b, size_t limit) {
  SharedCount count;
  size_t i = 0;
  size_t j = 0;
  while (count.all < limit && (i < a.hashes.size() || j < b.hashes.size())) {
    const uint64_t left = i < a.hashes.size() ? a.hashes[i] : uint64_t{kNone} + 1;
    const uint64_t right = j < b.hashes.size() ? b.hashes[j] : uint64_t{kNone} + 1;
    count.all++;
    if (left == right) count.shared++;
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return count;
}

}  // namespace

Sketch MakeSketch(std::string_view text) {
  Sketch sketch;
  const std::string key = MatchKey(text);
  if (key.empty()) return sketch;
  const std::vector<UChar32> letters = Padded(key);
  std::vector<uint32_t>& hashes = sketch.hashes;
  hashes.reserve(letters.size());
  for (size_t i = 0; i + 2 < letters.size(); ++i) {
    const bool pair = IsHan(letters[i]) || IsHan(letters[i + 1]);
    const uint64_t third = pair ? 0 : static_cast<uint64_t>(letters[i + 2]);
    const uint64_t shingle = static_cast<uint64_t>(letters[i]) << 42 |
                             static_cast<uint64_t>(letters[i + 1]) << 21 | third;
    hashes.push_back(static_cast<uint32_t>(Mix(shingle)));
  }
  // The last pair: "款 " says that the text ends here.
  hashes.push_back(
      static_cast<uint32_t>(Mix(static_cast<uint64_t>(letters.end()[-2]) << 42 | ' ' << 21)));
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  sketch.complete = hashes.size() <= kSketchMax;
  if (!sketch.complete) hashes.resize(kSketchMax);
  hashes.shrink_to_fit();
  return sketch;
}

// One permutation with rotation: every shingle falls into one of 96 bins and the smallest of a bin
// is its value; an empty bin takes that of the next one that is not, changed by the distance. One
// pass, where 96 hash functions would take 96. Taken from the sketch, so it costs the same for a
// long text as for a middling one.
std::array<uint32_t, kBands> BandsOf(const Sketch& sketch) {
  std::array<uint32_t, kBands> bands{};
  if (sketch.hashes.empty()) return bands;
  std::array<uint64_t, kHashes> bins;
  bins.fill(std::numeric_limits<uint64_t>::max());
  for (const uint32_t hash : sketch.hashes) {
    const uint64_t mixed = Mix(hash + 0x9E3779B97F4A7C15ULL);
    uint64_t& bin = bins[(mixed >> 32) * kHashes >> 32];
    bin = std::min(bin, mixed & 0xFFFFFFFFU);
  }
  std::array<uint64_t, kHashes> filled = bins;
  for (int i = 0; i < kHashes; ++i) {
    for (int d = 0; filled[i] > kNone; ++d) {
      const uint64_t other = bins[(i + d) % kHashes];
      if (other <= kNone) filled[i] = Mix(other + static_cast<uint64_t>(d) * 0x1F123BB5ULL) & kNone;
    }
  }
  for (int band = 0; band < kBands; ++band) {
    uint64_t hash = static_cast<uint64_t>(band);
    for (int row = 0; row < kRowsPerBand; ++row) {
      hash = Mix(hash * 31 + filled[static_cast<size_t>(band * kRowsPerBand + row)]);
    }
    bands[static_cast<size_t>(band)] = static_cast<uint32_t>(hash);
  }
  return bands;
}

double Jaccard(const Sketch& a, const Sketch& b) {
  if (a.hashes.empty() || b.hashes.empty()) return 0;
  // The smallest k of a union are a random sample of it, as long as both lists reach that far.
  size_t limit = std::numeric_limits<size_t>::max();
  if (!a.complete) limit = std::min(limit, a.hashes.size());
  if (!b.complete) limit = std::min(limit, b.hashes.size());
  const SharedCount count = Merge(a, b, limit);
  return static_cast<double>(count.shared) / static_cast<double>(count.all);
}

}  // namespace frontdesk::text
