#include "libs/text/measure/folds.h"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

namespace frontdesk::text {
namespace {

TEST_CASE("Every label is spread over the folds as evenly as its count allows", "[folds]") {
  std::vector<std::string> labels(23, "many");
  labels.insert(labels.end(), 7, "some");
  labels.insert(labels.end(), 2, "few");
  const std::vector<int> folds = StratifiedFolds(labels, 5, 1);
  std::map<std::string, std::vector<int>> counts;
  for (size_t i = 0; i < labels.size(); ++i) {
    counts[labels[i]].resize(5);
    ++counts[labels[i]][static_cast<size_t>(folds[i])];
  }
  for (const auto& [label, count] : counts) {
    INFO(label);
    const auto [least, most] = std::ranges::minmax(count);
    CHECK(most - least <= 1);
  }
  std::vector<int> sizes(5);
  for (const int fold : folds) ++sizes[static_cast<size_t>(fold)];
  const auto [least, most] = std::ranges::minmax(sizes);
  CHECK(most - least <= 1);
}

TEST_CASE("The same seed gives the same folds, another one others", "[folds]") {
  std::vector<std::string> labels;
  for (int i = 0; i < 100; ++i) labels.push_back(i % 3 == 0 ? "a" : "b");
  CHECK(StratifiedFolds(labels, 5, 1) == StratifiedFolds(labels, 5, 1));
  CHECK(StratifiedFolds(labels, 5, 1) != StratifiedFolds(labels, 5, 2));
}

}  // namespace
}  // namespace frontdesk::text
