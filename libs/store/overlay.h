#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/store/reader.h"

namespace frontdesk::store {

// Changes that are not written yet, readable over a base: rows that were put, and nullopt for those
// that were deleted. A value type, not thread safe.
class Overlay {
 public:
  // Nodes, so that rows move from one overlay into the next as they are.
  using Rows = std::map<std::string, std::optional<std::string>, std::less<>>;

  // nullptr when the key was not touched.
  const std::optional<std::string>* Find(std::string_view key) const;
  void Set(std::string key, std::optional<std::string> value);
  // Takes over the rows of `newer`, which count more; it is empty then.
  void Absorb(Overlay& newer);
  const Rows& rows() const { return rows_; }

  // Reader::Scan and ScanBackward over the base and these rows together.
  absl::Status Scan(const Reader& base, std::string_view prefix, std::string_view start,
                    Reader::RowVisitor visit) const;
  absl::Status ScanBackward(const Reader& base, std::string_view prefix, std::string_view before,
                            Reader::RowVisitor visit) const;

 private:
  Rows rows_;
};

}  // namespace frontdesk::store
