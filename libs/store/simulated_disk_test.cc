#include "libs/store/simulated_disk.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/utilities/write_batch_with_index.h>
#include <rocksdb/write_buffer_manager.h>
#include <catch2/catch.hpp>

#include "libs/base/random.h"

namespace frontdesk::store {
namespace {

constexpr char kDir[] = "/ticket-0";
constexpr char kSecondFamily[] = "requests";

using Rows = std::map<std::string, std::string>;

// A database with two column families, as a store opens it.
struct Database {
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::unique_ptr<rocksdb::DB> db;

  Database() = default;
  Database(Database&&) = default;
  Database& operator=(Database&& other) {
    Close();
    families = std::move(other.families);
    db = std::move(other.db);
    return *this;
  }
  ~Database() { Close(); }

  void Close() {
    if (db == nullptr) return;
    for (rocksdb::ColumnFamilyHandle* family : families) db->DestroyColumnFamilyHandle(family);
    families.clear();
    db.reset();
  }
  rocksdb::Status Put(const std::string& key, const std::string& value, bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    return db->Put(options, key, value);
  }
  std::string Get(const std::string& key) {
    std::string value;
    const rocksdb::Status status = db->Get(rocksdb::ReadOptions(), key, &value);
    if (status.IsNotFound()) return "(none)";
    REQUIRE(status.ToString() == "OK");
    return value;
  }
  Rows All(int family) {
    Rows rows;
    const std::unique_ptr<rocksdb::Iterator> it(
        db->NewIterator(rocksdb::ReadOptions(), families[family]));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows[it->key().ToString()] = it->value().ToString();
    }
    REQUIRE(it->status().ToString() == "OK");
    return rows;
  }
};

rocksdb::Status TryOpen(SimulatedDisk& disk, const std::string& dir, bool flush_on_recovery,
                        Database* result) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = disk.environment().block_cache();
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.disable_auto_compactions = true;
  rocksdb::DBOptions options;
  options.env = disk.environment().env();
  options.write_buffer_manager = disk.environment().write_buffers();
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.avoid_flush_during_recovery = !flush_on_recovery;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_file_opening_threads = 1;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(
      options, dir, {{rocksdb::kDefaultColumnFamilyName, family}, {kSecondFamily, family}},
      &result->families, &db);
  if (status.ok()) result->db.reset(db);
  return status;
}

Database Open(SimulatedDisk& disk, const std::string& dir = kDir, bool flush_on_recovery = false) {
  Database database;
  REQUIRE(TryOpen(disk, dir, flush_on_recovery, &database).ToString() == "OK");
  return database;
}

void Checkpoint(Database& database, const std::string& dir) {
  rocksdb::Checkpoint* raw = nullptr;
  REQUIRE(rocksdb::Checkpoint::Create(database.db.get(), &raw).ok());
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  REQUIRE(checkpoint->CreateCheckpoint(dir).ToString() == "OK");
}

void WriteFile(SimulatedDisk& disk, const std::string& path, const std::string& bytes, bool sync) {
  REQUIRE(rocksdb::WriteStringToFile(disk.environment().env(), bytes, path, sync).ok());
}

std::string ReadFile(SimulatedDisk& disk, const std::string& path) {
  std::string bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(disk.environment().env(), path, &bytes);
  return status.ok() ? bytes : "(none)";
}

void SyncDirectory(SimulatedDisk& disk, const std::string& path) {
  std::unique_ptr<rocksdb::Directory> directory;
  REQUIRE(disk.environment().env()->NewDirectory(path, &directory).ok());
  REQUIRE(directory->Fsync().ok());
}

}  // namespace

TEST_CASE("a file survives a crash only when its bytes and its name were synced") {
  SimulatedDisk disk;
  REQUIRE(disk.environment().env()->CreateDir("/d").ok());
  WriteFile(disk, "/d/kept", "bytes", /*sync=*/true);
  WriteFile(disk, "/d/empty", "bytes", /*sync=*/false);
  SyncDirectory(disk, "/d");
  WriteFile(disk, "/d/nameless", "bytes", /*sync=*/true);
  CHECK(ReadFile(disk, "/d/nameless") == "bytes");

  disk.Crash();
  CHECK(ReadFile(disk, "/d/kept") == "bytes");
  CHECK(ReadFile(disk, "/d/empty").empty());
  CHECK(ReadFile(disk, "/d/nameless") == "(none)");
}

