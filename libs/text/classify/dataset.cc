#include "libs/text/classify/dataset.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/text/classify/errors.h"
#include "libs/text/normalize.h"

namespace frontdesk::text {
namespace {

using Kind = Finding::Kind;

constexpr size_t kPlacesShown = 5;
constexpr size_t kUnbalancedFrom = 20;  // times

absl::Status CheckExample(const Example& example, size_t position) {
  const std::string field = fmt::format("examples[{}]", position);
  if (example.label.empty()) return InvalidField(field + ".label", "is empty");
  if (example.label.size() > kLabelBytesMax) {
    return InvalidField(field + ".label", fmt::format("is longer than {} bytes", kLabelBytesMax));
  }
  if (!IsValidUtf8(example.label)) return InvalidField(field + ".label", "is not UTF-8");
  if (!IsValidUtf8(example.text)) return InvalidField(field + ".text", "is not UTF-8");
  if (example.text.size() > kExampleBytesMax) {
    return TrainingLimitError("bytes in one example", example.text.size(), kExampleBytesMax);
  }
  return absl::OkStatus();
}

bool HasContent(std::string_view key) {
  return std::any_of(key.begin(), key.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z');
  });
}

// Findings of one kind that share labels are one finding that counts.
class Findings {
 public:
  void Add(Kind kind, const std::string& label, const std::string& other, size_t position) {
    Finding& finding = found_[{kind, label, other}];
    finding.kind = kind;
    finding.label = label;
    finding.other_label = other;
    ++finding.count;
    if (finding.where.size() < kPlacesShown) finding.where.push_back(position);
  }

  void MoveTo(std::vector<Finding>& out) {
    std::map<Kind, std::vector<Finding>> by_kind;
    for (auto& [key, finding] : found_) by_kind[finding.kind].push_back(std::move(finding));
    for (auto& [kind, list] : by_kind) {
      std::stable_sort(list.begin(), list.end(),
                       [](const Finding& a, const Finding& b) { return a.count > b.count; });
      if (list.size() > kFindingsMax) list.resize(kFindingsMax);
      for (Finding& finding : list) out.push_back(std::move(finding));
    }
  }

 private:
  std::map<std::tuple<Kind, std::string, std::string>, Finding> found_;
};

void FindRepeats(const Dataset& data, Findings& findings) {
  std::unordered_map<std::string, std::vector<size_t>> by_text;
  for (size_t i = 0; i < data.examples.size(); ++i) {
    const Example& example = data.examples[i];
    std::string key = MatchKey(example.text);
    if (!HasContent(key)) findings.Add(Kind::kEmptyText, example.label, "", i);
    std::vector<size_t>& same = by_text[std::move(key)];
    std::set<std::string_view> others;
    bool repeated = false;
    for (size_t before : same) {
      const std::string& label = data.examples[before].label;
      if (label == example.label) {
        repeated = true;
      } else if (others.insert(label).second) {
        findings.Add(Kind::kContradiction, std::min(label, example.label),
                     std::max(label, example.label), i);
      }
    }
    if (repeated) {
      findings.Add(Kind::kDuplicates, example.label, "", i);
    } else {
      same.push_back(i);  // one place a label is enough to compare with
    }
  }
}

void CompareSizes(const Dataset& data, Findings& findings, std::vector<Finding>& out) {
  std::map<std::string, std::vector<size_t>> classes;
  for (size_t i = 0; i < data.examples.size(); ++i) {
    if (data.examples[i].label == data.out_of_scope_label) continue;
    std::vector<size_t>& members = classes[data.examples[i].label];
    if (members.size() <= kExamplesWanted) members.push_back(i);
  }
  for (const auto& [label, members] : classes) {
    if (members.size() >= kExamplesWanted) continue;
    const Kind kind = members.size() == 1 ? Kind::kOneExample : Kind::kFewExamples;
    for (size_t position : members) findings.Add(kind, label, "", position);
  }
  std::map<std::string, size_t> sizes;
  for (const Example& example : data.examples) {
    if (example.label != data.out_of_scope_label) ++sizes[example.label];
  }
  if (sizes.empty()) return;
  const auto by_size = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end(), by_size);
  if (most->second >= kUnbalancedFrom * least->second) {
    out.push_back({Kind::kUnbalanced, most->first, least->first, most->second / least->second, {}});
  }
}

}  // namespace

absl::StatusOr<LabelledRows> ReadLabels(const Dataset& data) {
  if (data.examples.size() > kExamplesMax) {
    return TrainingLimitError("examples", data.examples.size(), kExamplesMax);
  }
  size_t bytes = 0;
  std::map<std::string_view, int> index;
  for (size_t i = 0; i < data.examples.size(); ++i) {
    FD_RETURN_IF_ERROR(CheckExample(data.examples[i], i));
    bytes += data.examples[i].text.size();
    if (data.examples[i].label != data.out_of_scope_label) index[data.examples[i].label] = 0;
  }
  if (bytes > kDatasetBytesMax) {
    return TrainingLimitError("bytes of text", bytes, kDatasetBytesMax);
  }
  if (index.size() < 2) return TooFewClassesError(index.size());
  if (index.size() > kClassesMax) return TrainingLimitError("classes", index.size(), kClassesMax);
  LabelledRows rows;
  for (auto& [label, number] : index) {
    number = static_cast<int>(rows.labels.size());
    rows.labels.emplace_back(label);
  }
  rows.classes.reserve(data.examples.size());
  for (const Example& example : data.examples) {
    rows.classes.push_back(example.label == data.out_of_scope_label ? LabelledRows::kOutOfScope
                                                                    : index[example.label]);
  }
  return rows;
}

std::vector<Finding> Diagnose(const Dataset& data) {
  std::vector<Finding> out;
  Findings findings;
  FindRepeats(data, findings);
  CompareSizes(data, findings, out);
  findings.MoveTo(out);
  std::stable_sort(out.begin(), out.end(),
                   [](const Finding& a, const Finding& b) { return a.kind < b.kind; });
  return out;
}

std::string Describe(const Finding& f) {
  switch (f.kind) {
    case Kind::kOneExample:
      return fmt::format("'{}' has one example: it is learnt, but nothing can check it", f.label);
    case Kind::kFewExamples:
      return fmt::format("'{}' has {} examples; {} and more are wanted", f.label, f.count,
                         kExamplesWanted);
    case Kind::kContradiction:
      return fmt::format("{} texts stand under both '{}' and '{}'", f.count, f.label,
                         f.other_label);
    case Kind::kDuplicates:
      return fmt::format("{} examples of '{}' repeat another one", f.count, f.label);
    case Kind::kUnbalanced:
      return fmt::format("'{}' is {} times as frequent as '{}'", f.label, f.count, f.other_label);
    case Kind::kEmptyText:
      return fmt::format("{} examples of '{}' hold no letter or digit", f.count, f.label);
  }
  return "";
}

std::string FingerprintOf(const Dataset& data) {
  // A chain: each step covers the hash so far, so that order counts and no copy of it all is made.
  uint64_t hash = Fingerprint64(data.out_of_scope_label);
  for (const Example& example : data.examples) {
    hash = Fingerprint64(fmt::format("{:016x}{:016x}{:016x}", hash, Fingerprint64(example.label),
                                     Fingerprint64(example.text)));
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace frontdesk::text
