#include "libs/text/classify/report.h"

#include <algorithm>
#include <map>

namespace frontdesk::text {

ConfusionReport MakeConfusionReport(absl::Span<const std::string> labels,
                                    absl::Span<const int> expected, absl::Span<const int> got) {
  ConfusionReport report;
  report.examples = expected.size();
  std::vector<size_t> wanted(labels.size()), taken(labels.size()), right(labels.size());
  std::map<std::pair<int, int>, size_t> pairs;
  size_t hits = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto want = static_cast<size_t>(expected[i]);
    ++wanted[want];
    ++taken[static_cast<size_t>(got[i])];
    if (expected[i] == got[i]) {
      ++right[want];
      ++hits;
    } else {
      ++pairs[{expected[i], got[i]}];
    }
  }
  double f1_sum = 0;
  size_t present = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (wanted[i] + taken[i] == 0) continue;
    ClassReport one{labels[i], wanted[i], 0, 0, 0};
    const auto hit = static_cast<double>(right[i]);
    if (taken[i] > 0) one.precision = hit / static_cast<double>(taken[i]);
    if (wanted[i] > 0) one.recall = hit / static_cast<double>(wanted[i]);
    one.f1 = 2 * hit / static_cast<double>(wanted[i] + taken[i]);
    if (wanted[i] > 0) {
      f1_sum += one.f1;
      ++present;
    }
    report.classes.push_back(std::move(one));
  }
  if (!expected.empty()) {
    report.accuracy = static_cast<double>(hits) / static_cast<double>(expected.size());
  }
  if (present > 0) report.macro_f1 = f1_sum / static_cast<double>(present);
  for (const auto& [pair, count] : pairs) {
    report.confusions.push_back(
        {labels[static_cast<size_t>(pair.first)], labels[static_cast<size_t>(pair.second)], count});
  }
  std::stable_sort(report.confusions.begin(), report.confusions.end(),
                   [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  return report;
}

}  // namespace frontdesk::text