TEST_CASE("renames and deletes that were not synced are undone by a crash") {
  SimulatedDisk disk;
  REQUIRE(disk.environment().env()->CreateDir("/d").ok());
  for (const char* name : {"/d/a", "/d/b", "/d/c"}) WriteFile(disk, name, name, /*sync=*/true);
  SyncDirectory(disk, "/d");
  REQUIRE(disk.environment().env()->RenameFile("/d/a", "/d/b").ok());
  REQUIRE(disk.environment().env()->DeleteFile("/d/c").ok());
  CHECK(ReadFile(disk, "/d/a") == "(none)");
  CHECK(ReadFile(disk, "/d/b") == "/d/a");
  CHECK(ReadFile(disk, "/d/c") == "(none)");

  disk.Crash();
  for (const char* name : {"/d/a", "/d/b", "/d/c"}) CHECK(ReadFile(disk, name) == name);

  REQUIRE(disk.environment().env()->RenameFile("/d/a", "/d/b").ok());
  REQUIRE(disk.environment().env()->DeleteFile("/d/c").ok());
  SyncDirectory(disk, "/d");
  disk.Crash();
  CHECK(ReadFile(disk, "/d/a") == "(none)");
  CHECK(ReadFile(disk, "/d/b") == "/d/a");
  CHECK(ReadFile(disk, "/d/c") == "(none)");
}

TEST_CASE("a torn tail is a prefix of what was written and differs by seed") {
  const std::string tail = "0123456789abcdef";
  std::map<size_t, int> lengths;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedDisk disk;
    WriteFile(disk, "/file", "synced:", /*sync=*/true);
    SyncDirectory(disk, "/");
    std::unique_ptr<rocksdb::WritableFile> file;
    REQUIRE(
        disk.environment().env()->ReopenWritableFile("/file", &file, rocksdb::EnvOptions()).ok());
    REQUIRE(file->Append(tail).ok());
    SeededRandom random(seed);
    disk.Crash(&random);
    const std::string left = ReadFile(disk, "/file");
    REQUIRE(("synced:" + tail).starts_with(left));
    REQUIRE(left.starts_with("synced:"));
    ++lengths[left.size()];
  }
  CHECK(lengths.size() == tail.size() + 1);
}

TEST_CASE("names that a crash leaves of unsynced changes are a prefix of them") {
  bool some_lost = false;
  bool some_kept = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk;
    const std::vector<std::string> names = {"/z", "/b", "/y", "/a", "/x"};
    for (const std::string& name : names) WriteFile(disk, name, name, /*sync=*/true);
    SeededRandom random(seed);
    disk.Crash(&random);
    bool lost = false;
    for (const std::string& name : names) {
      const bool there = ReadFile(disk, name) == name;
      REQUIRE_FALSE((there && lost));
      lost = !there;
      (there ? some_kept : some_lost) = true;
    }
  }
  CHECK(some_lost);
  CHECK(some_kept);
}

TEST_CASE("writes with sync survive a crash and writes without vanish") {
  SimulatedDisk disk;
  Database database = Open(disk);
  REQUIRE(database.Put("synced", "1", /*sync=*/true).ok());
  REQUIRE(database.Put("unsynced", "1", /*sync=*/false).ok());
  CHECK(database.Get("unsynced") == "1");

  disk.Crash();
  database = Open(disk);
  CHECK(database.Get("synced") == "1");
  CHECK(database.Get("unsynced") == "(none)");
}

TEST_CASE("closing without a crash keeps unsynced writes") {
  SimulatedDisk disk;
  Database database = Open(disk);
  REQUIRE(database.Put("unsynced", "1", /*sync=*/false).ok());
  database.Close();
  database = Open(disk);
  CHECK(database.Get("unsynced") == "1");
}

TEST_CASE("the lock of an open store is held until it is closed or the disk crashes") {
  SimulatedDisk disk;
  Database first = Open(disk);
  Database second;
  CHECK(TryOpen(disk, kDir, false, &second).IsIOError());
  first.Close();
  second = Open(disk);
  disk.Crash();
  Database third = Open(disk);
  second.Close();  // must not release the lock of the third
  Database fourth;
  CHECK(TryOpen(disk, kDir, false, &fourth).IsIOError());
}

TEST_CASE("a store from before the crash can neither bring back data nor disturb its successor") {
  SimulatedDisk disk;
  Database old = Open(disk, kDir, /*flush_on_recovery=*/true);
  REQUIRE(old.Put("synced", "1", /*sync=*/true).ok());
  REQUIRE(old.Put("unsynced", "1", /*sync=*/false).ok());
  disk.Crash();

  Database next = Open(disk, kDir, /*flush_on_recovery=*/true);
  REQUIRE(next.Put("after", "1", /*sync=*/true).ok());
  REQUIRE(next.db->Flush(rocksdb::FlushOptions()).ok());
  // Its destructor flushes the memtable and deletes files that it takes for obsolete.
  CHECK(old.Put("late", "1", /*sync=*/true).IsIOError());
  CHECK_FALSE(old.db->Flush(rocksdb::FlushOptions()).ok());
  old.Close();

  for (int i = 0; i < 2; ++i) {
    CHECK(next.All(0) == Rows{{"after", "1"}, {"synced", "1"}});
    next.Close();
    disk.Crash();
    next = Open(disk);
  }
}

