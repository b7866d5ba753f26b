#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace frontdesk::text {

// How well a class is told from the others.
struct ClassReport {
  std::string label;
  size_t examples = 0;
  double precision = 0;  // of those taken for it; 0 when none was
  double recall = 0;     // of its examples
  double f1 = 0;

  bool operator==(const ClassReport&) const = default;
};

// `count` examples of `label` were taken for `taken_for`.
struct Confusion {
  std::string label;
  std::string taken_for;
  size_t count = 0;

  bool operator==(const Confusion&) const = default;
};

struct ConfusionReport {
  size_t examples = 0;
  double accuracy = 0;
  double macro_f1 = 0;                // over the classes that have examples
  std::vector<ClassReport> classes;   // in the order of labels, those with examples or taken for
  std::vector<Confusion> confusions;  // every pair that happened, the most frequent first
};

// Compares positions in `labels`. REQUIRES: both of one length, every value a position.
ConfusionReport MakeConfusionReport(absl::Span<const std::string> labels,
                                    absl::Span<const int> expected, absl::Span<const int> got);

}  // namespace frontdesk::text
