#include "libs/store/store.h"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/ulid.h"
#include "libs/store/engine_keys.h"
#include "libs/store/keys.h"
#include "libs/store/rocks_log.h"
#include "libs/store/rocks_reader.h"

namespace frontdesk::store {
namespace {

// Drops request rows whose life is over while RocksDB rewrites files anyway. Reads check the expiry
// too, so nothing depends on when that happens. By the time of the shard: a wall clock that jumps a
// week ahead must not make repeated requests new ones.
class ExpiredRequests final : public rocksdb::CompactionFilter {
 public:
  explicit ExpiredRequests(const std::atomic<int64_t>& now_us) : now_us_(now_us) {}
  const char* Name() const override { return "frontdesk.ExpiredRequests"; }
  bool Filter(int, const rocksdb::Slice&, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    rows::IdempotencyRow row;
    if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) return false;
    return row.expire_time_us() < now_us_.load(std::memory_order_relaxed);
  }

 private:
  const std::atomic<int64_t>& now_us_;
};

rocksdb::ColumnFamilyOptions FamilyOptions(const Environment& environment) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = environment.block_cache();
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = 16 << 20;
  // Most point reads of the committer are for rows that do not exist (request ids, policies nobody
  // has set): a filter answers them without searching the memtable.
  options.memtable_prefix_bloom_size_ratio = 0.02;
  options.memtable_whole_key_filtering = true;
  // Most new rows of a table come right after its last one (outbox, timers, ids that begin with the
  // time): remembering where that was, per prefix byte, saves most of the search for their place.
  // Forbids DeleteRange, whose place RocksDB would then look for with a hint of the wrong list.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  options.optimize_filters_for_hits = false;
  options.level_compaction_dynamic_level_bytes = true;
  options.disable_auto_compactions = environment.simulated();
  return options;
}

rocksdb::DBOptions DbOptions(const Environment& environment, bool create) {
  rocksdb::DBOptions options;
  options.env = environment.env();
  options.create_if_missing = create;
  options.create_missing_column_families = true;
  options.write_buffer_manager = environment.write_buffers();
  options.max_background_jobs = 2;
  options.bytes_per_sync = 1 << 20;
  options.max_open_files = 256;
  // More would start and stop a crowd of threads at every open, for a few table files.
  options.max_file_opening_threads = 1;
  options.max_total_wal_size = 128 << 20;
  // A WAL with a torn tail is what a crash leaves; anything else is corruption and must be seen.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.avoid_flush_during_shutdown = environment.simulated();
  options.avoid_flush_during_recovery = environment.simulated();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.recycle_log_file_num = 0;
  if (environment.simulated()) {
    options.max_background_jobs = 1;
  } else {
    options.info_log = NewRocksLog();
  }
  return options;
}

// RocksDB counts every comparison of keys for the calling thread unless told not to: a tenth of
// the time of a write.
void StopCounting() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

class StoreReader final : public Reader {
 public:
  StoreReader(const Store& store, Store::Tier tier, const rocksdb::Snapshot* snapshot)
      : store_(store) {
    StopCounting();
    options_.snapshot = snapshot;
    if (tier == Store::Tier::kMemoryOnly) options_.read_tier = rocksdb::kBlockCacheTier;
  }

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    std::string value;
    const rocksdb::Status status =
        store_.db()->Get(options_, store_.Family(key), ToSlice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return FromRocks(status);
    // Of a table that is not open yet RocksDB says "found" when it may not look, with nothing.
    if (value.empty() && options_.read_tier == rocksdb::kBlockCacheTier) {
      return FromRocks(rocksdb::Status::Incomplete());
    }
    return std::optional<std::string>(std::move(value));
  }

  absl::Status Scan(std::string_view prefix, std::string_view start,
                    RowVisitor visit) const override {
    // Bounded: else the step past the last row of this table goes on over all deleted rows of the
    // next one (timers come after the outbox) to find a key that is not wanted.
    const std::string end = PrefixEnd(prefix);
    const rocksdb::Slice bound = ToSlice(end);
    rocksdb::ReadOptions options = options_;
    if (!end.empty()) options.iterate_upper_bound = &bound;
    const auto rows = NewIterator(options, prefix);
    return ScanIterator(*rows, prefix, start, visit);
  }