TEST_CASE("a failed sync of the log fails the write and every later one until a restart") {
  SimulatedDisk disk;
  Database database = Open(disk);
  REQUIRE(database.Put("before", "1", /*sync=*/true).ok());
  disk.FailSyncs(1);
  CHECK(database.Put("failed", "1", /*sync=*/true).IsIOError());
  CHECK_FALSE(database.Put("later", "1", /*sync=*/true).ok());

  disk.Crash();
  database = Open(disk);
  CHECK(database.All(0) == Rows{{"before", "1"}});
  CHECK(database.Put("after", "1", /*sync=*/true).ok());
}

TEST_CASE("a crash forgets pending sync failures") {
  SimulatedDisk disk;
  disk.FailSyncs(5);
  disk.Crash();
  Database database = Open(disk);
  CHECK(database.Put("key", "1", /*sync=*/true).ok());
}

TEST_CASE("a checkpoint shares files with its source and lives on its own") {
  SimulatedDisk disk;
  Database database = Open(disk);
  REQUIRE(database.Put("key", "old", /*sync=*/true).ok());
  REQUIRE(database.db->Flush(rocksdb::FlushOptions()).ok());
  REQUIRE(database.Put("in-log", "1", /*sync=*/true).ok());
  Checkpoint(database, "/backup");
  REQUIRE(database.Put("key", "new", /*sync=*/true).ok());

  std::vector<std::string> names;
  REQUIRE(disk.environment().env()->GetChildren("/backup", &names).ok());
  const auto table = std::find_if(names.begin(), names.end(),
                                  [](const auto& name) { return name.ends_with(".sst"); });
  REQUIRE(table != names.end());
  uint64_t links = 0;
  REQUIRE(disk.environment().env()->NumFileLinks("/backup/" + *table, &links).ok());
  CHECK(links == 2);

  database.Close();
  REQUIRE(disk.DeleteDirectory(kDir).ok());
  disk.Crash();
  Database backup = Open(disk, "/backup");
  CHECK(backup.All(0) == Rows{{"in-log", "1"}, {"key", "old"}});
}

TEST_CASE("a copied directory is durable and independent of the original") {
  SimulatedDisk disk;
  Database database = Open(disk);
  REQUIRE(database.Put("key", "old", /*sync=*/false).ok());
  database.Close();
  REQUIRE(disk.CopyDirectory(kDir, "/copy").ok());
  CHECK(absl::IsAlreadyExists(disk.CopyDirectory(kDir, "/copy")));
  CHECK(absl::IsNotFound(disk.CopyDirectory("/nowhere", "/other")));
  database = Open(disk);
  REQUIRE(database.Put("key", "new", /*sync=*/true).ok());

  disk.Crash();
  Database copy = Open(disk, "/copy");
  CHECK(copy.Get("key") == "old");
  database = Open(disk);
  CHECK(database.Get("key") == "new");
}

TEST_CASE("an indexed batch over two families is recovered whole") {
  SimulatedDisk disk;
  Database database = Open(disk);
  rocksdb::WriteBatchWithIndex batch(rocksdb::BytewiseComparator(), 0, /*overwrite_key=*/true);
  REQUIRE(batch.Put(database.families[0], "a", "1").ok());
  REQUIRE(batch.Put(database.families[1], "b", "2").ok());
  REQUIRE(batch.Delete(database.families[0], "c").ok());
  std::string value;
  REQUIRE(batch
              .GetFromBatchAndDB(database.db.get(), rocksdb::ReadOptions(), database.families[1],
                                 "b", &value)
              .ok());
  CHECK(value == "2");
  rocksdb::WriteOptions sync;
  sync.sync = true;
  REQUIRE(database.db->Write(sync, batch.GetWriteBatch()).ok());

  disk.Crash();
  database = Open(disk);
  CHECK(database.All(0) == Rows{{"a", "1"}});
  CHECK(database.All(1) == Rows{{"b", "2"}});
}

TEST_CASE("opening again and again neither grows the disk nor loses a row") {
  SimulatedDisk disk;
  Database database = Open(disk, kDir, /*flush_on_recovery=*/true);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(database.Put(std::to_string(i), "1", /*sync=*/false).ok());
    REQUIRE(database.Put("last", std::to_string(i), /*sync=*/true).ok());
    if (i % 2 == 0) {
      disk.Crash();
    } else {
      database.Close();
    }
    database = Open(disk, kDir, /*flush_on_recovery=*/true);
    REQUIRE(database.All(0).size() == static_cast<size_t>(i) + 2);
  }
  REQUIRE(database.db->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok());
  database.Close();
  database = Open(disk, kDir, /*flush_on_recovery=*/true);
  std::vector<std::string> names;
  REQUIRE(disk.environment().env()->GetChildren(kDir, &names).ok());
  CAPTURE(names);
  CHECK(names.size() < 12);
  CHECK(database.Get("last") == "49");
}

