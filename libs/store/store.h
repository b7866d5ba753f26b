#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/random.h"
#include "libs/store/environment.h"
#include "libs/store/reader.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace frontdesk::store {

// Who a store belongs to. Fixed when the store is made; opening with another one is refused.
struct StoreIdentity {
  std::string installation;
  std::string service;
  uint32_t shard = 0;
  uint32_t shard_count = 1;
};

// The RocksDB directory of one shard of one service, with its manifest. Owned by bus::Shard.
// Reading is thread safe; only the Committer writes.
class Store {
 public:
  struct Options {
    std::string directory;
    StoreIdentity identity;
    // A missing directory is made when true; else it is NOT_FOUND: a lost volume must not look
    // like a new installation.
    bool create_if_missing = false;
  };
  enum class Tier { kMemoryOnly, kMayBlock };

  // FAILED_PRECONDITION (MANIFEST_MISMATCH) for a store of another installation, service, shard,
  // shard count or format; NOT_FOUND; DATA_LOSS; UNAVAILABLE when locked by another process.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const Options& options,
                                                     Environment& environment, absl::Time now,
                                                     RandomSource& random);
  ~Store();

  // Runs `read` on the committed state. Blocks on disk unless the tier is kMemoryOnly, which
  // answers UNAVAILABLE (NOT_IN_MEMORY) where it would. With `snapshot` all gets and scans see one
  // state; without it each sees the latest.
  absl::Status Read(Tier tier, bool snapshot,
                    absl::FunctionRef<absl::Status(const Reader&)> read) const;
  // A view of the latest state that may block; the store must outlive it.
  std::unique_ptr<const Reader> LatestReader() const;
  // The common form: may block, no snapshot.
  absl::Status Read(absl::FunctionRef<absl::Status(const Reader&)> read) const {
    return Read(Tier::kMayBlock, false, read);
  }

  const StoreIdentity& identity() const { return identity_; }
  const std::string& directory() const { return directory_; }
  const std::string& store_id() const { return store_id_; }
  // Raised by every restore.
  uint64_t epoch() const { return epoch_; }
  // True until the first batch after a restore has announced it on the bus.
  bool restored() const { return restored_; }

  // Writes a consistent copy to `directory`, which must not exist. Blocks. Cheap on one file
  // system (hard links). ALREADY_EXISTS, RESOURCE_EXHAUSTED.
  absl::Status Backup(const std::string& directory) const;
  // Makes `directory` (must not exist) from a backup, with a new store id and the epoch raised
  // above both the backup's and `epoch_floor`, the newest epoch others may have seen. All of it or,
  // when it fails or is interrupted, no store. The backup is only read.
  static absl::Status RestoreBackup(const std::string& backup, const std::string& directory,
                                    uint64_t epoch_floor, Environment& environment, absl::Time now,
                                    RandomSource& random);

  // Bytes in memtables, block cache and table readers of this store.
  uint64_t MemoryBytes() const;

  // For the simulation: gives the store up as a crash would, without flushing or syncing.
  void Abandon();

  // For the committer: see commit_batch.h.
  rocksdb::DB* db() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* Family(std::string_view key) const;
  absl::Status Write(rocksdb::WriteBatch& batch, bool sync);
  void ClearRestored() { restored_ = false; }
  // The time of the shard, by which request ids expire.
  void NoteTime(absl::Time now) {
    now_us_.store(absl::ToUnixMicros(now), std::memory_order_relaxed);
  }

 private:
  Store() = default;
  absl::Status OpenDb(Environment& environment, bool create);
  absl::Status CheckManifest(bool create, absl::Time now, RandomSource& random);
  absl::Status RaiseEpoch(uint64_t epoch_floor, absl::Time now, RandomSource& random);

  std::string directory_;
  StoreIdentity identity_;
  std::string store_id_;
  uint64_t epoch_ = 0;
  bool restored_ = false;
  std::atomic<int64_t> now_us_{0};
  // Lives as long as db_: drops request ids whose life is over.
  std::shared_ptr<void> expiry_filter_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* records_ = nullptr;
  rocksdb::ColumnFamilyHandle* requests_ = nullptr;
  rocksdb::ColumnFamilyHandle* sealed_keys_ = nullptr;
};

}  // namespace frontdesk::store
