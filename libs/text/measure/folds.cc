#include "libs/text/measure/folds.h"

#include <map>
#include <utility>

#include "libs/base/random.h"

namespace frontdesk::text {

std::vector<int> StratifiedFolds(absl::Span<const std::string> labels, int folds, uint64_t seed) {
  std::map<std::string_view, std::vector<size_t>> by_label;
  for (size_t i = 0; i < labels.size(); ++i) by_label[labels[i]].push_back(i);
  SeededRandom random(seed);
  std::vector<int> out(labels.size());
  // The next label goes on where the last one ended, so that small labels do not all fill fold 0.
  size_t next = 0;
  for (auto& [label, rows] : by_label) {
    for (size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.Uniform(i)]);
    for (const size_t row : rows) out[row] = static_cast<int>(next++ % static_cast<size_t>(folds));
  }
  return out;
}

}  // namespace frontdesk::text