namespace {

// The rows after every batch that may have survived, beside the database.
class Model {
 public:
  struct State {
    Rows rows[2];
  };

  explicit Model(uint64_t seed) : random_(seed) { states_.emplace_back(); }

  // One batch over both families; its number is stored with it.
  void Write(Database& database, SimulatedDisk& disk) {
    State next = states_.back();
    rocksdb::WriteBatch batch;
    const auto put = [&](int family, const std::string& key, std::string value) {
      REQUIRE(batch.Put(database.families[family], key, value).ok());
      next.rows[family][key] = std::move(value);
    };
    const std::string number = std::to_string(states_.size() - 1 + lost_);
    put(0, "number", number);
    for (uint64_t i = random_.Uniform(4); i > 0; --i) {
      const int family = static_cast<int>(random_.Uniform(2));
      const std::string key = "k" + std::to_string(random_.Uniform(20));
      if (random_.Bool(0.2)) {
        REQUIRE(batch.Delete(database.families[family], key).ok());
        next.rows[family].erase(key);
      } else {
        put(family, key, number + std::string(random_.Uniform(300), 'v'));
      }
    }
    rocksdb::WriteOptions options;
    options.sync = random_.Bool(0.4);
    const bool inject = options.sync && random_.Bool(0.05);
    if (inject) disk.FailSyncs(1);
    const rocksdb::Status status = database.db->Write(options, &batch);
    REQUIRE(status.ok() != inject);
    states_.push_back(std::move(next));
    if (status.ok() && options.sync) durable_ = states_.size() - 1;
    failed_ = inject;
  }

  // What the database holds must be the state after one batch, no older than the last durable one.
  void CheckRecovered(Database& database) {
    const Rows found[2] = {database.All(0), database.All(1)};
    size_t at = states_.size();
    while (at > durable_ && !Same(states_[at - 1], found)) --at;
    INFO("batches " << states_.size() << ", durable up to " << durable_);
    REQUIRE(at > durable_);
    lost_ += states_.size() - at;
    states_.resize(at);
    durable_ = at - 1;
    failed_ = false;
  }

  SeededRandom& random() { return random_; }
  bool failed() const { return failed_; }
  size_t lost() const { return lost_; }

 private:
  static bool Same(const State& state, const Rows (&found)[2]) {
    return state.rows[0] == found[0] && state.rows[1] == found[1];
  }

  SeededRandom random_;
  std::vector<State> states_;
  size_t durable_ = 0;
  size_t lost_ = 0;  // batches; keeps their numbers from being used twice
  bool failed_ = false;
};

struct Outcome {
  Rows rows;
  size_t lost;
};

Outcome RunCrashes(uint64_t seed) {
  Model model(seed);
  SimulatedDisk disk;
  SeededRandom& random = model.random();
  Database database = Open(disk);
  Database crashed;
  for (int life = 0; life < 6; ++life) {
    for (uint64_t i = 1 + random.Uniform(25); i > 0 && !model.failed(); --i) {
      model.Write(database, disk);
      if (!model.failed() && random.Bool(0.05)) {
        REQUIRE(database.db->Flush(rocksdb::FlushOptions(), database.families).ok());
      }
    }
    // The crashed store dies before the crash, before its successor opens, or after that.
    const uint64_t order = random.Uniform(3);
    if (order == 0) database.Close();
    disk.Crash(random.Bool(0.8) ? &random : nullptr);
    if (order == 2) crashed = std::move(database);
    database = Open(disk, kDir, random.Bool(0.5));
    model.CheckRecovered(database);
    crashed.Close();
  }
  return {database.All(0), model.lost()};
}

}  // namespace

TEST_CASE("after any crash the database is what it was after some batch since the last sync") {
  size_t lost = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    lost += RunCrashes(seed).lost;
  }
  CHECK(lost > 0);
}

TEST_CASE("a seed replays the same crashes") {
  for (uint64_t seed = 1000; seed < 1010; ++seed) {
    const Outcome first = RunCrashes(seed);
    const Outcome second = RunCrashes(seed);
    CHECK(first.rows == second.rows);
    CHECK(first.lost == second.lost);
  }
}

TEST_CASE("the environment of real disks bounds cache and memtables for the process") {
  const auto environment =
      Environment::OnDisk({.block_cache_bytes = 3 << 20, .write_buffer_bytes = 5 << 20});
  CHECK(environment->env() == rocksdb::Env::Default());
  CHECK(environment->block_cache()->GetCapacity() == 3 << 20);
  CHECK(environment->write_buffers()->buffer_size() == 5 << 20);
  CHECK_FALSE(environment->simulated());
}

}  // namespace frontdesk::store
