#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace frontdesk::store {

// Hears the first failed write or sync of a file, in the thread that wrote, before RocksDB does.
using WriteFailed = std::function<void(const std::string& file, const absl::Status& status)>;

// `target`, which tells `failed` about writes that fail. Debian's RocksDB is built with assertions
// and aborts when it touches a file again that it could not write to; a process that is told first
// can end with words instead. Thread safe if `failed` is.
std::shared_ptr<rocksdb::FileSystem> WatchWrites(std::shared_ptr<rocksdb::FileSystem> target,
                                                 WriteFailed failed);

}  // namespace frontdesk::store
