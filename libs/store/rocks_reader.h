#pragma once

#include <rocksdb/db.h>

#include "libs/store/reader.h"

namespace frontdesk::store {

// Maps a RocksDB status to ours. NotFound is not an error here: callers ask for it first.
absl::Status FromRocks(const rocksdb::Status& status);

// Makes the folder and those above it. RocksDB makes the last one only, and first logs an error that
// it is not there.
absl::Status MakeFolders(rocksdb::Env& env, const std::string& directory);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Walks an iterator over [start or prefix, end of prefix) upwards, or downwards from `before`.
absl::Status ScanIterator(rocksdb::Iterator& rows, std::string_view prefix, std::string_view start,
                          Reader::RowVisitor visit);
absl::Status ScanIteratorBackward(rocksdb::Iterator& rows, std::string_view prefix,
                                  std::string_view before, Reader::RowVisitor visit);

}  // namespace frontdesk::store
