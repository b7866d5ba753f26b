#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace frontdesk::text {

// What a training may take. More is refused, never cut.
inline constexpr size_t kExamplesMax = 1'000'000;
inline constexpr size_t kClassesMax = 2'000;
inline constexpr size_t kLabelBytesMax = 256;
inline constexpr size_t kExampleBytesMax = size_t{64} << 10;
inline constexpr size_t kDatasetBytesMax = size_t{512} << 20;

// One text and what it should be taken for.
struct Example {
  std::string text;
  std::string label;
};

struct Dataset {
  std::vector<Example> examples;
  // The label that means "none of the others", and whose examples teach what to refuse. Empty =
  // the data hold no such examples.
  std::string out_of_scope_label;
};

// What is wrong, or may be, with data. The numbers tell it whole; `Describe` makes a sentence.
struct Finding {
  enum class Kind : uint8_t {
    kOneExample,     // `label` has a single example: nothing can be held back to check it
    kFewExamples,    // `label` has fewer than kExamplesWanted
    kContradiction,  // the same text under `label` and `other_label`, `count` times
    kDuplicates,     // `count` examples repeat another one of `label`
    kUnbalanced,     // `label` is `count` times as frequent as `other_label`
    kEmptyText,      // `count` examples of `label` hold no letter or digit
  };
  Kind kind;
  std::string label;
  std::string other_label;
  size_t count = 0;
  // Positions in Dataset::examples, a few of them.
  std::vector<size_t> where;

  bool operator==(const Finding&) const = default;
};

inline constexpr size_t kExamplesWanted = 10;  // below it a class is guessed rather than learnt
inline constexpr size_t kFindingsMax = 200;    // of each kind

// A dataset as numbers: classes in the order of their labels, so that the order of examples does
// not show in a model's layout.
struct LabelledRows {
  std::vector<std::string> labels;  // sorted; without the out-of-scope label
  std::vector<int> classes;         // of each example; kOutOfScope for that label
  static constexpr int kOutOfScope = -1;
};

// INVALID_ARGUMENT: fewer than two classes, an empty or overlong label, a label or text that is not
// UTF-8. RESOURCE_EXHAUSTED: above a limit. The message names the example by position, never by
// text.
absl::StatusOr<LabelledRows> ReadLabels(const Dataset& data);

// What to tell whoever made the data, worst first. Texts are compared by MatchKey.
std::vector<Finding> Diagnose(const Dataset& data);
std::string Describe(const Finding& finding);

// Of every text and label in order, and of the out-of-scope label; 16 hexadecimal digits. Not for
// adversaries.
std::string FingerprintOf(const Dataset& data);

}  // namespace frontdesk::text
