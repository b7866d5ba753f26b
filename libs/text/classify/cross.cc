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

int ColumnsOf(int block, int columns) {
  const auto lanes = static_cast<int>(kLanes);
  return std::min(lanes, LearntColumns(columns) - block * lanes);
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

Pulls Joined(absl::Span<const Split> splits, const Pulls& pulls, absl::Span<const uint32_t> rows,
             int columns) {
  const auto blocks = static_cast<size_t>(BlocksOf(columns));
  Pulls joined(blocks);
  for (size_t block = 0; block < blocks; ++block) {
    const size_t lanes = LanesOf(ColumnsOf(static_cast<int>(block), columns));
    joined[block].assign(rows.size() * lanes, 0.0f);
    std::vector<float> times(rows.size(), 0.0f);
    for (size_t s = 0; s < splits.size(); ++s) {
      const std::vector<float>& pull = pulls[s * blocks + block];
      size_t at = 0;  // both lists ascend
      for (size_t i = 0; i < splits[s].learn.size(); ++i) {
        while (rows[at] != splits[s].learn[i]) ++at;
        times[at] += 1.0f;
        for (size_t k = 0; k < lanes; ++k) joined[block][at * lanes + k] += pull[i * lanes + k];
      }
    }
    for (size_t i = 0; i < joined[block].size(); ++i) {
      joined[block][i] /= std::max(times[i / lanes], 1.0f);
    }
  }
  return joined;
}

std::vector<std::vector<float>> SolveAll(const Rows& rows, absl::Span<const uint32_t> learn,
                                         absl::Span<const int> classes, const CrossOptions& options,
                                         Pulls& pulls) {
  std::vector<std::vector<float>> weights(static_cast<size_t>(options.columns));
  const auto blocks = static_cast<size_t>(BlocksOf(options.columns));
  pulls.resize(blocks);
  const auto solve = [&](size_t block) {
    const auto number = static_cast<int>(block);
    auto solved = Solve(rows, learn, classes, number * static_cast<int>(kLanes),
                        ColumnsOf(number, options.columns), options.solve, &pulls[block]);
    for (size_t i = 0; i < solved.size(); ++i) weights[block * kLanes + i] = std::move(solved[i]);
  };
  if (!ForEach(blocks, options.threads, solve, options.keep_going)) return {};
  if (IsMirrored(options.columns)) {
    weights[1] = weights[0];
    for (float& weight : weights[1]) weight = -weight;
  }
  return weights;
}

bool CrossScores(const Rows& rows, absl::Span<const int> classes, absl::Span<const Split> splits,
                 const CrossOptions& options, Pulls& pulls, std::vector<float>& scores) {
  const auto columns = static_cast<size_t>(options.columns);
  const auto blocks = static_cast<size_t>(BlocksOf(options.columns));
  scores.assign(rows.size() * columns, 0.0f);
  pulls.resize(splits.size() * blocks);
  const auto work = [&](size_t item) {
    const Split& split = splits[item / blocks];
    const size_t block = item % blocks;
    const auto first = static_cast<int>(block * kLanes);
    const int count = ColumnsOf(static_cast<int>(block), options.columns);
    const std::vector<float> own = SolveAndScore(rows, split.learn, classes, first, count,
                                                 options.solve, split.score, &pulls[item]);
    const size_t lanes = LanesOf(count);
    for (size_t i = 0; i < split.score.size(); ++i) {
      float* out = scores.data() + split.score[i] * columns + block * kLanes;
      std::copy_n(own.begin() + static_cast<ptrdiff_t>(i * lanes), count, out);
      if (IsMirrored(options.columns)) out[1] = -out[0];
    }
  };
  return ForEach(splits.size() * blocks, options.threads, work, options.keep_going);
}

}  // namespace frontdesk::text
