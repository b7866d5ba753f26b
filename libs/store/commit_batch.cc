#include "libs/store/commit_batch.h"

#include <memory>

#include "libs/store/rocks_reader.h"

namespace frontdesk::store {

absl::StatusOr<std::optional<std::string>> CommitBatch::Get(std::string_view key) const {
  std::string value;
  const rocksdb::Status status = batch_.GetFromBatchAndDB(
      store_.db(), rocksdb::ReadOptions(), store_.Family(key), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocks(status);
  return std::optional<std::string>(std::move(value));
}

absl::Status CommitBatch::Scan(std::string_view prefix, std::string_view start,
                               RowVisitor visit) const {
  rocksdb::ColumnFamilyHandle* family = store_.Family(prefix);
  const std::unique_ptr<rocksdb::Iterator> rows(batch_.NewIteratorWithBase(
      family, store_.db()->NewIterator(rocksdb::ReadOptions(), family)));
  return ScanIterator(*rows, prefix, start, visit);
}

absl::Status CommitBatch::ScanBackward(std::string_view prefix, std::string_view before,
                                       RowVisitor visit) const {
  rocksdb::ColumnFamilyHandle* family = store_.Family(prefix);
  const std::unique_ptr<rocksdb::Iterator> rows(batch_.NewIteratorWithBase(
      family, store_.db()->NewIterator(rocksdb::ReadOptions(), family)));
  return ScanIteratorBackward(*rows, prefix, before, visit);
}

void CommitBatch::Put(std::string_view key, std::string_view value) {
  batch_.Put(store_.Family(key), ToSlice(key), ToSlice(value));
}

void CommitBatch::Delete(std::string_view key) { batch_.Delete(store_.Family(key), ToSlice(key)); }

void CommitBatch::SingleDelete(std::string_view key) {
  batch_.SingleDelete(store_.Family(key), ToSlice(key));
}

void CommitBatch::Apply(const Txn::Overlay& overlay) {
  for (const auto& [key, value] : overlay) {
    if (value.has_value()) {
      Put(key, *value);
    } else {
      Delete(key);
    }
  }
}

}  // namespace frontdesk::store
