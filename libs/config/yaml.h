#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace frontdesk::config {

// One node of a YAML document as a plain value: no aliases, tags or exceptions left. Every error
// made from it starts with where it stands ("tenants.yaml:3:5: ").
class Node {
 public:
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind() const { return kind_; }
  bool IsNull() const { return kind_ == Kind::kNull; }
  bool IsScalar() const { return kind_ == Kind::kScalar; }
  bool IsList() const { return kind_ == Kind::kList; }
  bool IsMap() const { return kind_ == Kind::kMap; }

  // The text of a scalar, "" otherwise.
  const std::string& scalar() const { return scalar_; }
  // The elements of a list, empty otherwise.
  const std::vector<Node>& items() const { return items_; }
  // The entries of a map in the order of the file, empty otherwise. Keys are unique.
  const std::vector<std::pair<std::string, Node>>& entries() const { return entries_; }

  // The value of a key, nullptr when it is not there or this is not a map.
  const Node* Find(std::string_view key) const;

  int line() const { return line_; }      // from 1
  int column() const { return column_; }  // from 1

  // INVALID_ARGUMENT (INVALID_CONFIG) at this node.
  absl::Status ErrorHere(std::string_view message) const;

  // Unless this is a map whose keys are all in `known`; an unknown one names the nearest known.
  absl::Status CheckKeys(std::initializer_list<std::string_view> known) const;

  // Typed values; an error unless this is a scalar of that form.
  absl::StatusOr<std::string> AsString() const;
  absl::StatusOr<bool> AsBool() const;
  absl::StatusOr<int64_t> AsInt64() const;
  absl::StatusOr<double> AsDouble() const;
  absl::StatusOr<absl::Duration> AsDuration() const;
  absl::StatusOr<std::vector<std::string>> AsStrings() const;  // a list of scalars

  // Children by key: `Require…` fails when the key is missing, `…Or` gives the default.
  absl::StatusOr<std::string> RequireString(std::string_view key) const;
  absl::StatusOr<std::string> StringOr(std::string_view key, std::string_view otherwise) const;
  absl::StatusOr<int64_t> Int64Or(std::string_view key, int64_t otherwise) const;
  absl::StatusOr<bool> BoolOr(std::string_view key, bool otherwise) const;
  absl::StatusOr<absl::Duration> DurationOr(std::string_view key, absl::Duration otherwise) const;
  absl::StatusOr<std::vector<std::string>> StringsOr(std::string_view key,
                                                     std::vector<std::string> otherwise) const;
  // The list under `key`; empty when the key is missing or null.
  absl::StatusOr<std::vector<Node>> ListOr(std::string_view key) const;

 private:
  friend class YamlReader;

  Kind kind_ = Kind::kNull;
  std::string scalar_;
  std::vector<Node> items_;
  std::vector<std::pair<std::string, Node>> entries_;
  std::string source_;
  int line_ = 0;
  int column_ = 0;
};

inline constexpr size_t kMaxYamlBytes = 1024 * 1024;

// One document; `source` is its name in errors. INVALID_ARGUMENT with the position for what is not
// YAML, a key that stands twice, more than one document, more than 1 MiB or 100 000 nodes.
absl::StatusOr<Node> ParseYaml(std::string_view text, std::string_view source = "yaml");

// Blocks: reads the file. NOT_FOUND when it is not there.
absl::StatusOr<Node> ReadYamlFile(const std::string& path);

}  // namespace frontdesk::config