  absl::Status ScanBackward(std::string_view prefix, std::string_view before,
                            RowVisitor visit) const override {
    const rocksdb::Slice bound = ToSlice(prefix);
    rocksdb::ReadOptions options = options_;
    options.iterate_lower_bound = &bound;
    const auto rows = NewIterator(options, prefix);
    return ScanIteratorBackward(*rows, prefix, before, visit);
  }

 private:
  std::unique_ptr<rocksdb::Iterator> NewIterator(const rocksdb::ReadOptions& options,
                                                 std::string_view prefix) const {
    return std::unique_ptr<rocksdb::Iterator>(
        store_.db()->NewIterator(options, store_.Family(prefix)));
  }

  const Store& store_;
  rocksdb::ReadOptions options_;
};

// What a restore that was interrupted has left.
absl::Status RemoveUnfinished(const std::string& directory, rocksdb::Env* env) {
  if (!env->FileExists(directory).ok()) return absl::OkStatus();
  rocksdb::Options options;
  options.env = env;
  return FromRocks(rocksdb::DestroyDB(directory, options));
}

absl::Status CopyFile(const std::string& from, const std::string& to, rocksdb::Env* env) {
  constexpr size_t kChunkBytes = 1 << 20;
  std::unique_ptr<rocksdb::SequentialFile> source;
  std::unique_ptr<rocksdb::WritableFile> copy;
  FD_RETURN_IF_ERROR(FromRocks(env->NewSequentialFile(from, &source, rocksdb::EnvOptions())));
  FD_RETURN_IF_ERROR(FromRocks(env->NewWritableFile(to, &copy, rocksdb::EnvOptions())));
  std::string scratch(kChunkBytes, '\0');
  rocksdb::Slice chunk;
  do {
    FD_RETURN_IF_ERROR(FromRocks(source->Read(kChunkBytes, &chunk, scratch.data())));
    FD_RETURN_IF_ERROR(FromRocks(copy->Append(chunk)));
  } while (!chunk.empty());
  FD_RETURN_IF_ERROR(FromRocks(copy->Sync()));
  return FromRocks(copy->Close());
}

// A backup is only read, so it can lie on a volume that allows no more, and a restore that goes
// wrong leaves it as it was. Opening it as a store would write a manifest and a log into it.
absl::Status CopyBackup(const std::string& backup, const std::string& to, rocksdb::Env* env) {
  std::vector<std::string> names;
  FD_RETURN_IF_ERROR(FromRocks(env->GetChildren(backup, &names)));
  FD_RETURN_IF_ERROR(FromRocks(env->CreateDir(to)));
  for (const std::string& name : names) {
    if (name == "." || name == ".." || name == "LOCK" || name.starts_with("LOG")) continue;
    const std::string from = backup + "/" + name;
    const std::string copy = to + "/" + name;
    // Nobody changes a table once it is written: both folders may hold the same one.
    if (name.ends_with(".sst") && env->LinkFile(from, copy).ok()) continue;
    FD_RETURN_IF_ERROR(CopyFile(from, copy, env));
  }
  std::unique_ptr<rocksdb::Directory> folder;
  FD_RETURN_IF_ERROR(FromRocks(env->NewDirectory(to, &folder)));
  return FromRocks(folder->Fsync());
}

absl::Status Mismatch(std::string_view what, std::string_view found, std::string_view wanted) {
  return WithMetadata(Error(absl::StatusCode::kFailedPrecondition, "MANIFEST_MISMATCH",
                            fmt::format("the store belongs to {} {}, not {}", what, found, wanted)),
                      "what", what);
}

