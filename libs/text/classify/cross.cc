#include "libs/text/classify/cross.h"

#include <algorithm>
#include <map>

#include "libs/base/random.h"
#include "libs/text/classify/lanes.h"
#include "libs/text/classify/parallel.h"

namespace frontdesk::text {
namespace {

constexpr uint64_t kFoldSeed = 20261;
constexpr uint64_t kSampleSeed = 20262;

// The rows of each class, each list in an order of chance that is always the same.
std::map<int, std::vector<uint32_t>> Shuffled(absl::Span<const uint32_t> rows,
                                              absl::Span<const int> classes, uint64_t seed) {
  std::map<int, std::vector<uint32_t>> by_class;
  for (uint32_t row : rows) by_class[classes[row]].push_back(row);
  SeededRandom random(seed);
  for (auto& [unused, members] : by_class) {
    for (size_t i = members.size(); i > 1; --i) {
      std::swap(members[i - 1], members[random.Uniform(i)]);
    }
  }
  return by_class;
}

// Two classes are one question.
bool IsMirrored(int columns) { return columns == 2; }

int LearntColumns(int columns) { return IsMirrored(columns) ? 1 : columns; }

int BlocksOf(int columns) {
  return (LearntColumns(columns) + static_cast<int>(kLanes) - 1) / static_cast<int>(kLanes);
}

std::vector<std::vector<float>> SolveBlock(const Rows& rows, absl::Span<const uint32_t> learn,
                                           absl::Span<const int> classes, int block,
                                           const CrossOptions& options) {
  const int first = block * static_cast<int>(kLanes);
  const int count = std::min(static_cast<int>(kLanes), LearntColumns(options.columns) - first);
  return Solve(rows, learn, classes, first, count, options.solve);
}

}  // namespace

std::vector<Split> MakeFolds(absl::Span<const uint32_t> rows, absl::Span<const int> classes,
                             int folds) {
  std::vector<Split> splits(static_cast<size_t>(folds));
  size_t next = 0;  // goes on from class to class, so that the folds are of one size
  for (const auto& [unused, members] : Shuffled(rows, classes, kFoldSeed)) {
    for (uint32_t row : members) {
      const size_t own = members.size() == 1 ? splits.size() : next++ % splits.size();
      for (size_t f = 0; f < splits.size(); ++f) {
        (f == own ? splits[f].score : splits[f].learn).push_back(row);
      }
    }
  }
  for (Split& split : splits) {
    std::sort(split.learn.begin(), split.learn.end());
    std::sort(split.score.begin(), split.score.end());
  }
  return splits;
}

std::vector<uint32_t> Sample(absl::Span<const int> classes, size_t most, size_t each) {
  std::vector<uint32_t> all(classes.size());
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  if (all.size() <= most) return all;
  std::vector<uint32_t> out;
  for (const auto& [unused, members] : Shuffled(all, classes, kSampleSeed)) {
    const size_t share = members.size() * most / all.size();
    const size_t taken = std::min(members.size(), std::max(share, each));
    out.insert(out.end(), members.begin(), members.begin() + static_cast<ptrdiff_t>(taken));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::vector<float>> SolveAll(const Rows& rows, absl::Span<const uint32_t> learn,
                                         absl::Span<const int> classes,
                                         const CrossOptions& options) {
  std::vector<std::vector<float>> weights(static_cast<size_t>(options.columns));
  const auto solve = [&](size_t block) {
    auto solved = SolveBlock(rows, learn, classes, static_cast<int>(block), options);
    for (size_t i = 0; i < solved.size(); ++i) weights[block * kLanes + i] = std::move(solved[i]);
  };
  const auto blocks = static_cast<size_t>(BlocksOf(options.columns));
  if (!ForEach(blocks, options.threads, solve, options.keep_going)) return {};
  if (IsMirrored(options.columns)) {
    weights[1] = weights[0];
    for (float& weight : weights[1]) weight = -weight;
  }
  return weights;
}

bool CrossScores(const Rows& rows, absl::Span<const int> classes, absl::Span<const Split> splits,
                 const CrossOptions& options, std::vector<float>& scores) {
  const auto columns = static_cast<size_t>(options.columns);
  const auto blocks = static_cast<size_t>(BlocksOf(options.columns));
  scores.assign(rows.size() * columns, 0.0f);
  const auto work = [&](size_t item) {
    const Split& split = splits[item / blocks];
    const size_t block = item % blocks;
    const auto weights = SolveBlock(rows, split.learn, classes, static_cast<int>(block), options);
    for (uint32_t row : split.score) {
      float* out = scores.data() + row * columns + block * kLanes;
      for (size_t i = 0; i < weights.size(); ++i) out[i] = Score(rows, row, weights[i]);
      if (IsMirrored(options.columns)) out[1] = -out[0];
    }
  };
  return ForEach(splits.size() * blocks, options.threads, work, options.keep_going);
}

}  // namespace frontdesk::text
