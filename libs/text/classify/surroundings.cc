#include "libs/text/classify/surroundings.h"

#include <algorithm>
#include <cmath>

#include "libs/text/classify/vector_math.h"
#include "libs/text/classify/waves.h"

namespace frontdesk::text {

// The vector itself; its waves stand behind it.
absl::Span<const float> Surroundings::VectorOf(size_t row) const {
  const int block = rows_.block(row);
  if (block < 0) return {};
  return rows_.dense(row).subspan(0, blocks_[static_cast<size_t>(block)].dimensions);
}

Surroundings::Surroundings(const Rows& rows, absl::Span<const uint32_t> members,
                           absl::Span<const int> classes, size_t labels,
                           absl::Span<const VectorBlock> blocks)
    : rows_(rows),
      labels_(labels),
      blocks_(blocks),
      centres_(blocks.size()),
      samples_(blocks.size() * labels) {
  for (uint32_t row : members) {
    const int label = classes[row];
    if (label < 0 || static_cast<size_t>(label) >= labels || rows.block(row) < 0) continue;
    const auto block = static_cast<size_t>(rows.block(row));
    const absl::Span<const float> vector = VectorOf(row);
    std::vector<float>& centres = centres_[block];
    if (centres.empty()) centres.resize(labels * vector.size());
    AddScaled(1.0f, vector.data(), centres.data() + static_cast<size_t>(label) * vector.size(),
              vector.size());
    samples_[block * labels + static_cast<size_t>(label)].push_back(row);
  }
  for (std::vector<uint32_t>& list : samples_) {
    if (list.size() <= kSamplesEach) continue;
    // Evenly from the whole list: examples often come in groups.
    for (size_t i = 0; i < kSamplesEach; ++i) list[i] = list[i * list.size() / kSamplesEach];
    list.resize(kSamplesEach);
  }
  for (std::vector<float>& centres : centres_) {
    const size_t dimensions = centres.size() / labels;
    for (size_t i = 0; i < centres.size(); i += std::max<size_t>(dimensions, 1)) {
      Normalise(absl::MakeSpan(centres).subspan(i, dimensions));
    }
  }
}

absl::Span<const float> Surroundings::centre(size_t block, size_t label) const {
  const size_t dimensions = centres_[block].size() / labels_;
  return absl::MakeConstSpan(centres_[block]).subspan(label * dimensions, dimensions);
}

void Surroundings::Compare(size_t row, absl::Span<const uint32_t> best, Signals& signals) const {
  signals[kNearest] = signals[kOwnCentre] = signals[kBestCentre] = 0.0f;
  const absl::Span<const float> vector = VectorOf(row);
  if (vector.empty()) return;
  const auto block = static_cast<size_t>(rows_.block(row));
  if (centres_[block].empty()) return;
  float highest = -1.0f;
  for (uint32_t label : best.subspan(0, kCentresCompared)) {
    const float likeness = Dot(vector.data(), centre(block, label).data(), vector.size());
    highest = std::max(highest, likeness);
    if (label == best[0]) signals[kOwnCentre] = likeness;
  }
  signals[kBestCentre] = highest;
  float nearest = -1.0f;
  for (size_t i = 0; i < std::min(best.size(), kClassesCompared); ++i) {
    for (uint32_t sample : samples(block, best[i])) {
      const absl::Span<const float> known = VectorOf(sample);
      nearest = std::max(nearest, Dot(vector.data(), known.data(), vector.size()));
    }
  }
  signals[kNearest] = nearest;
}

}  // namespace frontdesk::text
