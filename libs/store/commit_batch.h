#pragma once

#include <rocksdb/utilities/write_batch_with_index.h>

#include "libs/store/reader.h"
#include "libs/store/store.h"
#include "libs/store/txn.h"

namespace frontdesk::store {

// One batch in the making: what the commands so far have changed, readable on top of the store, so
// that each command sees the ones before it. Committer thread only.
class CommitBatch final : public Reader {
 public:
  explicit CommitBatch(const Store& store) : store_(store), batch_(rocksdb::BytewiseComparator(),
                                                                   0, /*overwrite_key=*/true) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::Status Scan(std::string_view prefix, std::string_view start,
                    RowVisitor visit) const override;
  absl::Status ScanBackward(std::string_view prefix, std::string_view before,
                            RowVisitor visit) const override;

  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  // For keys that are put once and deleted once (outbox rows): cheaper to forget than Delete.
  void SingleDelete(std::string_view key);
  void Apply(const Txn::Overlay& overlay);

  bool empty() { return batch_.GetWriteBatch()->Count() == 0; }
  size_t bytes() { return batch_.GetWriteBatch()->GetDataSize(); }
  rocksdb::WriteBatch& batch() { return *batch_.GetWriteBatch(); }
  void Clear() { batch_.Clear(); }

 private:
  const Store& store_;
  // GetFromBatchAndDB is not const.
  mutable rocksdb::WriteBatchWithIndex batch_;
};

}  // namespace frontdesk::store
