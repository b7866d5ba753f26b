#pragma once

#include <memory>

namespace rocksdb {
class Logger;
}  // namespace rocksdb

namespace frontdesk::store {

// RocksDB's warnings and errors as lines of our log ("rocksdb.message"). It stands in place of
// RocksDB's own LOG file, whose second failed write aborts the process where RocksDB is built with
// assertions: on a full disk that would come before the error that we could have reported.
std::shared_ptr<rocksdb::Logger> NewRocksLog();

}  // namespace frontdesk::store
