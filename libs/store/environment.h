#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/store/watched_file_system.h"

namespace rocksdb {
class Cache;
class Env;
class WriteBufferManager;
}  // namespace rocksdb

namespace frontdesk::store {

// What all stores of a process share: the file system, one block cache and one write-buffer
// manager, so that memory is bounded for the process and not per store. Owned by the process (or a
// test), outlives every Store opened with it. Thread safe.
class Environment {
 public:
  struct Options {
    size_t block_cache_bytes = 64 << 20;
    size_t write_buffer_bytes = 64 << 20;   // all memtables of all stores together
    WriteFailed on_write_failed = nullptr;  // see WatchWrites; empty = nobody is told
  };

  static std::unique_ptr<Environment> OnDisk(const Options& options);
  ~Environment();

  rocksdb::Env* env() const { return env_; }
  const std::shared_ptr<rocksdb::Cache>& block_cache() const { return block_cache_; }
  const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers() const {
    return write_buffers_;
  }
  // Simulated: no background flushes or compactions, so that one thread sees every step.
  bool simulated() const { return simulated_; }

 private:
  friend class SimulatedDisk;
  Environment() = default;

  std::shared_ptr<rocksdb::Env> owned_env_;
  rocksdb::Env* env_ = nullptr;
  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  bool simulated_ = false;
};

}  // namespace frontdesk::store
