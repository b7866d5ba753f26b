#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/text/classify/dataset.h"
#include "libs/text/similar/pair_model.h"
#include "libs/text/tables/table.h"

namespace frontdesk::text {

// Which columns of a table hold what. See TableOptions::columns.
struct LabelledColumns {
  TableFormat format = TableFormat::kCsv;
  bool header = true;
  std::string text = "text";
  std::string label = "label";
};

struct LabelledTable {
  Dataset data;
  std::vector<size_t> lines;  // of each example
  RefusedRows refused;
};

// Also refused: an empty or overlong label, an overlong text. An empty text is an example like any
// other. Errors as ParseTable's.
absl::StatusOr<LabelledTable> ParseLabelled(std::string_view bytes, const LabelledColumns& columns);

struct PairColumns {
  TableFormat format = TableFormat::kTsv;
  bool header = true;
  std::string a = "a";
  std::string b = "b";
  std::string same;  // "" = there is none: all pairs are taken for different
};

struct PairTable {
  std::vector<Pair> pairs;
  std::vector<size_t> lines;
  RefusedRows refused;
};

// "1", "true", "yes", "same" and "0", "false", "no", "different" say whether; other words are
// refused.
absl::StatusOr<PairTable> ParsePairs(std::string_view bytes, const PairColumns& columns);

}  // namespace frontdesk::text
