#pragma once

#include <rocksdb/db.h>

#include "libs/store/reader.h"

namespace frontdesk::store {

// Maps a RocksDB status to ours. NotFound is not an error here: callers ask for it first.
absl::Status FromRocks(const rocksdb::Status& status);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Walks an iterator over [start or prefix, end of prefix) upwards, or downwards from `before`.
absl::Status ScanIterator(rocksdb::Iterator& rows, std::string_view prefix, std::string_view start,
                          Reader::RowVisitor visit);
absl::Status ScanIteratorBackward(rocksdb::Iterator& rows, std::string_view prefix,
                                  std::string_view before, Reader::RowVisitor visit);

}  // namespace frontdesk::store
