#include "libs/store/raw_db.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/store/rocks_log.h"
#include "libs/store/rocks_reader.h"

namespace frontdesk::store {
namespace {

rocksdb::Options OptionsFor(const Environment& environment, bool create) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = environment.block_cache();
  table.cache_index_and_filter_blocks = true;
  table.format_version = 5;
  rocksdb::Options options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.env = environment.env();
  options.create_if_missing = create;
  options.write_buffer_manager = environment.write_buffers();
  options.write_buffer_size = 16 << 20;
  // No memtable_insert_with_hint_prefix_extractor: a deleted range would take its place from the hint
  // of the rows, in another list, and RocksDB aborts.
  options.max_background_jobs = environment.simulated() ? 1 : 2;
  options.disable_auto_compactions = environment.simulated();
  options.avoid_flush_during_shutdown = environment.simulated();
  options.avoid_flush_during_recovery = environment.simulated();
  options.level_compaction_dynamic_level_bytes = true;
  options.bytes_per_sync = 1 << 20;
  options.max_open_files = 256;
  options.max_file_opening_threads = 1;
  if (!environment.simulated()) options.info_log = NewRocksLog();
  options.max_total_wal_size = 128 << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // A torn tail is what a crash leaves; anything else is corruption and must be seen.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  return options;
}

}  // namespace

RawDb::Batch::Batch() : batch_(std::make_unique<rocksdb::WriteBatch>()) {}
RawDb::Batch::~Batch() = default;
RawDb::Batch::Batch(Batch&&) noexcept = default;
RawDb::Batch& RawDb::Batch::operator=(Batch&&) noexcept = default;

void RawDb::Batch::Put(std::string_view key, std::string_view value) {
  batch_->Put(ToSlice(key), ToSlice(value));
}
void RawDb::Batch::Delete(std::string_view key) { batch_->Delete(ToSlice(key)); }
void RawDb::Batch::DeleteRange(std::string_view begin, std::string_view end) {
  batch_->DeleteRange(ToSlice(begin), ToSlice(end));
}
bool RawDb::Batch::empty() const { return batch_->Count() == 0; }

absl::StatusOr<std::unique_ptr<RawDb>> RawDb::Open(const std::string& directory,
                                                   bool create_if_missing,
                                                   Environment& environment) {
  const bool exists = environment.env()->FileExists(directory + "/CURRENT").ok();
  if (!exists && !create_if_missing) return NotFound("log", directory);
  if (!exists) FD_RETURN_IF_ERROR(MakeFolders(*environment.env(), directory));
  rocksdb::DB* db = nullptr;
  FD_RETURN_IF_ERROR(
      FromRocks(rocksdb::DB::Open(OptionsFor(environment, !exists), directory, &db)));
  return std::unique_ptr<RawDb>(new RawDb(std::unique_ptr<rocksdb::DB>(db)));
}

RawDb::RawDb(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}
RawDb::~RawDb() { db_->Close(); }

absl::Status RawDb::Write(Batch batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  return FromRocks(db_->Write(options, batch.batch_.get()));
}

absl::StatusOr<std::optional<std::string>> RawDb::Get(std::string_view key) const {
  std::string value;
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocks(status);
  return std::optional<std::string>(std::move(value));
}

absl::Status RawDb::Scan(std::string_view begin, std::string_view end,
                         Reader::RowVisitor visit) const {
  rocksdb::ReadOptions options;
  const rocksdb::Slice upper = ToSlice(end);
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options));
  for (rows->Seek(ToSlice(begin)); rows->Valid(); rows->Next()) {
    if (!visit(ToView(rows->key()), ToView(rows->value()))) break;
  }
  return FromRocks(rows->status());
}

absl::Status RawDb::ScanBackward(std::string_view begin, std::string_view end,
                                 Reader::RowVisitor visit) const {
  rocksdb::ReadOptions options;
  const rocksdb::Slice lower = ToSlice(begin);
  const rocksdb::Slice upper = ToSlice(end);
  options.iterate_lower_bound = &lower;
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options));
  for (rows->SeekToLast(); rows->Valid(); rows->Prev()) {
    if (!visit(ToView(rows->key()), ToView(rows->value()))) break;
  }
  return FromRocks(rows->status());
}

void RawDb::Abandon() { db_->DisableManualCompaction(); }

}  // namespace frontdesk::store
