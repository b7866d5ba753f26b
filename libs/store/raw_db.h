#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/store/environment.h"
#include "libs/store/reader.h"

namespace rocksdb {
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace frontdesk::store {

// A keyed RocksDB directory without manifest, transactions or tables: what the embedded log stands
// on. Owned by its user. Thread safe.
class RawDb {
 public:
  // Changes that become visible and durable together. Not thread safe.
  class Batch {
   public:
    Batch();
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;

    void Put(std::string_view key, std::string_view value);
    void Delete(std::string_view key);
    // [begin, end)
    void DeleteRange(std::string_view begin, std::string_view end);
    bool empty() const;

   private:
    friend class RawDb;
    std::unique_ptr<rocksdb::WriteBatch> batch_;
  };

  // NOT_FOUND when missing and not to be made; UNAVAILABLE when locked by another process.
  static absl::StatusOr<std::unique_ptr<RawDb>> Open(const std::string& directory,
                                                     bool create_if_missing,
                                                     Environment& environment);
  ~RawDb();

  // Blocks: one fsync. After an error it is unknown whether the batch is there.
  absl::Status Write(Batch batch);

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const;
  // Visits rows in [begin, end) in order until the visitor returns false.
  absl::Status Scan(std::string_view begin, std::string_view end, Reader::RowVisitor visit) const;
  // Visits rows in [begin, end) from the last one down until the visitor returns false.
  absl::Status ScanBackward(std::string_view begin, std::string_view end,
                            Reader::RowVisitor visit) const;

  // For the simulation: gives the database up as a crash would.
  void Abandon();

 private:
  explicit RawDb(std::unique_ptr<rocksdb::DB> db);

  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace frontdesk::store
