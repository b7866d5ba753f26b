#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/text/encoder/encoder.h"
#include "tests/eval/sets.h"

namespace frontdesk::eval {

// One number of one set.
struct Row {
  std::string set;
  std::string metric;
  double value = 0;            // of the product as it is: spelling and meaning together
  double sparse = 0;           // spelling alone; 0 = does not apply
  double dense = 0;            // vectors alone
  const Mark* mark = nullptr;  // null where nothing is asked
  bool count = false;          // a number of things, not a share
};

struct Tools {
  text::Encoder* english = nullptr;
  text::Encoder* chinese = nullptr;
  int threads = 1;
  std::string details;  // file for what stands behind the answers, a line a candidate; empty = none
  // Told what is being done and which share of the set is done.
  std::function<void(std::string_view stage, double done)> progress;
};

// Everything that is asked of a set, in the order of the README's table. Blocks for minutes.
absl::StatusOr<std::vector<Row>> Measure(const EvalSet& set, const SetData& data,
                                         const Tools& tools);

// The parts of it; apart because each is a screen of its own.
absl::StatusOr<std::vector<Row>> MeasurePairs(const EvalSet& set, const SetData& data,
                                              const Tools& tools);
absl::StatusOr<std::vector<Row>> MeasureSmoke(const EvalSet& set, const SetData& data,
                                              const Tools& tools);

// By the service's own index and ranking.
absl::StatusOr<std::vector<Row>> MeasureAnswers(const EvalSet& set, const SetData& data,
                                                const Tools& tools);

// By the table that a search looks in, beside FAISS.
absl::StatusOr<std::vector<Row>> MeasureNearest(const EvalSet& set, const SetData& data,
                                                const Tools& tools);

// Null where the set asks nothing of that number.
const Mark* MarkOf(const EvalSet& set, std::string_view metric);

}  // namespace frontdesk::eval
