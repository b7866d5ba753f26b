#include "libs/store/store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>
#include <catch2/catch.hpp>

#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/store/keys.h"
#include "libs/store/read_pool.h"
#include "libs/store/simulated_disk.h"

using namespace frontdesk;
using namespace frontdesk::store;

namespace {

constexpr uint8_t kRow = 0x20;

// A simulated disk and what is needed to open stores on it.
struct Machine {
  absl::StatusOr<std::unique_ptr<Store>> Open(bool create) {
    return Store::Open({"/data/ticket/0", {"installation", "ticket", 0, 1}, create},
                       disk.environment(), clock.Now(), random);
  }
  absl::Status Restore() {
    return Store::RestoreBackup("/backup", "/data/ticket/0", 1, disk.environment(), clock.Now(),
                                random);
  }

  SimulatedDisk disk;
  SimulatedClock clock;
  SeededRandom random{7};
};

}  // namespace

TEST_CASE("a restore that fails leaves no store, and can be repeated") {
  Machine machine;
  {
    auto store = machine.Open(true);
    REQUIRE(store.ok());
    rocksdb::WriteBatch batch;
    const std::string key = EncodeKey(kRow, "a");
    batch.Put((*store)->Family(key), key, "1");
    REQUIRE((*store)->Write(batch, /*sync=*/true).ok());
    REQUIRE((*store)->Backup("/backup").ok());
  }
  REQUIRE(machine.disk.DeleteDirectory("/data/ticket/0").ok());
  machine.disk.FailSyncs(1);
  REQUIRE_FALSE(machine.Restore().ok());
  CHECK(machine.Open(false).status().code() == absl::StatusCode::kNotFound);

  machine.disk.FailSyncs(0);
  const absl::Status restored = machine.Restore();
  INFO(restored);
  REQUIRE(restored.ok());
  machine.disk.Crash();
  const auto store = machine.Open(false);
  REQUIRE(store.ok());
  CHECK((*store)->epoch() == 2);
  CHECK((*store)->restored());
  REQUIRE((*store)
              ->Read([](const Reader& reader) {
                auto row = reader.Get(EncodeKey(kRow, "a"));
                CHECK((row.ok() && *row == "1"));
                return row.status();
              })
              .ok());
}

TEST_CASE("a restore leaves the backup as it was, also to be restored again") {
  Machine machine;
  {
    auto store = machine.Open(true);
    REQUIRE(store.ok());
    rocksdb::WriteBatch batch;
    const std::string key = EncodeKey(kRow, "a");
    batch.Put((*store)->Family(key), key, std::string(3 << 20, 'x'));
    REQUIRE((*store)->Write(batch, /*sync=*/true).ok());
    REQUIRE((*store)->Backup("/backup").ok());
  }
  const auto files = [&machine] {
    rocksdb::Env* env = machine.disk.environment().env();
    std::map<std::string, std::string> contents;
    std::vector<std::string> names;
    REQUIRE(env->GetChildren("/backup", &names).ok());
    for (const std::string& name : names) {
      if (name == "." || name == "..") continue;
      REQUIRE(rocksdb::ReadFileToString(env, "/backup/" + name, &contents[name]).ok());
    }
    return contents;
  };
  const auto before = files();
  for (int i = 0; i < 2; ++i) {
    REQUIRE(machine.disk.DeleteDirectory("/data/ticket/0").ok());
    const absl::Status restored = machine.Restore();
    INFO(restored);
    REQUIRE(restored.ok());
    machine.disk.Crash();
    const auto store = machine.Open(false);
    REQUIRE(store.ok());
    REQUIRE((*store)
                ->Read([](const Reader& reader) {
                  auto row = reader.Get(EncodeKey(kRow, "a"));
                  CHECK((row.ok() && row->has_value() && (*row)->size() == 3 << 20));
                  return row.status();
                })
                .ok());
    CHECK((files() == before));
  }
}

TEST_CASE("a store whose making was interrupted is made at the next start") {
  Machine machine;
  rocksdb::Env* env = machine.disk.environment().env();
  REQUIRE(env->CreateDirIfMissing("/data").ok());
  REQUIRE(env->CreateDirIfMissing("/data/ticket").ok());
  rocksdb::Options plain;
  plain.env = env;
  plain.create_if_missing = true;
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open(plain, "/data/ticket/0", &raw).ok());
  delete raw;
  CHECK(machine.Open(false).status().code() == absl::StatusCode::kNotFound);
  CHECK(machine.Open(true).ok());
  CHECK(machine.Open(false).ok());
}

TEST_CASE("a read pool that has stopped reads no store") {
  Machine machine;
  const auto store = machine.Open(true);
  REQUIRE(store.ok());
  telemetry::Metrics metrics;
  ReadPool pool({.threads = 1, .queue_max = 4}, metrics);
  int reads = 0;
  absl::Status result = absl::UnknownError("not called");
  const auto read = [&] {
    pool.Read(
        **store, false,
        [&reads](const Reader&) {
          return ++reads % 2 == 0 ? absl::OkStatus()
                                  : Error(absl::StatusCode::kUnavailable, "NOT_IN_MEMORY", "cold");
        },
        [&result](absl::Status status) { result = std::move(status); });
  };
  read();
  pool.Stop();
  CHECK(result.ok());
  CHECK(reads == 2);
  read();
  CHECK(ReasonOf(result) == "SHUTTING_DOWN");
  CHECK(reads == 3);
}

TEST_CASE("a read that may not look at the disk says so of tables that are not open yet") {
  // RocksDB opens only some of many tables at the start. Of the others it says of any key "found",
  // with nothing, when it may not look.
  constexpr int kTables = 24;
  Machine machine;
  const auto key = [](int i) { return EncodeKey(kRow, std::to_string(i)); };
  {
    auto store = machine.Open(true);
    REQUIRE(store.ok());
    for (int i = 0; i < kTables; ++i) {
      rocksdb::WriteBatch batch;
      batch.Put((*store)->Family(key(i)), key(i), "value");
      REQUIRE((*store)->Write(batch, /*sync=*/true).ok());
      REQUIRE((*store)->db()->Flush(rocksdb::FlushOptions(), (*store)->Family(key(i))).ok());
    }
  }
  const auto store = machine.Open(false);
  REQUIRE(store.ok());
  int not_in_memory = 0;
  for (int i = 0; i < kTables; ++i) {
    const absl::Status status =
        (*store)->Read(Store::Tier::kMemoryOnly, /*snapshot=*/true, [&](const Reader& reader) {
          auto row = reader.Get(key(i));
          if (row.ok()) CHECK(*row == "value");
          return row.status();
        });
    if (status.ok()) continue;
    CHECK(ReasonOf(status) == "NOT_IN_MEMORY");
    ++not_in_memory;
  }
  CHECK(not_in_memory > 0);
  for (int i = 0; i < kTables; ++i) {
    REQUIRE((*store)
                ->Read([&](const Reader& reader) {
                  auto row = reader.Get(key(i));
                  CHECK((row.ok() && *row == "value"));
                  return row.status();
                })
                .ok());
  }
}
