#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "libs/text/classify/linear.h"

namespace frontdesk::text {

// One division of rows: what is learnt from, and what is then scored.
struct Split {
  std::vector<uint32_t> learn;
  std::vector<uint32_t> score;
};

// `folds` splits of `rows`, each row scored once; every class is spread evenly over the folds, and a
// class with a single row is only ever learnt. Depends on the arguments alone.
std::vector<Split> MakeFolds(absl::Span<const uint32_t> rows, absl::Span<const int> classes,
                             int folds);

// At most `most` of `count` rows, every class kept in proportion but with at least `each` rows
// where it has them. Ascending.
std::vector<uint32_t> Sample(absl::Span<const int> classes, size_t most, size_t each);

struct CrossOptions {
  SolveOptions solve;
  int columns = 0;  // classes to learn, 0 … columns - 1
  int threads = 1;
  std::function<bool()> keep_going = [] { return true; };
};

// Where descents ended (linear.h), so that near ones can begin there: split after split, in each
// block after block of columns. Empty = nothing to begin with.
using Pulls = std::vector<std::vector<float>>;

// Those for learning from `rows` when `splits` of them were learnt: each row's mean over the splits
// that learnt it.
Pulls Joined(absl::Span<const Split> splits, const Pulls& pulls, absl::Span<const uint32_t> rows,
             int columns);

// The weights of all columns learnt from `learn`: column after column. Empty when told to stop.
std::vector<std::vector<float>> SolveAll(const Rows& rows, absl::Span<const uint32_t> learn,
                                         absl::Span<const int> classes, const CrossOptions& options,
                                         Pulls& pulls);

// What rows score when the weights have not seen them: `columns` numbers a row of `rows`, zero for
// rows that no split scores. False when told to stop.
bool CrossScores(const Rows& rows, absl::Span<const int> classes, absl::Span<const Split> splits,
                 const CrossOptions& options, Pulls& pulls, std::vector<float>& scores);

}  // namespace frontdesk::text
