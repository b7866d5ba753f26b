#include "libs/config/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace frontdesk::config {
namespace {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string Nearest(std::string_view word, std::span<const std::string> known) {
  // A guess further away than this would send the reader the wrong way; and the work is bounded.
  constexpr size_t kLongestWord = 128;
  const size_t farthest = std::max<size_t>(2, word.size() / 3);
  if (word.size() > kLongestWord) return "";
  std::string nearest;
  size_t distance = farthest + 1;
  for (const std::string& candidate : known) {
    const size_t d = EditDistance(word, candidate);
    if (d >= distance || d >= candidate.size()) continue;
    distance = d;
    nearest = candidate;
  }
  return nearest;
}

std::string DidYouMean(std::string_view word, std::span<const std::string> known) {
  const std::string nearest = Nearest(word, known);
  return nearest.empty() ? "" : ", did you mean '" + nearest + "'?";
}

}  // namespace frontdesk::config