absl::Status CompareManifest(const rows::Manifest& manifest, const StoreIdentity& identity) {
  if (manifest.installation_id() != identity.installation) {
    return Mismatch("installation", manifest.installation_id(), identity.installation);
  }
  if (manifest.service() != identity.service) {
    return Mismatch("service", manifest.service(), identity.service);
  }
  if (manifest.shard() != identity.shard) {
    return Mismatch("shard", fmt::format("{}", manifest.shard()),
                    fmt::format("{}", identity.shard));
  }
  if (manifest.shard_count() != identity.shard_count) {
    return Mismatch("an installation with a shard count of",
                    fmt::format("{}", manifest.shard_count()),
                    fmt::format("{}", identity.shard_count));
  }
  if (manifest.format() > kFormat) {
    return Mismatch("format", fmt::format("{}", manifest.format()), fmt::format("{}", kFormat));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const Options& options, Environment& environment,
                                                   absl::Time now, RandomSource& random) {
  std::unique_ptr<Store> store(new Store());
  store->directory_ = options.directory;
  store->identity_ = options.identity;
  const bool exists = environment.env()->FileExists(options.directory + "/CURRENT").ok();
  if (!exists && !options.create_if_missing) {
    return WithMetadata(NotFound("store", options.directory), "hint",
                        "restore it from a backup, or remove it from the installation file");
  }
  FD_RETURN_IF_ERROR(store->OpenDb(environment, !exists));
  FD_RETURN_IF_ERROR(store->CheckManifest(options.create_if_missing, now, random));
  return store;
}

absl::Status Store::OpenDb(Environment& environment, bool create) {
  if (create) FD_RETURN_IF_ERROR(MakeFolders(*environment.env(), directory_));
  auto filter = std::make_shared<ExpiredRequests>(now_us_);
  rocksdb::ColumnFamilyOptions requests = FamilyOptions(environment);
  requests.compaction_filter = filter.get();
  expiry_filter_ = std::move(filter);
  const rocksdb::ColumnFamilyOptions plain = FamilyOptions(environment);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, plain}, {"requests", requests}, {"sealed_keys", plain}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(DbOptions(environment, create), directory_, families, &handles, &db);
  if (!status.ok()) return FromRocks(status);
  db_.reset(db);
  records_ = handles[0];
  requests_ = handles[1];
  sealed_keys_ = handles[2];
  return absl::OkStatus();
}

absl::Status Store::CheckManifest(bool create, absl::Time now, RandomSource& random) {
  std::optional<rows::Manifest> found;
  FD_RETURN_IF_ERROR(Read([&found](const Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(found, kManifest.Find(reader, kManifest.Key()));
    return absl::OkStatus();
  }));
  rows::Manifest manifest;
  if (found.has_value()) {
    manifest = *std::move(found);
    FD_RETURN_IF_ERROR(CompareManifest(manifest, identity_));
  } else if (create) {
    // A new store, or one whose making was interrupted: nothing is written before the manifest.
    manifest.set_installation_id(identity_.installation);
    manifest.set_service(identity_.service);
    manifest.set_shard(identity_.shard);
    manifest.set_shard_count(identity_.shard_count);
    manifest.set_store_id(NewUlid(now, random));
    manifest.set_epoch(1);
    manifest.set_format(kFormat);
    manifest.set_create_time_us(absl::ToUnixMicros(now));
    rocksdb::WriteBatch batch;
    batch.Put(records_, kManifest.Key(), manifest.SerializeAsString());
    FD_RETURN_IF_ERROR(Write(batch, /*sync=*/true));
  } else {
    return NotFound("manifest", directory_);
  }
  store_id_ = manifest.store_id();
  epoch_ = manifest.epoch();
  restored_ = manifest.restore_pending();
  return absl::OkStatus();
}

Store::~Store() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* family : {records_, requests_, sealed_keys_}) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
  db_->Close();
}

void Store::Abandon() {
  // The disk of the simulation makes the handles of a crashed store inert, so an ordinary
  // destruction can't save what a crash would lose; nothing is left to do but to stop.
  db_->DisableManualCompaction();
}

rocksdb::ColumnFamilyHandle* Store::Family(std::string_view key) const {
  const auto prefix = static_cast<uint8_t>(key.empty() ? 0 : key[0]);
  if (prefix == kRequests.prefix) return requests_;
  return prefix >= kFirstSealedKeyPrefix ? sealed_keys_ : records_;
}

absl::Status Store::Read(Tier tier, bool snapshot,
                         absl::FunctionRef<absl::Status(const Reader&)> read) const {
  if (!snapshot) return read(StoreReader(*this, tier, nullptr));
  const rocksdb::Snapshot* held = db_->GetSnapshot();
  absl::Status status = read(StoreReader(*this, tier, held));
  db_->ReleaseSnapshot(held);
  return status;
}

