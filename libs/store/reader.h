#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace frontdesk::store {

// A view of one shard's rows: committed state (Store::Read) or a transaction over it (Txn).
// Errors: DATA_LOSS for a corrupt block or row; UNAVAILABLE with reason "NOT_IN_MEMORY" only from
// the memory-only view that ReadPool tries first, which hands the read to its threads.
class Reader {
 public:
  using RowVisitor = absl::FunctionRef<bool(std::string_view key, std::string_view value)>;

  virtual ~Reader() = default;

  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const = 0;

  // Visits the rows whose key begins with `prefix`, in key order, beginning with the first key
  // that is not less than `start` (`start` empty: the first of the prefix); stops when the visitor
  // returns false. The views handed to the visitor die when it returns.
  virtual absl::Status Scan(std::string_view prefix, std::string_view start,
                            RowVisitor visit) const = 0;

  // The same from the last key that is less than `before` (empty: the last of the prefix) down.
  virtual absl::Status ScanBackward(std::string_view prefix, std::string_view before,
                                    RowVisitor visit) const = 0;
};

}  // namespace frontdesk::store
