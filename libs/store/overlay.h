#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "libs/store/reader.h"

namespace frontdesk::store {

// Changes that are not written yet, readable over a base: rows that were put, and nullopt for those
// that were deleted. A value type, not thread safe.
class Overlay {
 public:
  using Rows = absl::btree_map<std::string, std::optional<std::string>, std::less<>>;

  // nullptr when the key was not touched.
  const std::optional<std::string>* Find(std::string_view key) const;
  void Set(std::string key, std::optional<std::string> value);
  void Clear() { rows_.clear(); }
  const Rows& rows() const { return rows_; }
  Rows& rows() { return rows_; }

  // Reader::Scan and ScanBackward over the base and these rows together.
  absl::Status Scan(const Reader& base, std::string_view prefix, std::string_view start,
                    Reader::RowVisitor visit) const;
  absl::Status ScanBackward(const Reader& base, std::string_view prefix, std::string_view before,
                            Reader::RowVisitor visit) const;

 private:
  Rows rows_;
};

}  // namespace frontdesk::store