std::unique_ptr<const Reader> Store::LatestReader() const {
  return std::make_unique<StoreReader>(*this, Tier::kMayBlock, nullptr);
}

absl::Status Store::Write(rocksdb::WriteBatch& batch, bool sync) {
  StopCounting();
  rocksdb::WriteOptions options;
  options.sync = sync;
  return FromRocks(db_->Write(options, &batch));
}

absl::Status Store::Backup(const std::string& directory) const {
  rocksdb::Checkpoint* raw = nullptr;
  FD_RETURN_IF_ERROR(FromRocks(rocksdb::Checkpoint::Create(db_.get(), &raw)));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  if (db_->GetEnv()->FileExists(directory).ok()) {
    return Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                 fmt::format("the backup folder {} exists", directory));
  }
  return FromRocks(checkpoint->CreateCheckpoint(directory));
}

absl::Status Store::RestoreBackup(const std::string& backup, const std::string& directory,
                                  uint64_t epoch_floor, Environment& environment, absl::Time now,
                                  RandomSource& random) {
  if (environment.env()->FileExists(directory + "/CURRENT").ok()) {
    return Error(absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS",
                 fmt::format("a store exists in {}", directory));
  }
  if (!environment.env()->FileExists(backup + "/CURRENT").ok()) {
    return NotFound("backup", backup);
  }
  // Made aside: a copy that has not got its new epoch yet must never stand where it can be opened.
  const std::string aside = directory + ".restoring";
  FD_RETURN_IF_ERROR(RemoveUnfinished(aside, environment.env()));
  FD_RETURN_IF_ERROR(CopyBackup(backup, aside, environment.env()));
  {
    Store restored;
    restored.directory_ = aside;
    FD_RETURN_IF_ERROR(restored.OpenDb(environment, /*create=*/false));
    FD_RETURN_IF_ERROR(restored.RaiseEpoch(epoch_floor, now, random));
  }
  FD_RETURN_IF_ERROR(FromRocks(environment.env()->RenameFile(aside, directory)));
  const size_t slash = directory.rfind('/');
  std::unique_ptr<rocksdb::Directory> parent;
  FD_RETURN_IF_ERROR(FromRocks(environment.env()->NewDirectory(
      slash == std::string::npos ? "." : directory.substr(0, slash), &parent)));
  return FromRocks(parent->Fsync());
}

absl::Status Store::RaiseEpoch(uint64_t epoch_floor, absl::Time now, RandomSource& random) {
  rows::Manifest manifest;
  rows::ShardStateRow state;
  FD_RETURN_IF_ERROR(Read([&](const Reader& reader) -> absl::Status {
    FD_ASSIGN_OR_RETURN(manifest, kManifest.Load(reader, kManifest.Key(), "manifest"));
    FD_ASSIGN_OR_RETURN(auto row, kShardState.Find(reader, kShardState.Key()));
    if (row.has_value()) state = *std::move(row);
    return absl::OkStatus();
  }));
  manifest.set_restored_from_epoch(manifest.epoch());
  manifest.set_restored_from_seq(state.next_seq() == 0 ? 0 : state.next_seq() - 1);
  manifest.set_epoch(std::max(manifest.epoch(), epoch_floor) + 1);
  manifest.set_store_id(NewUlid(now, random));
  manifest.set_restore_time_us(absl::ToUnixMicros(now));
  manifest.set_restore_pending(true);
  rocksdb::WriteBatch batch;
  batch.Put(records_, kManifest.Key(), manifest.SerializeAsString());
  return Write(batch, /*sync=*/true);
}

uint64_t Store::MemoryBytes() const {
  uint64_t total = 0;
  for (rocksdb::ColumnFamilyHandle* family : {records_, requests_, sealed_keys_}) {
    for (const char* property :
         {"rocksdb.cur-size-all-mem-tables", "rocksdb.estimate-table-readers-mem"}) {
      uint64_t bytes = 0;
      if (db_->GetIntProperty(family, property, &bytes)) total += bytes;
    }
  }
  return total;
}

}  // namespace frontdesk::store
