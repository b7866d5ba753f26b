#pragma once

#include <rocksdb/write_batch.h>

#include "libs/store/overlay.h"
#include "libs/store/reader.h"
#include "libs/store/store.h"

namespace frontdesk::store {

// One batch in the making: what the commands so far have changed, readable on top of the store, so
// that each command sees the ones before it. Committer thread only.
//
// Not rocksdb::WriteBatchWithIndex: its index costs twice what this overlay does, which takes the
// strings of the transactions over as they are.
class CommitBatch final : public Reader {
 public:
  // `bytes` is about what it will hold.
  CommitBatch(const Store& store, size_t bytes)
      : store_(store), base_(store.LatestReader()), batch_(bytes) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::Status Scan(std::string_view prefix, std::string_view start,
                    RowVisitor visit) const override;
  absl::Status ScanBackward(std::string_view prefix, std::string_view before,
                            RowVisitor visit) const override;

  void Put(std::string key, std::string value);
  void Delete(std::string key);
  // For rows that no command of this batch reads again (outbox, counters).
  void PutUnread(std::string_view key, std::string_view value);
  // For keys that are put once and deleted once (outbox rows): cheaper to forget than Delete.
  void SingleDelete(std::string_view key);
  // Consumes the changes of one command.
  void Apply(Overlay& changes);

  bool empty() { return batch_.Count() == 0; }
  size_t bytes() { return batch_.GetDataSize(); }
  rocksdb::WriteBatch& batch() { return batch_; }

 private:
  const Store& store_;
  const std::unique_ptr<const Reader> base_;
  Overlay changed_;
  rocksdb::WriteBatch batch_;
};

}  // namespace frontdesk::store
